"""Makes conformance/golden/losses anew: the losses and their gradients as PyTorch's autograd finds them.

All of it in fp64 from inputs that are exact in fp32. `builtin.json` has the losses that the protocol names,
`traced.json` losses of a client's own as the official client traces and encodes them.
"""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from tinker import types
from tinker.lib.public_interfaces.custom_loss import encode_graph, trace_loss
from traced_losses import TRACED, Traced
from traced_operators import EACH

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "losses"
Inputs = dict[str, torch.Tensor]


def cross_entropy(lp: torch.Tensor, inputs: Inputs, _: dict[str, float]) -> torch.Tensor:
    return -(inputs["weights"] * lp).sum() if "weights" in inputs else -lp.sum()


def importance_sampling(lp: torch.Tensor, inputs: Inputs, _: dict[str, float]) -> torch.Tensor:
    return -((lp - inputs["logprobs"]).exp() * inputs["advantages"]).sum()


def clipped(ratio: torch.Tensor, advantages: torch.Tensor, config: dict[str, float]) -> torch.Tensor:
    low, high = config.get("clip_low_threshold", 0.8), config.get("clip_high_threshold", 1.2)
    return -torch.minimum(ratio * advantages, ratio.clamp(low, high) * advantages).sum()


def ppo(lp: torch.Tensor, inputs: Inputs, config: dict[str, float]) -> torch.Tensor:
    return clipped((lp - inputs["logprobs"]).exp(), inputs["advantages"], config)


def cispo(lp: torch.Tensor, inputs: Inputs, config: dict[str, float]) -> torch.Tensor:
    low, high = config.get("clip_low_threshold", 0.0), config.get("clip_high_threshold", 4.0)
    ratio = (lp - inputs["logprobs"]).exp().clamp(low, high).detach()
    return -(ratio * lp * inputs["advantages"]).sum()


def dro(lp: torch.Tensor, inputs: Inputs, config: dict[str, float]) -> torch.Tensor:
    apart = lp - inputs["logprobs"]
    return -(lp * inputs["advantages"] - 0.5 * config.get("beta", 0.05) * apart.square()).sum()


def gspo(lp: torch.Tensor, inputs: Inputs, config: dict[str, float]) -> torch.Tensor:
    counted = inputs["sequence_ratio_mask"] != 0
    sequence = (lp.detach() - inputs["logprobs"])[counted].mean().exp()
    return clipped(sequence * (lp - lp.detach()).exp(), inputs["advantages"], config)


POLICY = {"importance_sampling": importance_sampling, "ppo": ppo, "cispo": cispo, "dro": dro, "gspo": gspo}
CONFIGS: dict[str, list[dict[str, float]]] = {
    "importance_sampling": [{}],
    "ppo": [{}, {"clip_low_threshold": 0.6}, {"clip_low_threshold": 0.9, "clip_high_threshold": 1.05}],
    "cispo": [{}, {"clip_low_threshold": 0.7, "clip_high_threshold": 1.3}],
    "dro": [{}, {"beta": 0.0}, {"beta": 0.7}],
    "gspo": [{}, {"clip_low_threshold": 0.95, "clip_high_threshold": 1.02}],
}


def main() -> None:
    GOLDEN.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    random = torch.Generator().manual_seed(500)
    write(GOLDEN / "builtin.json", builtin(random))
    write(GOLDEN / "traced.json", [traced(loss, random) for loss in TRACED])
    write(GOLDEN / "operators.json", [operator(expression) for expression in EACH])


def builtin(random: torch.Generator) -> list[dict[str, Any]]:
    cases = []
    for shape in [(1,), (7,), (40,), (5, 3), (9, 1)]:
        lp = -4 * torch.rand(shape, generator=random)
        weights = torch.randn(shape, generator=random) * (torch.rand(shape, generator=random) > 0.3)
        for name, inputs in [("weighted", {"weights": weights}), ("bare", {}), ("zeros", {"weights": 0 * weights})]:
            cases.append(case("cross_entropy", cross_entropy, name, {}, lp, inputs))
    for name, function in POLICY.items():
        for config in CONFIGS[name]:
            for length in (1, 12, 60):
                lp, inputs = policy(length, random)
                cases.append(case(name, function, "random", config, lp, inputs))
                inputs = {**inputs, "advantages": 0 * inputs["advantages"]}
                cases.append(case(name, function, "no advantages", config, lp, inputs))
    lp, inputs = policy(12, random)
    on_policy = {**inputs, "logprobs": lp.clone()}
    for name, function in POLICY.items():
        cases.append(case(name, function, "on policy", {}, lp, on_policy))
    # On an edge itself autograd's answer is one of several that are right, and not every torch gives the same.
    for name in ("ppo", "cispo", "gspo"):
        for edge in ({"clip_low_threshold": 1.0 - 1e-9}, {"clip_high_threshold": 1.0 + 1e-9}):
            cases.append(case(name, POLICY[name], "inside an edge", edge, lp, on_policy))
        for edge in ({"clip_low_threshold": 1.0 + 1e-9}, {"clip_high_threshold": 1.0 - 1e-9}):
            cases.append(case(name, POLICY[name], "outside an edge", edge, lp, on_policy))
    return cases


