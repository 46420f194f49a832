"""What a client sees of a server that is killed while it works: nothing."""

import hashlib
import os
import tempfile
from pathlib import Path

import tinker
from safetensors.numpy import load_file
from tinker import types
from tinker_cookbook import weights

from .common import ADAM, BATCH, UNTIED, datum, run, sequence, service, settled

STEPS = int(os.environ.get("STEPS", "60"))
EVERY = 10
PROMPT = types.ModelInput.from_ints(sequence(7, 9))
DRAWN = types.SamplingParams(max_tokens=24, temperature=1.0, seed=5, stop=[])


def trained() -> dict:
    """Pipelined steps with samples and saves in between; all that came of them, to the bit."""
    with service() as client:
        return session(client)


def session(client: tinker.ServiceClient) -> dict:
    training = run(client, seed=3)
    base = settled(client.create_sampling_client(base_model=UNTIED))
    passes, steps, saves, drawn = [], [], [], []
    for step in range(STEPS):
        batch = BATCH + [datum(sequence(100 + step, 16))]
        passes.append(training.forward_backward(batch, "cross_entropy"))
        if step % 3 == 0:
            passes.append(training.forward_backward(BATCH[:2], "cross_entropy"))
        steps.append(training.optim_step(ADAM))
        if step % EVERY == EVERY - 1:
            saves.append(training.save_state(f"step{step}"))
            sampler = settled(training.save_weights_and_get_sampling_client())
            drawn.append(sampler.sample(PROMPT, 2, DRAWN))
            drawn.append(base.sample(PROMPT, 2, DRAWN))
        if step == STEPS // 2:
            training.load_state_with_optimizer(saves[0].result().path).result()
    last = training.save_weights_external("last").result().path
    sequences = [each for future in drawn for each in future.result().sequences]
    return {
        "losses": [passed.result().metrics["loss:sum"] for passed in passes],
        "logprobs": [
            value
            for passed in passes
            for output in passed.result().loss_fn_outputs
            for value in output["logprobs"].tolist()
        ],
        "norms": [stepped.result().metrics["grad_norm"] for stepped in steps],
        "tokens": [token for each in sequences for token in each.tokens],
        "sampled": [value for each in sequences for value in each.logprobs],
        "saved": [saved.result().path.rsplit("/", 1)[1] for saved in saves],
        "adapter": adapter(last),
    }


def adapter(path: str) -> str:
    """All numbers of the adapter, as it is downloaded."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(weights.download(tinker_path=path, output_dir=str(Path(place) / "adapter")))
        numbers = load_file(folder / "adapter_model.safetensors")
    digest = hashlib.sha256()
    for name in sorted(numbers):
        digest.update(name.encode())
        digest.update(numbers[name].tobytes())
    return digest.hexdigest()
