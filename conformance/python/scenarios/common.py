"""What the scenarios share."""

import random
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any, Iterator

import tinker
from tinker import types

UNTIED = "tiny/untied"
TIED = "tiny/tied"
VOCABULARY = 288

ADAM = types.AdamParams(learning_rate=0.02, beta1=0.9, beta2=0.95, eps=1e-8, weight_decay=0.01, grad_clip_norm=1.0)


@contextmanager
def service() -> Iterator[tinker.ServiceClient]:
    """A session that is closed when the scenario is over."""
    client = tinker.ServiceClient()
    try:
        yield client
    finally:
        client.close("success").result()


def settled(made: Any) -> Any:
    """What was made; older clients make it at once, newer ones promise it."""
    return made.result() if hasattr(made, "result") else made


def run(
    client: tinker.ServiceClient, seed: int, rank: int = 8, model: str = UNTIED, **targets: bool
) -> tinker.TrainingClient:
    """A new run; every projection is adapted unless `targets` says which are not."""
    return settled(client.create_lora_training_client(base_model=model, rank=rank, seed=seed, **targets))


def sequence(seed: int, length: int) -> list[int]:
    """Tokens that look like nothing, the same ones each time."""
    return random.Random(seed).choices(range(3, VOCABULARY), k=length)


def datum(tokens: Sequence[int], weights: Sequence[float] | None = None, **others: list) -> types.Datum:
    """The next token is the target everywhere; `weights` are of the targets, ones unless said."""
    inputs = {"target_tokens": list(tokens[1:]), **others}
    if not others:
        inputs["weights"] = list(weights or [1.0] * (len(tokens) - 1))
    return types.Datum(model_input=types.ModelInput.from_ints(list(tokens[:-1])), loss_fn_inputs=inputs)


BATCH = [datum(sequence(seed, length)) for seed, length in enumerate([12, 7, 20, 3])]


def train(training: tinker.TrainingClient, steps: int, data: list[types.Datum] = BATCH) -> list[float]:
    """Steps of cross-entropy, all on their way at once; the loss of each."""
    asked = [(training.forward_backward(data, "cross_entropy"), training.optim_step(ADAM)) for _ in range(steps)]
    return [(passed.result().metrics["loss:sum"], stepped.result())[0] for passed, stepped in asked]


def logprobs(training: tinker.TrainingClient, tokens: Sequence[int]) -> list[float]:
    """Of each token after the first, as the trainer sees it."""
    return training.forward([datum(tokens)], "cross_entropy").result().loss_fn_outputs[0]["logprobs"].tolist()


def scores(sampler: tinker.SamplingClient, tokens: Sequence[int]) -> list[float]:
    """The same, as the sampler sees it."""
    return sampler.compute_logprobs(types.ModelInput.from_ints(list(tokens))).result()[1:]


def apart(these: Sequence[float], those: Sequence[float]) -> float:
    """The largest difference."""
    return max(abs(this - that) for this, that in zip(these, those, strict=True))


def refusal(call: Callable[[], object]) -> str:
    """What the client raises, in words."""
    try:
        call()
    except (tinker.TinkerError, ValueError) as refused:
        return f"{type(refused).__name__}: {refused}"
    return "it was not refused"
