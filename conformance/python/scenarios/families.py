"""One model of each family: trained, sampled from, taken away, and merged by the cookbook."""

import os

from pathlib import Path

import torch
from peft import PeftModel
from tinker import types
from tinker_cookbook import weights
from transformers import AutoModelForCausalLM, PreTrainedModel

from .adapters import STAGE, WATCHED, checkpoint, downloaded, merged_by_the_cookbook, read
from .common import apart, logprobs, run, sequence, service, train

FAMILIES = os.environ["FAMILIES"].split(",")
PROMPT = sequence(12, 9)
NEW_TOKENS = 20


def base(folder: str) -> PreTrainedModel:
    """With the one attention of transformers' that caps scores."""
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


def adapted(folder: str, adapter: Path) -> torch.nn.Module:
    return PeftModel.from_pretrained(base(folder), str(adapter)).eval()


@torch.no_grad()
def generated(model: torch.nn.Module) -> list[int]:
    out = model.generate(
        input_ids=torch.tensor([PROMPT]), do_sample=False, max_new_tokens=NEW_TOKENS, eos_token_id=None
    )
    return out[0, len(PROMPT) :].tolist()


def adapters_of_every_family() -> dict:
    """What the server says of some tokens, and how it goes on, against peft with the same adapter."""
    facts: dict = {"models": [], "direct": [], "built": [], "moved": [], "greedy": []}
    with service() as client:
        for name in FAMILIES:
            training = run(client, seed=1, model=f"tiny/{name}")
            train(training, 4)
            server = logprobs(training, WATCHED)
            adapter, built = downloaded(training, f"{name}-adapter"), STAGE / f"{name}-built"
            weights.build_lora_adapter(
                base_model=checkpoint(name), adapter_path=str(adapter), output_path=str(built)
            )
            sampler = training.save_weights_and_get_sampling_client().result()
            params = types.SamplingParams(max_tokens=NEW_TOKENS, temperature=0.0, stop=[])
            sampled = sampler.sample(types.ModelInput.from_ints(PROMPT), 1, params).result().sequences[0].tokens
            facts["models"].append(name)
            facts["direct"].append(apart(read(adapted(checkpoint(name), adapter)), server))
            facts["built"].append(apart(read(adapted(checkpoint(name), built)), server))
            facts["moved"].append(apart(read(base(checkpoint(name))), server))
            facts["greedy"].append(str(list(sampled) == generated(adapted(checkpoint(name), adapter))))
    return facts


def families_merged_by_the_cookbook() -> dict:
    return merged_by_the_cookbook(FAMILIES, base)
