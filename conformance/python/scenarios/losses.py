"""The losses, held against torch's own gradients of the adapter as the server gives it out."""

from collections.abc import Callable

import tinker
import torch
from peft import PeftModel
from tinker import types
from tinker.types import TensorData
from tinker_cookbook.preference.train_dpo import compute_dpo_loss
from traced_losses import COLUMNS, TRACED

from .adapters import base, checkpoint, downloaded, read
from .common import (
    UNTIED,
    VOCABULARY,
    apart,
    datum,
    logprobs,
    refusal,
    run,
    scores,
    sequence,
    service,
    train,
)

CLIPS = {"clip_low_threshold": 0.7, "clip_high_threshold": 1.3}
STILL = types.AdamParams(learning_rate=0.0)
PROMPT = sequence(21, 8)
SAMPLED_FROM = len(PROMPT) - 1
TEXTS = [sequence(seed, length) for seed, length in ((22, 14), (23, 6), (24, 19))]


def importance_sampling(lp: torch.Tensor, q: torch.Tensor, advantages: torch.Tensor) -> torch.Tensor:
    return -((lp - q).exp() * advantages).sum()


def ppo(lp: torch.Tensor, q: torch.Tensor, advantages: torch.Tensor) -> torch.Tensor:
    ratio = (lp - q).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(0.7, 1.3) * advantages).sum()


def cispo(lp: torch.Tensor, q: torch.Tensor, advantages: torch.Tensor) -> torch.Tensor:
    return -((lp - q).exp().clamp(0.7, 1.3).detach() * lp * advantages).sum()


def dro(lp: torch.Tensor, q: torch.Tensor, advantages: torch.Tensor) -> torch.Tensor:
    return -(lp * advantages - 0.15 * (lp - q).square()).sum()


def gspo(lp: torch.Tensor, q: torch.Tensor, advantages: torch.Tensor) -> torch.Tensor:
    """The prompt does not count for the ratio of a sequence, and has no advantage either."""
    sequence = (lp.detach() - q)[SAMPLED_FROM:].mean().exp()
    ratio = sequence * (lp - lp.detach()).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(0.2, 1.01) * advantages).sum()


POLICY_LOSSES = {
    "importance_sampling": (importance_sampling, None),
    "ppo": (ppo, CLIPS),
    "cispo": (cispo, CLIPS),
    "dro": (dro, {"beta": 0.3}),
    "gspo": (gspo, {"clip_low_threshold": 0.2, "clip_high_threshold": 1.01}),
}


class Reference:
    """A run's adapter in peft, as it is now."""

    def __init__(self, training: tinker.TrainingClient, name: str) -> None:
        adapter = str(downloaded(training, name))
        self.model = PeftModel.from_pretrained(base(checkpoint("untied")), adapter, is_trainable=True).eval()

    def table(self, tokens: list[int]) -> torch.Tensor:
        """The log-probability of every token after each of these."""
        return torch.log_softmax(self.model(input_ids=torch.tensor([tokens])).logits[0], dim=-1)

    def logprobs(self, tokens: list[int]) -> torch.Tensor:
        return self.table(tokens[:-1]).gather(1, torch.tensor(tokens[1:])[:, None])[:, 0]

    def norm(self, loss: torch.Tensor) -> float:
        """Of the loss's gradient by every factor together."""
        self.model.zero_grad()
        loss.backward()
        grads = [each.grad for each in self.model.parameters() if each.grad is not None]
        return torch.linalg.vector_norm(torch.cat([grad.flatten() for grad in grads])).item()


def norm(training: tinker.TrainingClient) -> float:
    """Of what passes added up; a step of no length takes it away."""
    return training.optim_step(STILL).result().metrics["grad_norm"]


def masked(each: types.Datum) -> types.Datum:
    """The same, and which of its tokens were sampled."""
    length = each.model_input.length
    mask = [0.0] * SAMPLED_FROM + [1.0] * (length - SAMPLED_FROM)
    inputs = {**each.loss_fn_inputs, "sequence_ratio_mask": mask}
    return types.Datum(model_input=each.model_input, loss_fn_inputs=inputs)


def relative(ours: float, theirs: float) -> float:
    return abs(ours - theirs) / abs(theirs)


