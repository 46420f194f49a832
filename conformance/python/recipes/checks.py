"""What a recipe must have left in its folder. Each check gives back the figures, and raises if they are not good enough."""

import json
from collections.abc import Callable
from pathlib import Path

Check = Callable[[Path], dict]


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


def learned(figure: str = "train_mean_nll", run: str = "run") -> Check:
    """Supervised: `figure` is lower at the end."""

    def check(folder: Path) -> dict:
        losses = metrics(folder / run, figure)
        assert len(losses) > 1 and losses[-1] < losses[0], losses
        return {"losses": losses, "saved": saved(folder / run)}

    return check


def rewarded(steps: int, figure: str = "env/all/reward/total", run: str = "run") -> Check:
    """Reinforced, on the policy that sampled: sampler and trainer agree on how likely the sampled tokens were."""

    def check(folder: Path) -> dict:
        rewards = metrics(folder / run, figure)
        kl = metrics(folder / run, "optim/kl_sample_train_v2")
        assert len(rewards) == steps, rewards
        assert len(kl) == steps and max(kl) <= 1e-3, kl
        return {"rewards": rewards, "kl": kl, "saved": saved(folder / run)}

    return check


def risen(folder: Path) -> dict:
    """A model that can learn: the reward rises above that of the model as it came, which the first step samples from, and
    at each step the trainer agrees with the sampler."""
    found = rewarded(14)(folder)
    untrained, last = found["rewards"][0], found["rewards"][-3:]
    assert sum(last) / 3 > untrained + 0.02, found
    return found


def answered(folder: Path) -> dict:
    lines = [json.loads(line) for line in (folder / "labelled.jsonl").read_text().splitlines()]
    return {"answers": [line["messages"][1]["content"] for line in lines]}


def rewarded_late(steps: int, figure: str = "env/all/reward/total") -> Check:
    """Reinforced, where the policy may have moved on, or the recipe does not log the divergence."""

    def check(folder: Path) -> dict:
        rewards = metrics(folder / "run", figure)
        assert len(rewards) == steps, rewards
        return {"rewards": rewards, "saved": saved(folder / "run")}

    return check


def resumed(last: int) -> Check:
    """Killed after the checkpoint of step 4, it goes on from there, with what it had learned."""

    def check(folder: Path) -> dict:
        losses = metrics(folder / "run", "train_mean_nll")
        lines = [json.loads(line) for line in (folder / "run/metrics.jsonl").read_text().splitlines()]
        steps = [line["step"] for line in lines if "train_mean_nll" in line]
        again = next((at for at in range(1, len(steps)) if steps[at] <= steps[at - 1]), len(steps) - 1)
        assert steps[again] >= 4 and steps[-1] == last, steps
        assert losses[again] < losses[0], losses
        return {"steps": steps, "losses": losses, "saved": saved(folder / "run")}

    return check


def preferred(folder: Path) -> dict:
    losses = metrics(folder / "run", "dpo_loss")
    assert losses[-1] < losses[0], losses
    return {"losses": losses, "accuracy": metrics(folder / "run", "accuracy"), "saved": saved(folder / "run")}


def three_stages(folder: Path) -> dict:
    runs = folder / "runs/rlhf-tiny"
    return {"sft": learned(run="sft")(runs), "rm": saved(runs / "rm"), "rl": rewarded(2, run="rl")(runs)}


def distilled(folder: Path) -> dict:
    kl = metrics(folder / "run", "teacher_kl")
    assert len(kl) == 2, kl
    return {"teacher_kl": kl, **rewarded(2)(folder)}


def taught_by_itself(folder: Path) -> dict:
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
