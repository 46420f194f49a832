"""What every version of the client must find in the same way, whatever it calls things and however it writes them."""

import tinker
from tinker import types

from .common import ADAM, BATCH, run, sequence, settled

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