def policy(length: int, random: torch.Generator) -> tuple[torch.Tensor, Inputs]:
    lp = -4 * torch.rand(length, generator=random)
    mask = (torch.rand(length, generator=random) > 0.4).float()
    mask[-1] = 1
    q = lp + 0.4 * torch.randn(length, generator=random)
    return lp, {"logprobs": q, "advantages": torch.randn(length, generator=random), "sequence_ratio_mask": mask}


def case(
    name: str,
    function: Callable[[torch.Tensor, Inputs, dict[str, float]], torch.Tensor],
    about: str,
    config: dict[str, float],
    lp: torch.Tensor,
    inputs: Inputs,
) -> dict[str, Any]:
    if name != "gspo":
        inputs = {key: value for key, value in inputs.items() if key != "sequence_ratio_mask"}
    leaf = lp.double().requires_grad_()
    loss = function(leaf, {key: value.double() for key, value in inputs.items()}, config)
    loss.backward()
    return {
        "loss": name,
        "about": about,
        "config": config,
        "logprobs": told(lp),
        "inputs": {key: told(value) for key, value in inputs.items()},
        "value": loss.item(),
        "gradient": leaf.grad.flatten().tolist(),
    }


def traced(loss: Traced, random: torch.Generator) -> dict[str, Any]:
    return traced_on(loss, [loss.data(length, random) for length in loss.lengths])


def traced_on(loss: Traced, data: list[tuple[torch.Tensor, Inputs]]) -> dict[str, Any]:
    handle = trace_loss(loss.function, loss.ranks, "golden")
    request = types.CreateCustomLossRequest(
        session_id="golden",
        custom_loss_seq_id=0,
        name=handle.name,
        inputs=list(handle.inputs),
        graph=encode_graph(handle),
    )
    cases = []
    for lp, inputs in data:
        leaf = lp.double().requires_grad_()
        wide = [value.double() if value.is_floating_point() else value for value in inputs.values()]
        value, metrics = handle.graph(leaf, *wide)
        value.backward()
        cases.append(
            {
                "logprobs": told(lp),
                "inputs": {key: told(value) for key, value in inputs.items()},
                "value": value.item(),
                "gradient": leaf.grad.flatten().tolist(),
                "metrics": {key: float(value.detach()) for key, value in metrics.items()},
            }
        )
    assert all(math.isfinite(number) for each in cases for number in [each["value"], *each["gradient"]]), handle.name
    return {"name": handle.name, "upload": json.loads(request.model_dump_json()), "cases": cases}


def operator(expression: str) -> dict[str, Any]:
    """A loss that is as good as nothing but the expression; where this is a table, its values weigh themselves."""
    names: dict[str, Any] = {"torch": torch, "F": F, "math": math}
    exec(
        f"def expressed(logprobs, weights, table, ids):\n"
        f"    x, w, m, i = logprobs, weights, table, ids\n"
        f"    b, c = w > 0, m[:, :1]\n"
        f"    y = ({expression}).to(x.dtype)\n"
        f"    return (y * (1 + 0.3 * y.detach())).sum() + 0 * x.sum(), {{}}\n",
        names,
    )
    data = torch.Generator().manual_seed(7)
    lp = -0.1 - 3 * torch.rand(6, generator=data)
    ids = torch.tensor([2, 0, 3, 1, 0, 2])
    inputs = {"weights": torch.randn(6, generator=data), "table": torch.randn((6, 4), generator=data), "ids": ids}
    ranks = {"logprobs": 1, "weights": 1, "table": 2, "ids": 1}
    loss = Traced(names["expressed"], ranks)
    try:
        return {**traced_on(loss, [(lp, inputs)]), "name": expression}
    except Exception as failure:
        raise ValueError(f"{expression}: {failure}") from failure


def told(tensor: torch.Tensor) -> dict[str, Any]:
    values = tensor.flatten().tolist()
    if tensor.is_floating_point():
        return {"shape": list(tensor.shape), "dtype": "float32", "data": [float(f"{value:.9g}") for value in values]}
    return {"shape": list(tensor.shape), "dtype": "int64", "data": values}


def write(file: Path, entries: list[dict[str, Any]]) -> None:
    """A list with one line for each entry."""
    file.write_text("[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]\n")


if __name__ == "__main__":
    main()
