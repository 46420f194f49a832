"""Losses of a client's own, as people write them; each is traced, uploaded and interpreted."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

Inputs = dict[str, Tensor]
Returned = tuple[Tensor, dict[str, Tensor]]
COLUMNS = 4


@dataclass(frozen=True)
class Traced:
    """A loss, the ranks of what it reads, and the lengths of sequence it is tried on."""

    function: Callable[..., Returned]
    ranks: dict[str, int]
    lengths: tuple[int, ...] = (1, 6, 31)

    def data(self, length: int, random: torch.Generator) -> tuple[Tensor, Inputs]:
        """Something for each input, by its name."""
        shape = (length, COLUMNS) if self.ranks["logprobs"] == 2 else (length,)
        lp = -0.05 - 4 * torch.rand(shape, generator=random)
        return lp, self.beside(lp, random)

    def beside(self, lp: Tensor, random: torch.Generator) -> Inputs:
        """What goes with these log-probabilities."""
        return {name: self._input(name, rank, len(lp), lp, random) for name, rank in list(self.ranks.items())[1:]}

    @staticmethod
    def _input(name: str, rank: int, length: int, lp: Tensor, random: torch.Generator) -> Tensor:
        shape: tuple[int, ...] = ((), (length,), (length, COLUMNS))[rank]
        if name == "old":
            return lp + 0.4 * torch.randn(shape, generator=random)
        if name == "group":
            return torch.randint(0, 3, shape, generator=random)
        if name in ("mask", "chosen", "weights"):
            mask = (torch.rand(shape, generator=random) > 0.4).float()
            mask[..., -1] = 1
            return mask
        if name == "likely":
            return torch.softmax(torch.randn(shape, generator=random), -1)
        return torch.randn(shape, generator=random)


def likelihood(logprobs: Tensor, weights: Tensor) -> Returned:
    loss = -(logprobs * weights).sum()
    return loss, {"custom/nll:sum": loss, "custom/tokens:sum": weights.sum()}


def pairwise_dpo(logprobs: Tensor, chosen: Tensor, margin: Tensor) -> Returned:
    """One datum holds both completions; `chosen` says which tokens are whose, `margin` is the reference's."""
    ours = (logprobs * chosen).sum() - (logprobs * (1 - chosen)).sum()
    logits = 0.1 * (ours - margin)
    return -F.logsigmoid(logits), {"custom/accuracy:mean": (logits > 0).float(), "custom/margin:mean": logits}


def simple_preference(logprobs: Tensor, chosen: Tensor) -> Returned:
    """SimPO: means instead of sums, a target margin, no reference."""
    good = (logprobs * chosen).sum() / chosen.sum().clamp(min=1)
    bad = (logprobs * (1 - chosen)).sum() / (1 - chosen).sum().clamp(min=1.0)
    return F.softplus(-(2.0 * (good - bad) - 0.5)), {}


def identity_preference(logprobs: Tensor, chosen: Tensor, margin: Tensor) -> Returned:
    signs = 2 * chosen - 1
    return ((signs * logprobs).mean() - margin - 1 / (2 * 0.1)) ** 2, {}


def clipped_policy(logprobs: Tensor, old: Tensor, advantages: Tensor, mask: Tensor) -> Returned:
    ratio = torch.exp(logprobs - old)
    gain = torch.min(ratio * advantages, torch.clamp(ratio, 1 - 0.2, 1 + 0.28) * advantages)
    outside = ((ratio < 0.8) | (ratio > 1.28)).float()
    kl = torch.expm1(old - logprobs) - (old - logprobs)
    loss = -(gain * mask).sum() / mask.sum() + 0.05 * (kl * mask).sum() / mask.sum()
    return loss, {"custom/clipped:mean": (outside * mask).sum() / mask.sum(), "custom/kl:mean": kl.mean()}


def masked_mean(logprobs: Tensor, mask: Tensor) -> Returned:
    counted = torch.where(mask > 0.5, logprobs, torch.zeros_like(logprobs))
    return -counted.sum() / mask.sum(), {}


def chosen_tokens_only(logprobs: Tensor, mask: Tensor) -> Returned:
    kept = logprobs[mask.bool()]
    return -kept.mean() + 0.1 * kept.exp().sum(), {"custom/kept:sum": kept.detach().sum()}


def entropy_of_candidates(logprobs: Tensor, weights: Tensor) -> Returned:
    renormalised = logprobs - torch.logsumexp(logprobs, dim=-1, keepdim=True)
    entropy = -(renormalised.exp() * renormalised).sum(dim=-1)
    return -(weights * entropy).sum(), {"custom/entropy:mean": entropy.mean()}


def distillation(logprobs: Tensor, likely: Tensor) -> Returned:
    return F.kl_div(F.log_softmax(logprobs, dim=-1), likely, reduction="sum"), {}


def reverse_distillation(logprobs: Tensor, likely: Tensor) -> Returned:
    student = torch.log_softmax(logprobs, 1)
    return (student.exp() * (student - likely.log())).sum(1).mean(), {}


def jensen_shannon(logprobs: Tensor, likely: Tensor) -> Returned:
    p, q = logprobs.softmax(-1), likely
    middle = 0.5 * (p + q)
    return 0.5 * (p * (p / middle).log() + q * (q / middle).log()).sum(), {}


def focal(logprobs: Tensor, weights: Tensor) -> Returned:
    return -(weights * (1 - logprobs.exp()).pow(2.0) * logprobs).sum(), {}


