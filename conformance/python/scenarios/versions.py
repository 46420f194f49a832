"""What every version of the client must find in the same way, whatever it calls things and however it writes them."""

import io
import json
import os
import tarfile
import urllib.request
from pathlib import Path

import tinker
from tinker import types

from .common import ADAM, BATCH, apart, logprobs, run, sequence, settled, train

STAGE = Path(os.environ["STAGE"])
WATCHED = sequence(64, 20)

PROMPT = types.ModelInput.from_ints(sequence(61, 9))
PARAMS = types.SamplingParams(max_tokens=3, seed=1)


def learns() -> dict:
    """A few steps, what is saved, and what is sampled from it."""
    training = run(tinker.ServiceClient(), seed=63)
    losses = []
    for _ in range(4):
        passed = training.forward_backward(BATCH, "cross_entropy")
        training.optim_step(ADAM).result()
        losses.append(passed.result().metrics["loss:sum"])
    sampler = settled(training.save_weights_and_get_sampling_client(name="learnt"))
    sampled = sampler.sample(PROMPT, 2, PARAMS, include_prompt_logprobs=True, topk_prompt_logprobs=2).result()
    scores = training.forward(BATCH[:1], "cross_entropy").result().loss_fn_outputs[0]["logprobs"]
    resumed = settled(training.save_state("learnt"))
    return {
        "version": tinker.__version__,
        "path": resumed.path.split("/", 3)[3],
        "losses": losses,
        "tokens": [list(each.tokens) for each in sampled.sequences],
        "logprobs": [float(value) for value in sampled.sequences[0].logprobs],
        "prompt": [value if value is None else float(value) for value in sampled.prompt_logprobs],
        "likeliest": [
            row and [[int(token), float(logprob)] for token, logprob in row] for row in sampled.topk_prompt_logprobs
        ],
        "scores": [float(value) for value in scores.tolist()],
    }


def fetches_an_archive() -> dict:
    """Of what can be trained on and of what can be sampled from: an adapter for others, in a tar."""
    service = tinker.ServiceClient()
    training = run(service, seed=65)
    train(training, 2)
    paths = [settled(training.save_state("kept")).path, settled(training.save_weights_for_sampler("kept")).path]
    rest = service.create_rest_client()
    names = []
    for number, path in enumerate(paths):
        url = rest.get_checkpoint_archive_url_from_tinker_path(path).result().url
        with tarfile.open(fileobj=io.BytesIO(urllib.request.urlopen(url).read())) as archive:
            names += archive.getnames()
            archive.extractall(STAGE / f"archive-{number}", filter="data")
    (STAGE / "heard.json").write_text(json.dumps(logprobs(training, WATCHED)))
    return {"names": names}


def reads_the_archives() -> dict:
    """With peft, which an older client need not know."""
    from .adapters import adapted, checkpoint, read

    heard = json.loads((STAGE / "heard.json").read_text())
    folders = [STAGE / f"archive-{number}" for number in range(2)]
    return {"apart": [apart(read(adapted(checkpoint("untied"), folder), WATCHED), heard) for folder in folders]}
