"""The recipes: how each is started, what it is given to be short here, and what must have come of it."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from . import checks
from .checks import Check, learned, rewarded

BASE, CHAT = "Qwen/Qwen3.5-9B-Base", "Qwen/Qwen3.5-9B"
Settings = Mapping[str, object]


@dataclass(frozen=True)
class Start:
    """One program, `typed` into. Where `until` names a file and a word, it is killed once the word is in the file."""

    program: list[str]
    settings: Settings = field(default_factory=dict)
    typed: str = ""
    until: tuple[str, str] | None = None

    def words(self) -> list[str]:
        return [sys.executable, *self.program, *(f"{name}={value}" for name, value in self.settings.items())]


@dataclass(frozen=True)
class Recipe:
    """Programs that run one after the other in a folder that holds `files`; `check` looks at what they left there."""

    row: str
    starts: list[Start]
    check: Check
    files: Mapping[str, str] = field(default_factory=dict)
    seconds: int = 600


def module(name: str) -> list[str]:
    return ["-m", "tinker_cookbook." + name]


def started(recipe: str, **settings: object) -> Start:
    return Start(module("recipes." + recipe), {"log_path": "run"} | settings)


def one(row: str, check: Check, recipe: str, **settings: object) -> Recipe:
    """A recipe of one program."""
    return Recipe(row, [started(recipe, **settings)], check)


SHORT = {"lora_rank": 8, "save_every": 2, "eval_every": 0}
TALKS = {"batch_size": 8, "max_length": 512, "learning_rate": 0.01}
CHATTING = {"log_path": "run", "lora_rank": 8, "num_epochs": 30, "save_every": 2, **TALKS}
MATH = {"groups_per_batch": 8, "group_size": 4, "max_steps": 3, "learning_rate": 1e-3, **SHORT}
STREAM = {"stream_minibatch_config.groups_per_batch": 8, "stream_minibatch_config.num_minibatches": 2}
GAME = {"max_steps": 2, "eval_every": 0}
DISTILLED = {"group_size": 2, "max_tokens": 12, "max_steps": 2, **SHORT}
RLHF = {
    "short_name": "tiny",
    "lora_rank": 8,
    "batch_size": 4,
    "max_length": 512,
    "sft_learning_rate": 0.01,
    "rl_max_tokens": 12,
    "rl_group_size": 2,
    "max_steps": 2,
    "save_every": 1,
    "eval_every": 1,
}
RUBRIC = {
    "groups_per_batch": 4,
    "train_group_size": 2,
    "max_tokens": 12,
    "max_steps": 2,
    "grader_llm_name": CHAT,
    "train_jsonl_path": "example_rubric_train.jsonl",
    "test_jsonl_path": "example_rubric_test.jsonl",
}
WRITES_RUBRICS = (
    "from tinker_cookbook.recipes.rubric.generate_data import generate_dataset; generate_dataset(16, 4, 42, '.')"
)
GREETINGS = [("guten Tag", "de"), ("good day", "en"), ("bonne journée", "fr"), ("buenos días", "es")]
LABELLED = "".join(
    json.dumps({"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": language}]}) + "\n"
    for text, language in GREETINGS * 4
)

CASES = {
    "sl_loop": one("sl_loop", learned(), "sl_loop", lora_rank=8, max_steps=4, save_every=2, **TALKS),
    "rl_loop": one(
        "rl_loop",
        checks.rewarded_late(2, "reward/total"),
        "rl_loop",
        lora_rank=8,
        batch_size=4,
        group_size=4,
        max_tokens=12,
        max_steps=2,
        save_every=1,
    ),
    "sl_basic": one(
        "sl_basic", learned(), "sl_basic", lora_rank=8, max_steps=3, eval_every=2, save_every=2, learning_rate=0.01
    ),
    "rl_basic": one("rl_basic", rewarded(1), "rl_basic", lora_rank=8, max_tokens=8, max_steps=1),
    "chat_sl": Recipe(
        "chat_sl, killed and resumed",
        [
            Start(module("recipes.chat_sl.train"), CHATTING, until=("run/checkpoints.jsonl", "000004")),
            started("chat_sl.train", **CHATTING | {"max_steps": 12, "behavior_if_log_dir_exists": "resume"}),
        ],
        checks.resumed(11),
    ),
    "rolling": one(
        "chat_sl, rolling checkpoints",
        learned(),
        "chat_sl.train",
        **CHATTING | {"max_steps": 5, "save_every": 4, "rolling_save_every": 1},
    ),
    "math_rl_sync": one("math_rl arithmetic, sync", rewarded(3), "math_rl.train", **MATH),
    "math_rl_async": one(
        "math_rl arithmetic, async off-policy",
        checks.rewarded_late(3),
        "math_rl.train",
        max_steps_off_policy=2,
        **MATH,
    ),
    "math_rl_stream": one(
        "math_rl arithmetic, streaming minibatch", rewarded(3), "math_rl.train", **STREAM, **MATH
    ),
    "guess_number": one(
        "multiplayer_rl guess_number",
        rewarded(2),
        "multiplayer_rl.guess_number.train",
        batch_size=2,
        group_size=2,
        max_tokens=12,
        **GAME,
    ),
    "twenty_questions": one(
        "multiplayer_rl twenty_questions",
        rewarded(2),
        "multiplayer_rl.twenty_questions.train",
        batch_size=2,
        group_size=2,
        max_tokens=8,
        **GAME,
    ),
    "shorter": one(
        "preference shorter",
        rewarded(2),
        "preference.shorter.train",
        batch_size=4,
        group_size=4,
        max_tokens=12,
        **GAME,
    ),
    "dpo": one(
        "preference dpo", checks.preferred, "preference.dpo.train", max_steps=4, **TALKS | {"learning_rate": 0.005}
    ),
    "rlhf": Recipe(
        "preference rlhf", [Start(module("recipes.preference.rlhf.rlhf_pipeline"), RLHF)], checks.three_stages
    ),
    "prompt_distillation": Recipe(
        "prompt_distillation train",
        [
            started(
                "prompt_distillation.train",
                model_name=CHAT,
                file_path="labelled.jsonl",
                batch_size=4,
                learning_rate=0.01,
                max_steps=4,
                **SHORT,
            )
        ],
        learned(),
        {"labelled.jsonl": LABELLED},
    ),
    "on_policy": one(
        "distillation on_policy_distillation",
        checks.distilled,
        "distillation.on_policy_distillation",
        groups_per_batch=4,
        **DISTILLED,
    ),
    "multi_teacher": one(
        "distillation on_policy_multi_teacher",
        checks.distilled,
        "distillation.on_policy_multi_teacher",
        deepmath_groups_per_batch=2,
        tulu3_groups_per_batch=2,
        **DISTILLED,
    ),
    "off_policy": one(
        "distillation off_policy_reasoning",
        learned(),
        "distillation.off_policy_reasoning",
        max_prompts=64,
        buffer_size=64,
        max_steps=3,
        **SHORT,
        **TALKS,
    ),
    "rubric": Recipe(
        "rubric", [Start(["-c", WRITES_RUBRICS]), started("rubric.train", **RUBRIC, **SHORT)], rewarded(2)
    ),
    "sdft": one(
        "sdft", checks.taught_by_itself, "sdft.train", groups_per_batch=4, max_tokens=12, max_steps=2, **SHORT
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
        checks.talked,
    ),
    "decisions": Recipe(
        "decisions demo",
        [Start(module("recipes.decisions.demo"), {"model_name": CHAT}, typed="Where is my bill?\n\n")],
        checks.routed,
    ),
}

SMOLLM2 = "HuggingFaceTB/SmolLM2-135M-Instruct"
LEARNS = {
    "model_name": SMOLLM2,
    "renderer_name": "qwen3_instruct",
    "groups_per_batch": 12,
    "group_size": 4,
    "learning_rate": 5e-4,
    "lora_rank": 16,
    "max_steps": 14,
    "save_every": 0,
    "eval_every": 0,
}

ON_SMOLLM2 = {
    "math_rl": Recipe(
        "math_rl arithmetic, on SmolLM2", [started("math_rl.train", **LEARNS)], checks.risen, seconds=1800
    ),
    "create_data": Recipe(
        "prompt_distillation create_data, on SmolLM2",
        [Start(module("recipes.prompt_distillation.create_data"), {"output_file": "labelled.jsonl"})],
        checks.answered,
        {"tinker_cookbook/example_data/multilingual.txt": "\n".join(text for text, _ in GREETINGS[:2])},
        seconds=900,
    ),
}
