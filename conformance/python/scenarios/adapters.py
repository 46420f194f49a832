"""What was trained leaves the server, and transformers and peft read it as the server does."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import tinker
import torch
from peft import PeftModel
from safetensors.torch import load_file
from tinker_cookbook import weights
from tinker_cookbook.exceptions import WeightsMergeError
from transformers import AutoModelForCausalLM, PreTrainedModel

from .common import BATCH, apart, logprobs, run, sequence, service, train

STAGE = Path(os.environ["STAGE"])
GOLDEN = Path(os.environ["GOLDEN"])
WATCHED = sequence(11, 30)


def checkpoint(name: str) -> str:
    return str(GOLDEN / name / "checkpoint")


def base(folder: str) -> PreTrainedModel:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def adapted(folder: str, adapter: Path) -> torch.nn.Module:
    return PeftModel.from_pretrained(base(folder), str(adapter)).eval()


@torch.no_grad()
def read(model: torch.nn.Module, tokens: list[int] = WATCHED) -> list[float]:
    """The log-probability of each token after the first."""
    table = torch.log_softmax(model(input_ids=torch.tensor([tokens])).logits[0, :-1].float(), dim=-1)
    return table.gather(1, torch.tensor(tokens[1:])[:, None])[:, 0].tolist()


def downloaded(training: tinker.TrainingClient, name: str) -> Path:
    """The run's adapter, saved for others and fetched as the cookbook fetches it."""
    path = training.save_weights_external("export").result().path
    return Path(weights.download(tinker_path=path, output_dir=str(STAGE / name)))


def adapters_of_every_base() -> dict:
    facts: dict = {"models": [], "direct": [], "built": [], "moved": []}
    with service() as client:
        for name in ["untied", "tied", "rope", "wide_heads", "sharded", "bf16"]:
            training = run(client, seed=1, model=f"tiny/{name}")
            train(training, 4)
            server = logprobs(training, WATCHED)
            adapter, built = downloaded(training, f"{name}-adapter"), STAGE / f"{name}-built"
            weights.build_lora_adapter(
                base_model=checkpoint(name), adapter_path=str(adapter), output_path=str(built)
            )
            facts["models"].append(name)
            facts["direct"].append(apart(read(adapted(checkpoint(name), adapter)), server))
            facts["built"].append(apart(read(adapted(checkpoint(name), built)), server))
            facts["moved"].append(apart(read(base(checkpoint(name))), server))
    return facts


def merged_by_the_cookbook(names: list[str], base: Callable[[str], PreTrainedModel]) -> dict:
    """Without the unembedding, which a merged model with tied embeddings cannot hold."""
    facts: dict = {"apart": [], "moved": []}
    with service() as client:
        for name in names:
            training = run(client, seed=2, model=f"tiny/{name}", train_unembed=False)
            train(training, 4)
            merged = STAGE / f"{name}-merged"
            weights.build_hf_model(
                base_model=checkpoint(name),
                adapter_path=str(downloaded(training, f"{name}-unmerged")),
                output_path=str(merged),
                dtype="float32",
            )
            server = logprobs(training, WATCHED)
            facts["apart"].append(apart(read(base(str(merged))), server))
            facts["moved"].append(apart(read(base(checkpoint(name))), server))
    return facts


def models_merged_by_the_cookbook() -> dict:
    return merged_by_the_cookbook(["untied", "tied", "wide_heads", "sharded"], base)


def unembeddings_merged() -> dict:
    """An unembedding of its own is merged; of a shared matrix the cookbook says that it cannot be."""
    with service() as client:
        own, shared = (run(client, seed=7, model=f"tiny/{name}") for name in ("untied", "tied"))
        train(own, 4)
        train(shared, 1)
        merged = STAGE / "head-merged"
        weights.build_hf_model(
            base_model=checkpoint("untied"),
            adapter_path=str(downloaded(own, "head-untied")),
            output_path=str(merged),
            dtype="float32",
        )
        refused = STAGE / "head-refused"
        try:
            weights.build_hf_model(
                base_model=checkpoint("tied"),
                adapter_path=str(downloaded(shared, "head-tied")),
                output_path=str(refused),
                dtype="float32",
            )
            said = "it was not refused"
        except WeightsMergeError as refusal:
            said = str(refusal)
        return {"apart": apart(read(base(str(merged))), logprobs(own, WATCHED)), "refused": said}


def only_what_was_asked_for_is_adapted() -> dict:
    facts = {}
    with service() as client:
        for target in ["attn", "mlp", "unembed"]:
            chosen = {f"train_{other}": other == target for other in ["attn", "mlp", "unembed"]}
            training = run(client, seed=3, **chosen)
            train(training, 1)
            config = json.loads((downloaded(training, f"only-{target}") / "adapter_config.json").read_text())
            facts[target] = sorted(config["target_modules"])
            facts["keys"] = sorted(config)
    return facts


def left_for_export() -> dict:
    """Checkpoints of two runs; what they make of the watched tokens goes to a file."""
    facts: dict = {"models": ["tied", "bf16"], "saved": [], "for_sampler": []}
    heard = {}
    with service() as client:
        for name in facts["models"]:
            training = run(client, seed=4, model=f"tiny/{name}")
            train(training, 4)
            facts["saved"].append(training.save_state("left").result().path)
            facts["for_sampler"].append(training.save_weights_for_sampler("left").result().path)
            heard[name] = {"logprobs": logprobs(training, WATCHED), "onwards": train(training, 3)}
    (STAGE / "left.json").write_text(json.dumps({"paths": facts["saved"], "heard": heard}))
    return facts


def tensors(folder: str) -> dict[str, torch.Tensor]:
    return load_file(STAGE / folder / "adapter_model.safetensors")


def exports_agree() -> dict:
    """The command wrote `peft-NAME` and `merged-NAME`, and `tinker`, the first of them as it is."""
    heard = json.loads((STAGE / "left.json").read_text())["heard"]
    server = {name: said["logprobs"] for name, said in heard.items()}
    return {
        "peft": [apart(read(adapted(checkpoint(name), STAGE / f"peft-{name}")), server[name]) for name in server],
        "merged": [apart(read(base(str(STAGE / f"merged-{name}"))), server[name]) for name in server],
        "tinker": sorted(file.name for file in (STAGE / "tinker").iterdir()),
        "as_it_is": tensors("tinker").keys() == tensors("peft-tied").keys()
        and all(torch.equal(tensor, tensors("peft-tied")[name]) for name, tensor in tensors("tinker").items()),
    }


def found_after_the_restart() -> dict:
    left = json.loads((STAGE / "left.json").read_text())
    with service() as client:
        resumed = [client.create_training_client_from_state_with_optimizer(path).result() for path in left["paths"]]
        return {
            "onwards": [loss for said in left["heard"].values() for loss in said["onwards"]],
            "again": [loss for training in resumed for loss in train(training, 3)],
        }