def unlikelihood(logprobs: Tensor, mask: Tensor) -> Returned:
    wrong = torch.log1p(-logprobs.exp().clamp(max=1 - 1e-6))
    return -(mask * logprobs + (1.0 - mask) * wrong).sum(), {}


def standardised_advantages(logprobs: Tensor, advantages: Tensor, old: Tensor) -> Returned:
    scaled = (advantages - advantages.mean()) / (advantages.std(unbiased=False) + 1e-6)
    return -(torch.exp(logprobs - old.detach()) * scaled).mean(), {"custom/spread:mean": advantages.var(correction=0)}


def variance_of_likelihood(logprobs: Tensor) -> Returned:
    return logprobs.var() + logprobs.std() - 0.1 * logprobs.mean(), {}


def discounted_future(logprobs: Tensor, rewards: Tensor) -> Returned:
    to_go = rewards.flip(0).cumsum(0).flip(0)
    steps = torch.arange(logprobs.shape[0], dtype=logprobs.dtype)
    return -(logprobs * to_go * 0.9**steps).sum() / logprobs.numel(), {}


def smooth_over_neighbours(logprobs: Tensor) -> Returned:
    steps = logprobs[1:] - logprobs[:-1]
    return steps.square().sum() + F.huber_loss(logprobs, logprobs.detach() + 0.5, delta=0.3), {}


def best_and_worst(logprobs: Tensor, weights: Tensor) -> Returned:
    best = logprobs.max(dim=-1)
    worst, _ = logprobs.min(dim=0).values, None
    return (best.values * weights).sum() - worst.sum() + logprobs.amax(), {"custom/best:mean": best.indices.float().mean()}


def of_groups(logprobs: Tensor, group: Tensor, scale: Tensor) -> Returned:
    one_hot = F.one_hot(group, 3).to(logprobs.dtype)
    sums = one_hot.transpose(0, 1) @ logprobs
    return scale * torch.tanh(sums).sum() + torch.sigmoid(sums.max()), {"custom/largest:mean": sums.abs().max()}


def rebuilt(logprobs: Tensor, weights: Tensor) -> Returned:
    pair = torch.stack([logprobs, weights * logprobs.exp()], dim=-1)
    row = torch.cat([pair[:, 0], pair[:, 1].unsqueeze(0).squeeze(0), pair.reshape(-1)[:1]])
    table = pair.view(-1, 2).expand(logprobs.size(0), 2).permute(1, 0)
    return row.square().sum().sqrt() + table[-1, ...].sum() + torch.maximum(row, -row.flip(0)).sum() / 3, {}


def with_mathematics(logprobs: Tensor, weights: Tensor) -> Returned:
    scale = 1 / math.sqrt(2 * math.pi)
    density = scale * torch.exp(-0.5 * (logprobs + 1.0).square())
    rare = torch.rsqrt(1 + weights.abs()) + torch.erf(logprobs) + torch.logaddexp(logprobs, weights)
    return -(density * rare).sum() / logprobs.shape[-1] ** 0.5, {}


def hinge(logprobs: Tensor, floor: Tensor) -> Returned:
    below = F.relu(floor - logprobs.mean()) + (logprobs + 2.0).clamp_min(0).sum() * 0.01
    return below + 0.01 * torch.nan_to_num(logprobs).abs().sum(), {"custom/below:sum": below}


def ranked(logprobs: Tensor) -> Returned:
    ordered = logprobs.sort(descending=True)
    top = logprobs.topk(1)
    return -(ordered[0] / (1.0 + torch.arange(logprobs.numel()))).sum() - top.values.sum(), {}


TRACED = [
    Traced(likelihood, {"logprobs": 1, "weights": 1}),
    Traced(pairwise_dpo, {"logprobs": 1, "chosen": 1, "margin": 0}),
    Traced(simple_preference, {"logprobs": 1, "chosen": 1}),
    Traced(identity_preference, {"logprobs": 1, "chosen": 1, "margin": 0}),
    Traced(clipped_policy, {"logprobs": 1, "old": 1, "advantages": 1, "mask": 1}),
    Traced(masked_mean, {"logprobs": 1, "mask": 1}),
    Traced(chosen_tokens_only, {"logprobs": 1, "mask": 1}),
    Traced(entropy_of_candidates, {"logprobs": 2, "weights": 1}),
    Traced(distillation, {"logprobs": 2, "likely": 2}),
    Traced(reverse_distillation, {"logprobs": 2, "likely": 2}),
    Traced(jensen_shannon, {"logprobs": 2, "likely": 2}),
    Traced(focal, {"logprobs": 1, "weights": 1}),
    Traced(unlikelihood, {"logprobs": 1, "mask": 1}),
    Traced(standardised_advantages, {"logprobs": 1, "advantages": 1, "old": 1}),
    Traced(variance_of_likelihood, {"logprobs": 1}, lengths=(2, 6, 31)),
    Traced(discounted_future, {"logprobs": 1, "rewards": 1}),
    Traced(smooth_over_neighbours, {"logprobs": 1}),
    Traced(best_and_worst, {"logprobs": 2, "weights": 1}),
    Traced(of_groups, {"logprobs": 1, "group": 1, "scale": 0}),
    Traced(rebuilt, {"logprobs": 1, "weights": 1}),
    Traced(with_mathematics, {"logprobs": 1, "weights": 1}),
    Traced(hinge, {"logprobs": 1, "floor": 0}),
    Traced(ranked, {"logprobs": 1}),
]
