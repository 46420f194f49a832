"""The recipes: how each is started, what it is given to be short here, and what must have come of it."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

BASE, CHAT = "Qwen/Qwen3.5-9B-Base", "Qwen/Qwen3.5-9B"
Settings = Mapping[str, object]


@dataclass(frozen=True)
class Start:
    """One program, `typed` into. Where `until` names a file and a word, it is killed when the word is in the file."""

    program: list[str]
    settings: Settings = field(default_factory=dict)
    typed: str = ""
    until: tuple[str, str] | None = None

    def words(self) -> list[str]:
        return [sys.executable, *self.program, *(f"{name}={value}" for name, value in self.settings.items())]


@dataclass(frozen=True)
class Recipe:
    """`check` gets the folder in which the programs ran, says what they left, and raises if that is too little."""

    row: str
    starts: list[Start]
    check: Callable[[Path], dict]
    files: Mapping[str, str] = field(default_factory=dict)
    seconds: int = 300


def metrics(folder: Path, name: str) -> list[float]:
    """One figure of each step, from what the recipe has logged."""
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [line[name] for line in lines if name in line]


def saved(folder: Path) -> list[str]:
    """The names of the checkpoints; the last must be the recipe's end, and can be sampled from."""
    lines = [json.loads(line) for line in (folder / "checkpoints.jsonl").read_text().splitlines()]
    assert lines[-1]["name"] == "final", lines
    assert lines[-1]["sampler_path"].startswith("tinker://"), lines
    return [line["name"] for line in lines]


def learned(figure: str = "train_mean_nll", run: str = "run") -> Callable[[Path], dict]:
    """Supervised: `figure` is lower at the end."""

    def check(folder: Path) -> dict:
        losses = metrics(folder / run, figure)
        assert len(losses) > 1 and losses[-1] < losses[0], losses
        return {"losses": losses, "saved": saved(folder / run)}

    return check


def rewarded(steps: int, run: str = "run") -> Callable[[Path], dict]:
    """Reinforced: sampler and trainer agree on how likely the sampled tokens were."""

    def check(folder: Path) -> dict:
        rewards = metrics(folder / run, "env/all/reward/total")
        kl = metrics(folder / run, "optim/kl_sample_train_v2")
        assert len(rewards) == steps, rewards
        assert len(kl) == steps and max(kl) <= 1e-3, kl
        return {"rewards": rewards, "kl": kl, "saved": saved(folder / run)}

    return check


def module(name: str) -> list[str]:
    return ["-m", "tinker_cookbook." + name]


def started(recipe: str, **settings: object) -> Start:
    return Start(module("recipes." + recipe), {"log_path": "run"} | settings)


LAST = 12
SHORT = {"lora_rank": 8, "save_every": 2, "eval_every": 0}
MATH = {"groups_per_batch": 8, "group_size": 4, "max_steps": 3, "learning_rate": 1e-3, **SHORT}
STREAM = {"stream_minibatch_config.groups_per_batch": 8, "stream_minibatch_config.num_minibatches": 2}
TALK = {"batch_size": 8, "max_length": 512, "learning_rate": 0.01}


def resumed(folder: Path) -> dict:
    """Killed after the checkpoint of step 4, it goes on with step 4, or 6, and what it had learned."""
    lines = [json.loads(line) for line in (folder / "run/metrics.jsonl").read_text().splitlines()]
    steps = [line["step"] for line in lines if "train_mean_nll" in line]
    losses = metrics(folder / "run", "train_mean_nll")
    [again] = [at for at in range(1, len(steps)) if steps[at] <= steps[at - 1]] or [len(steps) - 1]
    assert steps[again] >= 4 and steps[-1] == LAST - 1, steps
    assert losses[again] < losses[0] / 2, losses
    return {"steps": steps, "losses": losses, "saved": saved(folder / "run")}


def rolled(folder: Path) -> dict:
    """Of the checkpoints that roll on, only what is still needed is kept."""
    names = saved(folder / "run")
    return {"losses": metrics(folder / "run", "train_mean_nll"), "saved": names}


