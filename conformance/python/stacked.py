"""Adapters of models with experts, all of which share the factor at the side of the residual stream."""

import copy
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from transformers import PreTrainedModel

ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
TARGETS = sorted([*ATTENTION, "gate_proj", "up_proj", "down_proj"])


class Stacked:
    """A base and the factors that are added to it: w1 is an expert's gate, w3 its other factor, w2 the way back."""

    def __init__(self, base: PreTrainedModel, block: str, rank: int, alpha: int, seed: int) -> None:
        self.base = base.requires_grad_(False)
        self.rank = rank
        self.alpha = alpha
        self.random = torch.Generator().manual_seed(seed)
        self.factors: dict[str, torch.nn.Parameter] = {}
        self.experts: dict[str, str] = {}
        for number, layer in enumerate(base.model.layers):
            prefix = f"model.layers.{number}."
            for name in ATTENTION:
                out, into = getattr(layer.self_attn, name).weight.shape
                self.add(f"{prefix}self_attn.{name}", [rank, into], [out, rank])
            count, hidden, inner = layer.mlp.experts.down_proj.shape
            stack = f"{prefix}{block}.experts."
            self.experts[f"{prefix}mlp.experts."] = stack
            for name in ["w1", "w3"]:
                self.add(stack + name, [1, rank, hidden], [count, inner, rank])
            self.add(stack + "w2", [count, rank, inner], [1, hidden, rank])

    def add(self, module: str, a: list[int], b: list[int]) -> None:
        uniform = (2 * torch.rand(a, generator=self.random) - 1) / a[-1] ** 0.5
        self.factors[f"{module}.lora_A"] = torch.nn.Parameter(uniform)
        self.factors[f"{module}.lora_B"] = torch.nn.Parameter(0.02 * torch.randn(b, generator=self.random))

    def product(self, module: str) -> torch.Tensor:
        scale = self.alpha / self.rank
        return scale * self.factors[f"{module}.lora_B"] @ self.factors[f"{module}.lora_A"]

    def weights(self) -> dict[str, torch.Tensor]:
        """Every weight that is adapted, with what is added to it."""
        stored = dict(self.base.named_parameters())
        weights = {
            f"{module}.weight": stored[f"{module}.weight"] + self.product(module)
            for module in {name.rsplit(".", 1)[0] for name in self.factors if ".self_attn." in name}
        }
        for name, stack in self.experts.items():
            both = torch.cat([self.product(stack + "w1"), self.product(stack + "w3")], dim=1)
            weights[f"{name}gate_up_proj"] = stored[f"{name}gate_up_proj"] + both
            weights[f"{name}down_proj"] = stored[f"{name}down_proj"] + self.product(stack + "w2")
        return weights

    def __call__(self, **inputs: Any) -> Any:
        return torch.func.functional_call(self.base, self.weights(), (), inputs)

    @torch.no_grad()
    def generate(self, **inputs: Any) -> torch.Tensor:
        merged = copy.deepcopy(self.base)
        for name, weight in self.weights().items():
            merged.get_parameter(name).copy_(weight)
        return merged.generate(**inputs)

    def zero_grad(self) -> None:
        for factor in self.factors.values():
            factor.grad = None

    def save(self, folder: Path, base_name: str) -> None:
        folder.mkdir(parents=True)
        tensors = {f"base_model.model.{name}.weight": factor.detach() for name, factor in self.factors.items()}
        save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
        config = {
            "base_model_name_or_path": base_name,
            "lora_alpha": self.alpha,
            "peft_type": "LORA",
            "r": self.rank,
            "target_modules": TARGETS,
            "task_type": "CAUSAL_LM",
        }
        (folder / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
