"""What peft trained comes in: the server computes what peft computes, goes on from it, and gives it back."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tinker
import torch
import watch
from huggingface_hub import snapshot_download
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from tinker_cookbook import weights

from .adapters import STAGE, adapted, base, checkpoint, read
from .common import apart, logprobs, refusal, scores, sequence, service, train
from .hub import hub

WATCHED = sequence(61, 24)
EVERYTHING = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "lm_head"]
Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Awkward:
    """An adapter as somebody may have trained it."""

    name: str
    model: str
    settings: dict[str, Any]
    dtype: torch.dtype = torch.float32
    exact: bool = True
    renamed: Callable[[str], str] = field(default=lambda name: name)


ADAPTERS = [
    Awkward("plain", "untied", {"r": 8, "lora_alpha": 32, "target_modules": EVERYTHING}),
    Awkward("queries", "tied", {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"]}),
    Awkward("twelve", "untied", {"r": 12, "lora_alpha": 24, "target_modules": ["up_proj", "lm_head"]}),
    Awkward("thirds", "untied", {"r": 12, "lora_alpha": 16, "target_modules": ["o_proj", "down_proj"]}, exact=False),
    Awkward("tied_head", "tied", {"r": 2, "lora_alpha": 64, "target_modules": ["lm_head"]}),
    Awkward("regex", "wide_heads", {"r": 8, "target_modules": r".*\.layers\.(?P<l>0)\..*(q|down)_proj"}),
    Awkward("linear", "sharded", {"r": 3, "lora_alpha": 6, "target_modules": "all-linear", "lora_dropout": 0.1}),
    Awkward("rooted", "untied", {"r": 16, "use_rslora": True, "lora_alpha": 16, "target_modules": ["k_proj"]}),
    Awkward(
        "patterns",
        "untied",
        {
            "r": 8,
            "lora_alpha": 16,
            "target_modules": EVERYTHING[:7],
            "rank_pattern": {"layers.0.self_attn.q_proj": 5, "down_proj": 16},
            "alpha_pattern": {r"layers\.1\..*v_proj": 64, "q_proj": 10, "down_proj": 4},
        },
        exact=False,
    ),
    Awkward(
        "one_layer", "untied", {"r": 4, "target_modules": ["q_proj", "gate_proj"], "layers_to_transform": [1]}
    ),
    Awkward("half", "rope", {"r": 4, "target_modules": ["v_proj", "o_proj"]}, dtype=torch.float16),
    Awkward("brain", "bf16", {"r": 4, "target_modules": ["v_proj", "o_proj"]}, dtype=torch.bfloat16),
    Awkward(
        "wrapped",
        "untied",
        {"r": 4, "target_modules": ["v_proj", "up_proj"]},
        renamed=lambda name: name.replace("base_model.model.model.", "base_model.model.model._orig_mod.").replace(
            ".weight", ".default.weight"
        ),
    ),
    Awkward(
        "bare",
        "untied",
        {"r": 4, "target_modules": ["v_proj", "up_proj"]},
        renamed=lambda name: name.removeprefix("base_model.model.model."),
    ),
]


def made(case: Awkward, rule: Callable[[Tensors], Tensors] = lambda tensors: tensors) -> Path:
    """Its folder, written by peft: all factors random, so that none is without effect."""
    folder = STAGE / "made" / case.name
    torch.manual_seed(len(case.name))
    config = LoraConfig(task_type="CAUSAL_LM", base_model_name_or_path=f"tiny/{case.model}", **case.settings)
    model = get_peft_model(base(checkpoint(case.model)), config)
    for name, value in model.named_parameters():
        if ".lora_" in name:
            torch.nn.init.normal_(value, std=0.1)
    model.save_pretrained(str(folder))
    config_file, file = folder / "adapter_config.json", folder / "adapter_model.safetensors"
    said = json.loads(config_file.read_text())
    config_file.write_text(json.dumps(said | {"base_model_name_or_path": f"tiny/{case.model}"}, indent=2))
    save_file({name: value.to(case.dtype) for name, value in rule(load_file(file)).items()}, file, {"format": "pt"})
    return folder


def adapters_made() -> dict:
    """What peft computes with each goes to a file; some are then renamed, as other tools have it."""
    heard = {}
    for case in ADAPTERS:
        folder = made(case)
        heard[case.name] = read(adapted(checkpoint(case.model), folder), WATCHED)
        file = folder / "adapter_model.safetensors"
        save_file({case.renamed(name): value for name, value in load_file(file).items()}, file, {"format": "pt"})
    (STAGE / "heard.json").write_text(json.dumps(heard))
    return {"names": [case.name for case in ADAPTERS]}


def imported(name: str) -> list[str]:
    """The paths that the command printed: to train from, and to sample from."""
    return [line for line in (STAGE / f"{name}.txt").read_text().split("\n") if line.startswith("tinker://")]


def adapters_come_in() -> dict:
    """Each is trained from and sampled from with the unmodified client."""
    heard = json.loads((STAGE / "heard.json").read_text())
    facts: dict = {"trained": [], "sampled": [], "moved": [], "falls": []}
    with service() as client:
        for case in ADAPTERS:
            weights_path, sampler_path = imported(case.name)
            training = client.create_training_client_from_state(weights_path)
            facts["trained"].append(apart(logprobs(training, WATCHED), heard[case.name]))
            sampler = client.create_sampling_client(model_path=sampler_path)
            facts["sampled"].append(apart(scores(sampler, WATCHED), heard[case.name]))
            facts["moved"].append(apart(heard[case.name], read(base(checkpoint(case.model)), WATCHED)))
            losses = train(training, 4)
            facts["falls"].append(losses[0] - losses[-1])
    return facts


def factors(folder: Path) -> Tensors:
    """Without the copies of the base's own weights that peft keeps beside an unembedding's factors."""
    found = load_file(folder / "adapter_model.safetensors")
    return {name: value for name, value in found.items() if ".lora_" in name}


def same(these: Tensors, those: Tensors) -> bool:
    return these.keys() == those.keys() and all(
        torch.equal(these[name].float().view(torch.int32), those[name].float().view(torch.int32)) for name in these
    )


def adapters_go_out_as_they_came() -> dict:
    """The command wrote `out-NAME`; those with other names or roundings are compared by what peft computes."""
    heard = json.loads((STAGE / "heard.json").read_text())
    facts: dict = {"same": [], "settings": [], "apart": []}
    for case in ADAPTERS:
        out, came = STAGE / f"out-{case.name}", STAGE / "made" / case.name
        facts["apart"].append(apart(read(adapted(checkpoint(case.model), out), WATCHED), heard[case.name]))
        if case.exact and case.name not in ("wrapped", "bare"):
            facts["same"].append(case.name if same(factors(out), factors(came)) else f"not {case.name}")
            said, were = (json.loads((each / "adapter_config.json").read_text()) for each in (out, came))
            facts["settings"] += [key for key in were if said[key] != were[key] and key != "inference_mode"]
    return facts


def trained_adapters_go_out_as_small_as_they_came() -> dict:
    """A run that went on from an import adapts what that adapted, in the rank it had."""
    with service() as client:
        training = client.create_training_client_from_state(imported("twelve")[0])
        train(training, 3)
        server = logprobs(training, WATCHED)
        path = training.save_weights_external("on").result().path
        folder = Path(weights.download(tinker_path=path, output_dir=str(STAGE / "trained")))
        said = json.loads((folder / "adapter_config.json").read_text())
        return {
            "rank": said["r"],
            "alpha": said["lora_alpha"],
            "targets": said["target_modules"],
            "apart": apart(read(adapted(checkpoint("untied"), folder), WATCHED), server),
        }


def pushed(path: str, repo: str, url: str) -> subprocess.CompletedProcess[str]:
    """`tinker checkpoint push-hf`, for which the hub is at `url`, and not the server's own."""
    token = {"HF_ENDPOINT": url, "HF_TOKEN": "hf_conformance", "HF_HUB_DISABLE_XET": "1"}
    command = [str(Path(sys.executable).with_name("tinker")), "checkpoint", "push-hf", path, "--repo", repo]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ | token)
    if done.returncode == 0:
        watch.well("cli", "checkpoint push-hf")
    return done