def preferred(folder: Path) -> dict:
    accuracy = metrics(folder / "run", "accuracy")
    losses = metrics(folder / "run", "dpo_loss")
    assert losses[-1] < losses[0], losses
    return {"losses": losses, "accuracy": accuracy, "saved": saved(folder / "run")}


def three_stages(folder: Path) -> dict:
    root = folder / "runs/rlhf-tiny"
    return {
        "sft": learned(run="sft")(root),
        "rm": saved(root / "rm"),
        "rl": rewarded(2, run="rl")(root),
    }


def distilled(folder: Path) -> dict:
    kl = metrics(folder / "run", "teacher_kl")
    assert len(kl) == 2, kl
    return {"teacher_kl": kl, **rewarded(2)(folder)}


def taught_itself(folder: Path) -> dict:
    entropy = metrics(folder / "run", "sdft/mean_teacher_entropy")
    assert len(entropy) == 2, entropy
    return {"entropy": entropy, "saved": saved(folder / "run")}


def talked(folder: Path) -> dict:
    said = (folder / "1.log").read_text()
    assert said.count("Assistant: ") == 2 and "Error" not in said, said
    assert "history cleared" in said and "Goodbye" in said, said
    return {}


def routed(folder: Path) -> dict:
    said = (folder / "1.log").read_text()
    answer = json.loads(said[said.index("{") : said.index("}") + 1])
    assert abs(sum(answer.values()) - 1) < 0.01, answer
    return answer


LABELLED = "".join(
    json.dumps({"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": language}]}) + "\n"
    for text, language in [("guten Tag", "de"), ("good day", "en"), ("bonne journée", "fr"), ("buenos días", "es")] * 4
)
WRITES_RUBRICS = (
    "from tinker_cookbook.recipes.rubric.generate_data import generate_dataset; generate_dataset(16, 4, 42, '.')"
)

