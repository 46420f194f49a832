"""Makes conformance/golden anew: what transformers, peft and torch.optim say about tiny models.

All of it in fp32 on the CPU, with one thread. `--smollm2 DIR` adds the real model, given the folder
of its GGUF file; names make only those models anew.
"""

import argparse
import json
import shutil
from pathlib import Path
from typing import Any, Callable

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from stacked import Stacked
from tiny_models import CASES, VOCABULARY, Tiny, build, write
from transformers import AutoModelForCausalLM, AutoTokenizer

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
ALPHA = 32
STEPS = 10
NEW_TOKENS = 24
ADAM = {"learning_rate": 0.003, "beta1": 0.9, "beta2": 0.95, "eps": 1e-8, "weight_decay": 0.1, "grad_clip_norm": 1.0}
SMOLLM2 = "SmolLM2-135M-Instruct.Q4_1.gguf"
TEXTS = [
    "The capital of France is Paris, and the capital of Italy is Rome.",
    "<|im_start|>user\nWhat is 2 + 2?<|im_end|>\n<|im_start|>assistant\n2 + 2 equals 4.<|im_end|>\n",
    "def add(a, b):\n    return a + b\n",
]

Tensors = dict[str, torch.Tensor]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--smollm2", type=Path)
    arguments.add_argument("names", nargs="*")
    wanted = arguments.parse_args()
    torch.set_num_threads(1)
    for number, case in enumerate(CASES):
        if case.name in wanted.names or not wanted.names:
            make(case, seed=100 + number)
    if wanted.smollm2:
        dump(GOLDEN / "smollm2.json", real_model(wanted.smollm2))


def make(case: Tiny, seed: int) -> None:
    folder = GOLDEN / case.name
    shutil.rmtree(folder, ignore_errors=True)
    base = build(case, seed)
    write(case, base, folder / "checkpoint")
    data = batch(case, torch.Generator().manual_seed(seed))
    expected: Tensors = {"logits.base": logits(base, data[0]).detach()}
    greedy = {"prompt": data[0]["tokens"].tolist(), "base": continued(base, data[0])}

    model = adapted(case, base, seed)
    if isinstance(model, Stacked):
        model.save(folder / "adapter", f"golden/{case.name}")
    else:
        model.save_pretrained(folder / "adapter", save_embedding_layers=False)
        (folder / "adapter" / "README.md").unlink()
    expected["logits.adapted"] = logits(model, data[0]).detach()
    facts: dict[str, Any] = {"rank": case.rank, "alpha": ALPHA, "adam": ADAM}
    facts["losses"] = losses(case, model, data, expected)
    if case.brief:
        facts["greedy"] = greedy | {"adapted": continued(model, data[0])}
    else:
        facts["steps"] = train(model, data, expected)
    facts["data"] = [{key: numbers(value) for key, value in datum.items()} for datum in data]
    save_file({name: value.contiguous() for name, value in expected.items()}, folder / "expected.safetensors")
    dump(folder / "case.json", facts)


def batch(case: Tiny, random: torch.Generator) -> list[Tensors]:
    """Random tokens, and for every loss what it needs."""
    data = []
    for length in case.lengths:
        tokens = torch.randint(3, VOCABULARY, (length + 1,), generator=random)
        weights = torch.rand(length, generator=random) * (torch.rand(length, generator=random) > 0.2)
        advantages = torch.randn(length, generator=random)
        shift = 0.4 * torch.randn(length, generator=random)
        data.append(
            {
                "tokens": tokens[:-1],
                "target_tokens": tokens[1:],
                "weights": weights,
                "advantages": advantages,
                "shift": shift,
            }
        )
    return data


def adapted(case: Tiny, base: torch.nn.Module, seed: int) -> PeftModel | Stacked:
    if case.experts:
        return Stacked(base, case.experts, case.rank, ALPHA, seed + 1000)
    config = LoraConfig(r=case.rank, lora_alpha=ALPHA, target_modules=case.modules, task_type="CAUSAL_LM")
    model = get_peft_model(base, config)
    model.peft_config["default"].base_model_name_or_path = f"golden/{case.name}"
    random = torch.Generator().manual_seed(seed + 1000)
    with torch.no_grad():
        for name, factor in factors(model).items():
            if name.endswith("lora_A"):
                factor.copy_((2 * torch.rand(factor.shape, generator=random) - 1) / factor.shape[1] ** 0.5)
            else:
                factor.copy_(0.02 * torch.randn(factor.shape, generator=random))
    return model.eval()


def factors(model: torch.nn.Module) -> dict[str, torch.nn.Parameter]:
    """By names such as `model.layers.0.mlp.up_proj.lora_A`."""
    if isinstance(model, Stacked):
        return model.factors
    return {
        name.removeprefix("base_model.model.").removesuffix(".default.weight"): parameter
        for name, parameter in model.named_parameters()
        if ".lora_" in name
    }


def logits(model: torch.nn.Module, datum: Tensors) -> torch.Tensor:
    return model(input_ids=datum["tokens"][None]).logits[0].float()


def logprobs(model: torch.nn.Module, datum: Tensors) -> torch.Tensor:
    table = torch.log_softmax(logits(model, datum), dim=-1)
    return table.gather(1, datum["target_tokens"][:, None])[:, 0]