def adapters_are_pushed_to_a_hub() -> dict:
    """An import as it came, and what a run made of it; peft loads what a visitor of the hub fetches."""
    facts: dict = {"codes": [], "apart": [], "files": []}
    with service() as client, hub() as there:
        training = client.create_training_client_from_state(imported("tied_head")[0])
        untouched = logprobs(training, WATCHED)
        train(training, 3)
        kept = training.save_state("pushed").result().path
        external = training.save_weights_external("pushed").result().path
        pushes = [(imported("tied_head")[0], untouched), (kept, logprobs(training, WATCHED))]
        pushes.append((external, pushes[-1][1]))
        for number, (path, heard) in enumerate(pushes):
            repo = f"ann/adapter-{number}"
            facts["codes"].append(pushed(path, repo, there.url).returncode)
            folder = snapshot_download(repo, endpoint=there.url, local_dir=str(STAGE / "hub" / str(number)))
            facts["files"].append(" ".join(sorted(there.repos[repo])))
            facts["apart"].append(apart(read(adapted(checkpoint("tied"), Path(folder)), WATCHED), heard))
        again = pushed(kept, "ann/adapter-0", there.url)
        facts["again"] = f"{again.returncode} {again.stdout}{again.stderr}"
        facts["card"] = there.repos["ann/adapter-1"]["README.md"].decode()
        facts["heard"] = there.heard
    return facts