def losses_of_policy_gradients() -> dict:
    """Some steps after sampling, so that the ratios have moved and some are clipped."""
    facts: dict = {"losses": [], "loss": [], "norm": [], "logprobs": []}
    with service() as client:
        training = run(client, seed=31)
        train(training, 1)
        sampler = training.save_weights_and_get_sampling_client().result()
        params = types.SamplingParams(max_tokens=12, seed=1, stop=[])
        prompt = types.ModelInput.from_ints(PROMPT)
        texts = [PROMPT + each.tokens for each in sampler.sample(prompt, 4, params).result().sequences]
        qs = [scores(sampler, text) for text in texts]
        advantages = [[0.0] * 7 + [sign * (0.5 + i / 10) for i in range(12)] for sign in (1, -1, 1, -1)]
        data = [datum(text, logprobs=q, advantages=a) for text, q, a in zip(texts, qs, advantages)]
        on_policy = training.forward(data, "importance_sampling").result().metrics["loss:sum"]
        training.forward_backward(data, "importance_sampling")
        training.optim_step(types.AdamParams(learning_rate=0.003)).result()
        reference = Reference(training, "policy")
        for name, (function, config) in POLICY_LOSSES.items():
            if name == "gspo":
                data = [masked(each) for each in data]
            output = training.forward_backward(data, name, config).result()
            lps = [reference.logprobs(text) for text in texts]
            loss = sum(function(lp, torch.tensor(q), torch.tensor(a)) for lp, q, a in zip(lps, qs, advantages))
            heard = [each["logprobs"].tolist() for each in output.loss_fn_outputs]
            facts["losses"].append(name)
            facts["loss"].append(relative(output.metrics["loss:sum"], loss.item()))
            facts["norm"].append(relative(norm(training), reference.norm(loss)))
            facts["logprobs"].append(max(apart(lp.tolist(), ours) for lp, ours in zip(lps, heard)))
        ratios = torch.cat([(lp.detach() - torch.tensor(q)).exp() for lp, q in zip(lps, qs)])
        facts["clipped"] = ((ratios < 0.7) | (ratios > 1.3)).float().mean().item()
        facts["on_policy"] = abs(on_policy + sum(map(sum, advantages)))
    return facts


def what_lists_become() -> dict:
    """Whole numbers where fractions are meant, no weights at all, sparse weights of dense targets, tables of one column."""
    text = TEXTS[0]
    whole = [1, -2] * 6 + [0]
    with service() as client:
        training = run(client, seed=34)
        train(training, 1)

        def loss(name: str, **inputs: object) -> types.ForwardBackwardOutput:
            given = {"target_tokens": torch.tensor(text[1:]), **inputs}
            each = types.Datum(model_input=types.ModelInput.from_ints(text[:-1]), loss_fn_inputs=given)
            return training.forward_backward([each], name).result()

        lp = torch.tensor(logprobs(training, text))
        q = lp - 0.1
        integers = TensorData(data=whole, dtype="int64", shape=[len(whole)])
        policy = loss("importance_sampling", logprobs=q, advantages=integers)
        bare = loss("cross_entropy")
        targets = torch.tensor(text[1:])[:, None].repeat(1, 8)
        weights = torch.zeros(targets.shape)
        weights[::3, 0] = 0.5
        spread = loss("cross_entropy", target_tokens=TensorData.from_torch(targets), weights=weights)
        column = loss("cross_entropy", target_tokens=TensorData.from_torch(targets[:, :1]), weights=weights[:, :1])
        return {
            "whole": relative(policy.metrics["loss:sum"], -(torch.tensor(whole) * torch.tensor(0.1).exp()).sum().item()),
            "bare": relative(bare.metrics["loss:sum"], -lp.sum().item()),
            "spread": relative(spread.metrics["loss:sum"], -0.5 * lp[::3].sum().item()),
            "column": relative(column.metrics["loss:sum"], -0.5 * lp[::3].sum().item()),
            "shapes": str([list(each.loss_fn_outputs[0]["logprobs"].shape) for each in (bare, spread, column)]),
            "unsupported": refusal(lambda: loss("stable_reinforce")),
            "goes_on": loss("cross_entropy").metrics["loss:sum"] == bare.metrics["loss:sum"],
        }