def continued(model: torch.nn.Module, datum: Tensors) -> list[int]:
    """The likeliest tokens after it, one after another, through the cache of `generate`."""
    prompt = datum["tokens"][None]
    out = model.generate(input_ids=prompt, do_sample=False, max_new_tokens=NEW_TOKENS, eos_token_id=None)
    return out[0, prompt.shape[1] :].tolist()


def cross_entropy(lp: torch.Tensor, datum: Tensors) -> torch.Tensor:
    return -(datum["weights"] * lp).sum()


def importance_sampling(lp: torch.Tensor, datum: Tensors) -> torch.Tensor:
    return -((lp - datum["logprobs"]).exp() * datum["advantages"]).sum()


def ppo(lp: torch.Tensor, datum: Tensors) -> torch.Tensor:
    ratio = (lp - datum["logprobs"]).exp()
    gain = torch.minimum(ratio * datum["advantages"], ratio.clamp(0.8, 1.2) * datum["advantages"])
    return -gain.sum()


def cispo(lp: torch.Tensor, datum: Tensors) -> torch.Tensor:
    ratio = (lp - datum["logprobs"]).exp().clamp(0.7, 1.3).detach()
    return -(ratio * lp * datum["advantages"]).sum()


LOSSES: dict[str, tuple[Callable[[torch.Tensor, Tensors], torch.Tensor], dict[str, float]]] = {
    "cross_entropy": (cross_entropy, {}),
    "importance_sampling": (importance_sampling, {}),
    "ppo": (ppo, {"clip_low_threshold": 0.8, "clip_high_threshold": 1.2}),
    "cispo": (cispo, {"clip_low_threshold": 0.7, "clip_high_threshold": 1.3}),
}


def losses(case: Tiny, model: PeftModel, data: list[Tensors], expected: Tensors) -> dict[str, Any]:
    """Every loss, its gradient by log-probability, and by factor for cross-entropy (all for `untied`)."""
    for datum in data:
        datum["logprobs"] = (logprobs(model, datum) + datum.pop("shift")).detach()
    facts = {}
    names = ["cross_entropy"] if case.brief else list(LOSSES)
    for name, (function, config) in ((name, LOSSES[name]) for name in names):
        model.zero_grad()
        total = 0.0
        for number, datum in enumerate(data):
            lp = logprobs(model, datum)
            lp.retain_grad()
            loss = function(lp, datum)
            loss.backward()
            total += loss.item()
            expected[f"logprobs.{number}"] = lp.detach()
            expected[f"{name}.dlogprobs.{number}"] = lp.grad.clone()
        if name == "cross_entropy" or case.name == "untied":
            for factor, parameter in factors(model).items():
                gradient = parameter.grad if parameter.grad is not None else torch.zeros_like(parameter)
                expected[f"{name}.gradient.{factor}"] = gradient.clone()
        facts[name] = {"config": config, "loss": total}
    return facts


def train(model: PeftModel, data: list[Tensors], expected: Tensors) -> list[dict[str, float]]:
    """Ten steps of AdamW on the same batch, with decay and clipping."""
    parameters = factors(model)
    watched = [name for name in parameters if ".0." in name][:2]
    optimizer = torch.optim.AdamW(
        parameters.values(),
        lr=ADAM["learning_rate"],
        betas=(ADAM["beta1"], ADAM["beta2"]),
        eps=ADAM["eps"],
        weight_decay=ADAM["weight_decay"],
    )
    facts = []
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        loss = sum(cross_entropy(logprobs(model, datum), datum) for datum in data)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters.values(), ADAM["grad_clip_norm"])
        optimizer.step()
        facts.append({"loss": loss.item(), "gradient_norm": norm.item()})
        for name in watched:
            expected[f"step.{step}.{name}"] = parameters[name].detach().clone()
    for name, parameter in parameters.items():
        expected[f"trained.{name}"] = parameter.detach()
        expected[f"trained.{name}.m"] = optimizer.state[parameter]["exp_avg"]
        expected[f"trained.{name}.v"] = optimizer.state[parameter]["exp_avg_sq"]
    return facts


def real_model(folder: Path) -> list[dict[str, Any]]:
    """Log-probabilities of each token given those before it, all numbers dequantised."""
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=SMOLLM2)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=SMOLLM2, dtype=torch.float32).eval()
    facts = []
    for text in TEXTS:
        tokens = torch.tensor(tokenizer.encode(text, add_special_tokens=False))
        datum = {"tokens": tokens[:-1], "target_tokens": tokens[1:]}
        with torch.no_grad():
            lp = logprobs(model, datum)
        facts.append({"text": text, "tokens": numbers(tokens), "logprobs": numbers(lp)})
    return facts


def numbers(tensor: torch.Tensor) -> list[Any]:
    return [float(f"{x:.9g}") if isinstance(x, float) else x for x in tensor.tolist()]


def dump(file: Path, facts: Any) -> None:
    """JSON with one line for each of the outermost entries."""
    if isinstance(facts, dict):
        lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in facts.items()]
        text = "{\n" + ",\n".join(lines) + "\n}\n"
    else:
        text = "[\n" + ",\n".join(json.dumps(value) for value in facts) + "\n]\n"
    file.write_text(text)


if __name__ == "__main__":
    main()