def imports_are_listed_and_end() -> dict:
    """With the client: what an import says of itself, and that one with an hour to live ends."""
    rest = tinker.RestClient()
    path = imported("queries")[0]
    [there] = [each for each in rest.list_user_checkpoints().result().checkpoints if each.tinker_path == path]
    info = rest.get_weights_info_by_tinker_path(path).result()
    with service() as client:
        fresh = refusal(lambda: logprobs(client.create_training_client_from_state_with_optimizer(path), WATCHED))
    return {
        "metadata": dict(there.user_metadata or {}),
        "lasting": there.expires_at is None,
        "rank": info.lora_rank,
        "attn": info.train_attn,
        "mlp": info.train_mlp,
        "with_optimizer": fresh,
        "ends": [
            each.expires_at is not None
            for each in rest.list_user_checkpoints().result().checkpoints
            if each.tinker_path in imported("brief")
        ],
    }


def imported_while_the_server_was_stopped() -> dict:
    """What came in then is there now: to train from and to sample from."""
    heard = json.loads((STAGE / "heard.json").read_text())["patterns"]
    weights_path, sampler_path = imported("meanwhile")
    with service() as client:
        training = client.create_training_client_from_state(weights_path)
        facts = {"trained": apart(logprobs(training, WATCHED), heard)}
        sampler = client.create_sampling_client(model_path=sampler_path)
        facts["sampled"] = apart(scores(sampler, WATCHED), heard)
        losses = train(training, 4)
        return facts | {"falls": losses[0] - losses[-1]}


def broken_adapters_made() -> dict:
    """One folder for each way in which an adapter cannot come in."""
    case = Awkward("broken", "untied", {"r": 4, "target_modules": ["q_proj", "up_proj"]})
    a, b = (f"base_model.model.model.layers.0.self_attn.q_proj.lora_{each}.weight" for each in "AB")
    names: list[str] = []

    def kept(name: str, folder: Path, **settings: Any) -> None:
        file = folder / "adapter_config.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | settings))
        shutil.rmtree(STAGE / name, ignore_errors=True)
        shutil.move(folder, STAGE / name)
        names.append(name)

    def changed(name: str, rule: Callable[[Tensors], Tensors]) -> None:
        kept(name, made(case, rule))

    for setting, value in {
        "init_lora_weights": "pissa",
        "base_model_name_or_path": "acme/unknown",
    }.items():
        kept(f"bad-{setting}", made(case), **{setting: value})
    kept("bad-use_rslora", made(case), use_rslora=True, lora_alpha=24)
    changed("bad-nan", lambda found: found | {b: found[b] * float("nan")})
    changed("bad-shape", lambda found: found | {a: found[a][:, 1:].contiguous()})
    changed("bad-missing", lambda found: {name: value for name, value in found.items() if "layers.1" not in name})
    changed("bad-head", lambda found: found | {"base_model.model.lm_head.weight": torch.zeros(288, 48)})
    kept("bad-dora", made(replace(case, settings=case.settings | {"use_dora": True})))
    changed("bad-cut", lambda found: found)
    file = STAGE / "bad-cut/adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    changed("bad-pickle", lambda found: found)
    (STAGE / "bad-pickle/adapter_model.safetensors").rename(STAGE / "bad-pickle/adapter_model.bin")
    return {"names": names}


def nothing_half_written() -> dict:
    root = STAGE / "data/checkpoints"
    return {"left": sorted(each.name for each in root.iterdir() if each.name.startswith(".arriving"))}
