"""Mixtures of experts: trained, sampled from, and taken away in each of the ways that there are."""

import json
import os

from tinker import types
from tinker_cookbook import weights

from .adapters import STAGE, WATCHED, checkpoint, downloaded, read
from .common import apart, logprobs, run, service, train
from .families import NEW_TOKENS, PROMPT, adapted, base, generated

EXPERTS = os.environ["EXPERTS"].split(",")
QWEN = "qwen3_moe"


def trained_and_left() -> dict:
    """What the server makes of the watched tokens, and how it goes on, goes to a file."""
    facts: dict = {"models": [], "saved": [], "shapes": [], "mixed": []}
    heard = {}
    with service() as client:
        for name in EXPERTS:
            training, other = (run(client, seed=seed, model=f"tiny/{name}", train_unembed=False) for seed in (1, 2))
            train(training, 4)
            train(other, 2)
            facts["models"].append(name)
            facts["saved"].append(training.save_weights_for_sampler("left").result().path)
            params = types.SamplingParams(max_tokens=NEW_TOKENS, temperature=0.0, stop=[])
            prompt = types.ModelInput.from_ints(PROMPT)
            samplers = [each.save_weights_and_get_sampling_client().result() for each in (training, other)]
            alone = [list(each.sample(prompt, 1, params).result().sequences[0].tokens) for each in samplers]
            asked = [each.sample(prompt, 1, params) for each in samplers]
            facts["mixed"].append(str([list(each.result().sequences[0].tokens) for each in asked] == alone))
            heard[name] = {"logprobs": logprobs(training, WATCHED), "greedy": alone[0]}
            if name == QWEN:
                downloaded(training, f"{name}-adapter")
    (STAGE / "heard.json").write_text(json.dumps(heard))
    return facts


def read_by_others() -> dict:
    """The command wrote `peft-NAME` and `merged-NAME`; the cookbook reads what was downloaded."""
    heard = json.loads((STAGE / "heard.json").read_text())
    facts: dict = {"peft": [], "merged": [], "moved": [], "greedy": [], "cookbook": []}
    for name, said in heard.items():
        model = adapted(checkpoint(name), STAGE / f"peft-{name}")
        facts["peft"].append(apart(read(model), said["logprobs"]))
        facts["greedy"].append(str(generated(model) == said["greedy"]))
        facts["merged"].append(apart(read(base(str(STAGE / f"merged-{name}"))), said["logprobs"]))
        facts["moved"].append(apart(read(base(checkpoint(name))), said["logprobs"]))
    adapter, built, merged = (STAGE / f"{QWEN}-{what}" for what in ("adapter", "built", "merged"))
    weights.build_lora_adapter(base_model=checkpoint(QWEN), adapter_path=str(adapter), output_path=str(built))
    weights.build_hf_model(
        base_model=checkpoint(QWEN), adapter_path=str(adapter), output_path=str(merged), dtype="float32"
    )
    server = heard[QWEN]["logprobs"]
    facts["cookbook"] = [apart(read(adapted(checkpoint(QWEN), built)), server), apart(read(base(str(merged))), server)]
    return facts
