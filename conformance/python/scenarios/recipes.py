"""The cookbook's own trainer, and the client's own command line."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import tinker
import watch
from click.testing import CliRunner
from tinker.cli.__main__ import main_cli
from tinker_cookbook import weights
from tinker_cookbook.supervised import train as supervised
from tinker_cookbook.supervised.data import FromConversationFileBuilder
from tinker_cookbook.supervised.types import ChatDatasetBuilderCommonConfig

from .adapters import adapted, checkpoint, read
from .common import UNTIED, apart, logprobs, refusal, run, sequence, service, train

STAGE = Path(os.environ["STAGE"])
WATCHED = sequence(51, 20)
PAIRS = [("red", "rose"), ("blue", "sky"), ("green", "leaf"), ("gold", "sun")]


def conversations() -> Path:
    file = STAGE / "conversations.jsonl"
    talks = [
        [{"role": "user", "content": f"{number} {hue}?"}, {"role": "assistant", "content": f"a {hue} {thing}"}]
        for number in ["one", "two", "six"]
        for hue, thing in PAIRS
    ]
    file.write_text("".join(json.dumps({"messages": talk}) + "\n" for talk in talks))
    return file


def trained(steps: int) -> list[dict]:
    """A run of the trainer in the same folder each time; what it has written of its steps so far."""
    data = FromConversationFileBuilder(
        file_path=str(conversations()),
        test_size=4,
        common_config=ChatDatasetBuilderCommonConfig(
            model_name_for_tokenizer=UNTIED, renderer_name="role_colon", max_length=100, batch_size=4
        ),
    )
    config = supervised.Config(
        log_path=str(STAGE / "sft"),
        model_name=UNTIED,
        recipe_name="conformance",
        renderer_name="role_colon",
        dataset_builder=data,
        learning_rate=0.01,
        lr_schedule="constant",
        num_epochs=5,
        max_steps=steps,
        lora_rank=8,
        save_every=2,
        eval_every=3,
        rolling_save_every=1,
    )
    asyncio.run(supervised.main(config))
    return [json.loads(line) for line in (STAGE / "sft/metrics.jsonl").read_text().splitlines()]


def the_trainer_resumes() -> dict:
    """As after a crash in its fifth step: what it noted of the end is taken away."""
    before = trained(5)
    notes = STAGE / "sft/checkpoints.jsonl"
    notes.write_text("".join(line for line in notes.read_text().splitlines(True) if '"final"' not in line))
    (STAGE / "sft/metrics.jsonl").unlink()
    after = trained(10)
    saved = [json.loads(line) for line in notes.read_text().splitlines()]
    runs = [each["state_path"].split("/")[2] for each in saved]
    kept = tinker.RestClient().list_checkpoints(runs[-1]).result().checkpoints
    return {
        "before": [row["train_mean_nll"] for row in before if "train_mean_nll" in row],
        "after": [row["train_mean_nll"] for row in after if "train_mean_nll" in row],
        "steps": [row["step"] for row in after if "train_mean_nll" in row],
        "test": [row["test/nll"] for row in before + after if "test/nll" in row],
        "saved": [each["name"] for each in saved],
        "kept": sorted(each.checkpoint_id for each in kept),
        "runs": len(set(runs)),
        "renderer": tinker.RestClient().get_training_run(runs[-1]).result().user_metadata["renderer_name"],
    }


def tinker_program(*words: str) -> str:
    """`tinker …`, started as a shell would."""
    command = [str(Path(sys.executable).with_name("tinker")), *words]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    watch.well("cli", " ".join(words))
    return said


def tinker_command(*words: str, code: int = 0) -> str:
    """The same within this process, where all that it imports is there already."""
    done = CliRunner().invoke(main_cli, words)
    if done.exit_code != code:
        raise AssertionError(f"{words}: {done.exit_code}\n{done.output}") from done.exception
    return done.stdout


def told(*words: str) -> dict:
    return json.loads(tinker_command("--format", "json", *words))


def the_command_line() -> dict:
    with service() as client:
        training = run(client, seed=52)
        train(training, 2)
        name = training.get_info().model_id
        heard = logprobs(training, WATCHED)
        kept = training.save_state("kept").result().path
        training.save_weights_for_sampler("kept").result()
        external = training.save_weights_external("kept").result().path

        def expires() -> str | None:
            return told("checkpoint", "info", kept)["expires_at"]

        def downloaded(path: str) -> float:
            answer = told("checkpoint", "download", path, "-o", str(STAGE / "downloads"))
            return apart(read(adapted(checkpoint("untied"), Path(answer["destination"])), WATCHED), heard)

        def listed() -> list[str]:
            return sorted(each["checkpoint_id"] for each in told("checkpoint", "list", "--run-id", name)["checkpoints"])

        facts = {
            "run": name,
            "runs": [each["training_run_id"] for each in told("run", "list", "--limit", "0")["runs"]],
            "info": told("run", "info", name)["lora_rank"],
            "models": [each["model_name"] for each in told("model", "list")["models"]],
            "status": tinker_program("auth", "status"),
            "version": tinker_program("version"),
            "listed": listed(),
            "never": expires() is None,
        }
        tinker_command("checkpoint", "set-ttl", kept, "--ttl", "7200")
        facts["hours"] = (datetime.fromisoformat(expires()) - datetime.now(UTC)).total_seconds() / 3600
        tinker_command("checkpoint", "set-ttl", kept, "--remove")
        facts["never_again"] = expires() is None
        facts["downloaded"] = [downloaded(external), downloaded(kept)]
        facts["deleted"] = told("checkpoint", "delete", external, "-y")["deleted_count"]
        facts["left"] = listed()
        tinker_command("run", "info", "unheard-of", code=1)
        return facts


def downloaded_by_the_cookbook() -> dict:
    """A training checkpoint: it leaves encrypted, to a key of this one download."""
    with service() as client:
        training = run(client, seed=53)
        train(training, 2)
        path = training.save_state("mine").result().path
        folder = weights.download(tinker_path=path, output_dir=str(STAGE / "decrypted"))
        return {
            "files": sorted(file.name for file in Path(folder).iterdir()),
            "apart": apart(read(adapted(checkpoint("untied"), Path(folder)), WATCHED), logprobs(training, WATCHED)),
        }


def saved_for_an_hour() -> dict:
    with service() as client:
        training = run(client, seed=54)
        path = training.save_state("brief", ttl_seconds=3600).result().path
        training.save_state("lasting").result()
        (STAGE / "brief.txt").write_text(path)
        listed = tinker.RestClient().list_checkpoints(training.get_info().model_id).result().checkpoints
        return {
            "seconds": [
                (each.expires_at - datetime.now(UTC)).total_seconds() for each in listed if each.expires_at is not None
            ],
            "listed": sorted(each.checkpoint_id for each in listed),
        }


def the_hour_passes() -> dict:
    """While the server is stopped, the note of the end is set back."""
    [note] = (STAGE / "data/checkpoints").rglob("weights/brief/checkpoint.json")
    said = json.loads(note.read_text())
    assert said["expires_at"] is not None
    note.write_text(json.dumps(said | {"expires_at": "2000-01-01T00:00:00Z"}))
    return {}


def after_the_hour() -> dict:
    path = (STAGE / "brief.txt").read_text()
    with service() as client:
        listed = tinker.RestClient().list_checkpoints(path.split("/")[2]).result().checkpoints
        return {
            "listed": [each.checkpoint_id for each in listed],
            "loaded": refusal(lambda: client.create_training_client_from_state(path).result()),
        }