def custom_losses() -> dict:
    """The client computes the loss, the server its gradient; once as a function, once as a traced one."""

    def by_batch(data: list[types.Datum], logprobs: list[torch.Tensor]) -> tuple[torch.Tensor, dict[str, float]]:
        margin = logprobs[0].mean() - logprobs[1].mean()
        return logprobs[2].square().sum() - torch.nn.functional.logsigmoid(0.1 * margin), {"margin": margin.item()}

    def by_datum(logprobs: torch.Tensor, weights: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        loss = (weights * logprobs.exp()).sum()
        return loss, {"custom/likelihood:sum": loss}

    data = [datum(text) for text in TEXTS]
    with service() as client:
        training = run(client, seed=32)
        train(training, 2, data)
        reference = Reference(training, "custom")

        def compared(output: types.ForwardBackwardOutput, function: Callable[[list], torch.Tensor]) -> list[float]:
            loss = function([reference.logprobs(text) for text in TEXTS])
            return [relative(output.metrics["loss:sum"], loss.item()), relative(norm(training), reference.norm(loss))]

        first = training.forward_backward_custom(data, by_batch).result()
        function = compared(first, lambda lps: by_batch(data, lps)[0])
        handle = client.create_custom_loss(by_datum, {"logprobs": 1, "weights": 1}).result()
        second = training.forward_backward_custom(data, handle).result()
        traced = compared(second, lambda lps: sum(lp.exp().sum() for lp in lps))
        return {"function": function, "traced": traced, "metrics": sorted({**first.metrics, **second.metrics})}


def preferences() -> dict:
    """The cookbook's DPO, which is computed by the client: two good answers and two bad ones, against the base."""
    with service() as client:
        training = run(client, seed=35)
        data = [datum(text) for text in TEXTS + [sequence(26, 11)]]
        references = [torch.tensor(logprobs(training, text)) for text in TEXTS + [sequence(26, 11)]]
        train(training, 2, data[:2])
        model = Reference(training, "dpo")

        def dpo(lps: list[torch.Tensor]) -> tuple[torch.Tensor, dict[str, float]]:
            sums = [lp.sum() for lp in lps]
            kept = [reference.sum() for reference in references]
            return compute_dpo_loss(sums[:2], sums[2:], kept[:2], kept[2:], dpo_beta=0.1)

        output = training.forward_backward_custom(data, lambda _, lps: dpo(lps)).result()
        loss, metrics = dpo([model.logprobs(text) for text in TEXTS + [sequence(26, 11)]])
        return {
            "loss": relative(output.metrics["loss:sum"], loss.item()),
            "norm": relative(norm(training), model.norm(loss)),
            "margin": relative(output.metrics["margin"], metrics["margin"]),
        }


def tables_of_the_clients_own() -> dict:
    """A function of the client's on several targets per position, and on a table of one column."""
    generator = torch.Generator().manual_seed(2)
    facts: dict = {"loss": [], "norm": [], "shapes": []}
    with service() as client:
        training = run(client, seed=36)
        train(training, 2)
        reference = Reference(training, "tables")
        for columns in (4, 1):
            targets = [torch.randint(3, VOCABULARY, (len(text), columns), generator=generator) for text in TEXTS]
            likely = [torch.softmax(torch.randn(each.shape, generator=generator), -1) for each in targets]
            data = [
                types.Datum(
                    model_input=types.ModelInput.from_ints(text),
                    loss_fn_inputs={"target_tokens": TensorData.from_torch(each)},
                )
                for text, each in zip(TEXTS, targets)
            ]

            def loss(lps: list[torch.Tensor]) -> torch.Tensor:
                return sum(-(q * lp).sum() + lp.exp().square().sum() for q, lp in zip(likely, lps))

            shapes = []
            output = training.forward_backward_custom(
                data, lambda _, lps: (shapes.extend(list(lp.shape) for lp in lps) or loss(lps), {})
            ).result()
            found = loss([reference.table(text).gather(1, each) for text, each in zip(TEXTS, targets)])
            facts["loss"].append(relative(output.metrics["loss:sum"], found.item()))
            facts["norm"].append(relative(norm(training), reference.norm(found)))
            facts["shapes"].append(shapes == [[len(text), columns] for text in TEXTS])
    return facts


def uploaded_losses() -> dict:
    """Traced by the client, computed by the server: each against torch, through the run's adapter in peft."""
    facts: dict = {"names": [], "loss": [], "norm": [], "metrics": [], "uploaded": []}
    generator = torch.Generator().manual_seed(3)
    with service() as client:
        training = run(client, seed=37)
        train(training, 2)
        reference = Reference(training, "uploaded")
        for loss in TRACED:
            handle = client.create_custom_loss(loss.function, loss.ranks).result()
            wide = loss.ranks["logprobs"] == 2
            data, total, metrics = [], torch.zeros(()), {}
            for text in TEXTS:
                shape = (len(text), COLUMNS) if wide else (len(text),)
                targets = torch.randint(3, VOCABULARY, shape, generator=generator)
                table = reference.table(text)
                lp = table.gather(1, targets if wide else targets[:, None]).reshape(shape)
                inputs = loss.beside(lp.detach(), generator)
                given = {"target_tokens": targets, **inputs}
                data.append(
                    types.Datum(
                        model_input=types.ModelInput.from_ints(text),
                        loss_fn_inputs={name: TensorData.from_torch(value) for name, value in given.items()},
                    )
                )
                value, found = handle.graph(lp, *inputs.values())
                total = total + value
                metrics = {key: metrics.get(key, 0.0) + each.detach().item() for key, each in found.items()}
            metrics = {key: each / len(TEXTS) if key.endswith(":mean") else each for key, each in metrics.items()}
            output = training.forward_backward_custom(data, handle).result()
            facts["names"].append(handle.name)
            facts["uploaded"].append(handle.loss_id is not None)
            facts["loss"].append(relative(output.metrics["loss:sum"], total.item()))
            facts["norm"].append(relative(norm(training), reference.norm(total)))
            facts["metrics"] += [abs(output.metrics[key] - each) / (1 + abs(each)) for key, each in metrics.items()]
    return facts


def losses_that_are_refused() -> dict:
    """When they are uploaded, by name; and those of another session, and what does not fit when it is computed."""

    def likelihood(logprobs: torch.Tensor, weights: torch.Tensor) -> tuple[torch.Tensor, dict]:
        return -(logprobs * weights).sum(), {}

    def spectrum(logprobs: torch.Tensor) -> tuple[torch.Tensor, dict]:
        return torch.fft.fft(logprobs).abs().sum(), {}

    def in_place(logprobs: torch.Tensor) -> tuple[torch.Tensor, dict]:
        return logprobs.exp().add_(1).sum(), {}

    def at_random(logprobs: torch.Tensor) -> tuple[torch.Tensor, dict]:
        return (logprobs * torch.rand_like(logprobs)).sum(), {}

    def coarse(logprobs: torch.Tensor) -> tuple[torch.Tensor, dict]:
        return logprobs.to(torch.float16).sum(), {}

    def weights_alone(logprobs: torch.Tensor, weights: torch.Tensor) -> tuple[torch.Tensor, dict]:
        return weights.sum(), {}

    def misfit(logprobs: torch.Tensor, weights: torch.Tensor) -> tuple[torch.Tensor, dict]:
        return (logprobs[:-1] * weights).sum(), {}

    def enormous(logprobs: torch.Tensor) -> tuple[torch.Tensor, dict]:
        table = logprobs[:, None, None, None, None] * logprobs[:, None, None, None] * logprobs[:, None, None]
        return (table * logprobs[:, None] * logprobs).sum(), {}

    one, two = {"logprobs": 1}, {"logprobs": 1, "weights": 1}
    data = [datum(TEXTS[2])]
    with service() as other:
        elsewhere = other.create_custom_loss(likelihood, two).result().loss_id
    with service() as client:
        training = run(client, seed=38)
        facts = {
            fn.__name__: refusal(lambda: client.create_custom_loss(fn, ranks).result())
            for fn, ranks in ((spectrum, one), (in_place, one), (at_random, one), (coarse, one), (weights_alone, two))
        }
        for fn, ranks in ((misfit, two), (enormous, one)):
            handle = client.create_custom_loss(fn, ranks).result()
            facts[fn.__name__] = refusal(lambda: training.forward_backward_custom(data, handle).result())
        dead = {"loss_id": elsewhere}
        facts["elsewhere"] = refusal(lambda: training.forward_backward(data, "custom", dead).result())
        facts["nameless"] = refusal(lambda: training.forward_backward(data, "custom").result())
        number = {"loss_id": 1.0}
        facts["number"] = refusal(lambda: training.forward_backward(data, "custom", number).result())
        handle = client.create_custom_loss(likelihood, two).result()
        passed = training.forward_backward_custom(data, handle).result().metrics["loss:sum"]
        facts["goes_on"] = relative(passed, training.forward(data, "cross_entropy").result().metrics["loss:sum"])
        return facts


def several_targets_at_each_position() -> dict:
    """Dense, and so thin that the client sends the values that are not zero alone."""
    generator = torch.Generator().manual_seed(1)
    facts: dict = {"loss": [], "norm": [], "logprobs": [], "shape": []}
    with service() as client:
        training = run(client, seed=33)
        train(training, 2)
        reference = Reference(training, "wide")
        for columns, kept in ((3, 1.0), (24, 0.1)):
            data, loss, cells = [], torch.zeros(()), []
            for text in TEXTS:
                shape = (len(text), columns)
                targets = torch.randint(3, VOCABULARY, shape, generator=generator)
                weights = torch.rand(shape, generator=generator) * (torch.rand(shape, generator=generator) < kept)
                targets = torch.where(weights > 0, targets, 0)
                inputs = {"target_tokens": TensorData.from_torch(targets), "weights": TensorData.from_torch(weights)}
                data.append(types.Datum(model_input=types.ModelInput.from_ints(text), loss_fn_inputs=inputs))
                cells.append((reference.table(text).gather(1, targets), weights > 0))
                loss = loss - (weights * cells[-1][0]).sum()
            output = training.forward_backward(data, "cross_entropy").result()
            heard = [each["logprobs"].to_torch() for each in output.loss_fn_outputs]
            facts["loss"].append(relative(output.metrics["loss:sum"], loss.item()))
            facts["norm"].append(relative(norm(training), reference.norm(loss)))
            facts["logprobs"] += [
                (theirs - ours)[listed].abs().max().item() for (theirs, listed), ours in zip(cells, heard)
            ]
            facts["shape"] += [list(ours.shape) == [len(text), columns] for ours, text in zip(heard, TEXTS)]
    return facts


def likeliest_tokens() -> dict:
    """At each position of a prompt, and of what is sampled; the lesson of a teacher, taught."""
    k = 5
    with service() as client:
        sampler = client.create_sampling_client(base_model=UNTIED).result()
        prompt = types.ModelInput.from_ints(TEXTS[2])
        params = types.SamplingParams(max_tokens=6, temperature=0.0, stop=[])
        said = sampler.sample(
            prompt, 1, params, include_prompt_logprobs=True, topk_prompt_logprobs=k, topk_sample_logprobs=2
        ).result()
        rows = said.topk_prompt_logprobs[1:]
        with torch.no_grad():
            model = base(checkpoint("untied"))
            table = torch.log_softmax(model(input_ids=torch.tensor([TEXTS[2]])).logits[0, :-1], dim=-1)
        best = table.topk(k)
        last = sampler.compute_logprobs(prompt, prompt_logprobs_last_n=4).result()
        greedy = said.sequences[0]
        return {
            "first": said.topk_prompt_logprobs[0] is None and said.prompt_logprobs[0] is None,
            "ids": [[token for token, _ in row] for row in rows] == best.indices.tolist(),
            "logprobs": max(apart([lp for _, lp in row], those) for row, those in zip(rows, best.values.tolist())),
            "prompt": apart(said.prompt_logprobs[1:], read(model, TEXTS[2])),
            "last": [lp is not None for lp in last] == [False] * (len(TEXTS[2]) - 4) + [True] * 4,
            "last_values": apart(last[-4:], said.prompt_logprobs[-4:]),
            "greedy": [row[0][0] for row in greedy.topk_logprobs] == greedy.tokens,
            "greedy_logprobs": apart([row[0][1] for row in greedy.topk_logprobs], greedy.logprobs),
        }