CASES = {
    "sl_loop": Recipe("sl_loop", [started("sl_loop", lora_rank=8, max_steps=4, save_every=2, **TALK)], learned()),
    "rl_loop": Recipe(
        "rl_loop",
        [started("rl_loop", lora_rank=8, batch_size=4, group_size=4, max_tokens=12, max_steps=3, save_every=2)],
        lambda folder: {"rewards": metrics(folder / "run", "reward/total"), "saved": saved(folder / "run")},
    ),
    "sl_basic": Recipe(
        "sl_basic",
        [started("sl_basic", lora_rank=8, max_steps=3, eval_every=2, save_every=2, learning_rate=0.01)],
        learned(),
    ),
    "rl_basic": Recipe("rl_basic", [started("rl_basic", lora_rank=8, max_tokens=8, max_steps=1)], rewarded(1)),
    "chat_sl": Recipe(
        "chat_sl, resumed after kill -9",
        [
            Start(
                module("recipes.chat_sl.train"),
                {"log_path": "run", "lora_rank": 8, "max_steps": 1000, "num_epochs": 30, "save_every": 2, **TALK},
                until=("run/checkpoints.jsonl", "000004"),
            ),
            Start(
                module("recipes.chat_sl.train"),
                {"log_path": "run", "lora_rank": 8, "max_steps": LAST, "num_epochs": 30, "save_every": 2, **TALK}
                | {"behavior_if_log_dir_exists": "resume"},
            ),
        ],
        resumed,
    ),
    "rolling": Recipe(
        "chat_sl, rolling checkpoints",
        [started("chat_sl.train", lora_rank=8, max_steps=5, save_every=4, rolling_save_every=1, **TALK)],
        rolled,
    ),
    "math_rl_sync": Recipe("math_rl arithmetic, sync", [started("math_rl.train", **MATH)], rewarded(3)),
    "math_rl_async": Recipe(
        "math_rl arithmetic, async off-policy",
        [started("math_rl.train", max_steps_off_policy=2, **MATH)],
        lambda folder: {
            "rewards": metrics(folder / "run", "env/all/reward/total"),
            "kl": metrics(folder / "run", "optim/kl_sample_train_v2"),
            "saved": saved(folder / "run"),
        },
    ),
    "math_rl_stream": Recipe(
        "math_rl arithmetic, streaming minibatch", [started("math_rl.train", **STREAM, **MATH)], rewarded(3)
    ),
    "guess_number": Recipe(
        "multiplayer_rl guess_number",
        [started("multiplayer_rl.guess_number.train", batch_size=4, group_size=4, max_tokens=12, max_steps=2, eval_every=0)],
        rewarded(2),
    ),
    "twenty_questions": Recipe(
        "multiplayer_rl twenty_questions",
        [started("multiplayer_rl.twenty_questions.train", batch_size=2, group_size=2, max_tokens=8, max_steps=2, eval_every=0)],
        rewarded(2),
    ),
    "shorter": Recipe(
        "preference shorter",
        [started("preference.shorter.train", batch_size=4, group_size=4, max_tokens=12, max_steps=2)],
        rewarded(2),
    ),
    "dpo": Recipe(
        "preference dpo",
        [started("preference.dpo.train", max_steps=4, **TALK | {"learning_rate": 0.005})],
        preferred,
    ),
    "rlhf": Recipe(
        "preference rlhf",
        [
            Start(
                module("recipes.preference.rlhf.rlhf_pipeline"),
                {"short_name": "tiny", "lora_rank": 8, "batch_size": 4, "max_length": 512, "sft_learning_rate": 0.01}
                | {"rl_max_tokens": 12, "rl_group_size": 2, "max_steps": 2, "save_every": 1, "eval_every": 1},
            )
        ],
        three_stages,
    ),
    "prompt_distillation": Recipe(
        "prompt_distillation train",
        [
            started("prompt_distillation.train", model_name=CHAT, file_path="labelled.jsonl", lora_rank=8, max_steps=4)
        ],
        learned(),
        {"labelled.jsonl": LABELLED},
    ),
    "on_policy": Recipe(
        "distillation on_policy_distillation",
        [started("distillation.on_policy_distillation", groups_per_batch=4, group_size=2, max_tokens=12, max_steps=2)],
        distilled,
    ),
    "multi_teacher": Recipe(
        "distillation on_policy_multi_teacher",
        [
            started(
                "distillation.on_policy_multi_teacher",
                deepmath_groups_per_batch=2, tulu3_groups_per_batch=2, group_size=2, max_tokens=12, max_steps=2,
            )
        ],
        distilled,
    ),
    "off_policy": Recipe(
        "distillation off_policy_reasoning",
        [
            started(
                "distillation.off_policy_reasoning",
                lora_rank=8, batch_size=8, max_prompts=64, buffer_size=64, max_length=512, max_steps=3,
            )
        ],
        learned(),
    ),
    "rubric": Recipe(
        "rubric",
        [
            Start(["-c", WRITES_RUBRICS]),
            started(
                "rubric.train",
                groups_per_batch=4, train_group_size=2, max_tokens=12, max_steps=2, grader_llm_name=CHAT,
                train_jsonl_path="example_rubric_train.jsonl", test_jsonl_path="example_rubric_test.jsonl", **SHORT,
            ),
        ],
        rewarded(2),
    ),
    "sdft": Recipe(
        "sdft", [started("sdft.train", groups_per_batch=4, max_tokens=12, max_steps=2, **SHORT)], taught_itself
    ),
    "chat": Recipe(
        "chat_app tinker_chat_cli",
        [
            Start(
                module("chat_app.tinker_chat_cli"),
                {"base_model": BASE, "max_tokens": 16},
                typed="Hello\nn\nHow are you?\nquit\n",
            )
        ],
        talked,
    ),
    "decisions": Recipe(
        "decisions demo",
        [Start(module("recipes.decisions.demo"), {"model_name": CHAT}, typed="Where is my bill?\n\n")],
        routed,
    ),
}
