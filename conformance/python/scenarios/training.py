"""The four verbs: to train, to save, to come back, to sample."""

import os
from pathlib import Path

import tinker
from huggingface_hub import constants
from tinker import types
from transformers import AutoTokenizer

from .common import ADAM, BATCH, UNTIED, apart, datum, logprobs, run, scores, sequence, service, train

PROMPT = types.ModelInput.from_ints(sequence(7, 9))
WATCHED = sequence(8, 24)


def four_verbs() -> dict:
    with service() as client:
        offered = tinker.RestClient().get_server_capabilities().result().supported_models
        training = run(client, seed=1)
        losses = train(training, 12)
        saved = training.save_state("done").result().path
        sampler = client.create_sampling_client(training.save_weights_for_sampler("done").result().path).result()
        params = types.SamplingParams(max_tokens=6, temperature=1.0, seed=3, stop=[])
        sequences = sampler.sample(PROMPT, 3, params).result().sequences
        return {
            "offered": sorted(model.model_name for model in offered),
            "rank": training.get_info().lora_rank,
            "first": losses[0],
            "last": losses[-1],
            "saved": saved,
            "tokens": [len(sampled.tokens) for sampled in sequences],
            "logprobs": [len(sampled.logprobs) for sampled in sequences],
            "different": len({tuple(sampled.tokens) for sampled in sequences}),
            "base": sampler.get_base_model(),
        }


def tokenizer_by_name() -> dict:
    """`HF_HOME` is empty, and `HF_ENDPOINT` is the server."""
    cache = Path(constants.HF_HOME)
    before = [str(file) for file in cache.rglob("*")] if cache.exists() else []
    text = "the quick brown fox, and a few more words: één, две, 三"
    with service() as client:
        training = run(client, seed=0)
        ours = training.get_tokenizer()
        local = AutoTokenizer.from_pretrained(os.environ["GOLDEN"] + "/untied/checkpoint")
        talk = [{"role": "user", "content": "one and one?"}]
        return {
            "before": before,
            "same": ours.encode(text) == local.encode(text),
            "back": ours.decode(ours.encode(text)) == text,
            "template": ours.apply_chat_template(talk) == local.apply_chat_template(talk),
            "by_name": AutoTokenizer.from_pretrained(UNTIED).encode(text) == local.encode(text),
        }


def trainer_and_sampler_agree() -> dict:
    with service() as client:
        training = run(client, seed=2)
        train(training, 5)
        sampler = training.save_weights_and_get_sampling_client().result()
        sampled = sampler.sample(PROMPT, 1, types.SamplingParams(max_tokens=30, seed=5, stop=[])).result().sequences[0]
        whole = PROMPT.to_ints() + sampled.tokens
        trainer = logprobs(training, whole)
        return {
            "prompt": apart(trainer, scores(sampler, whole)),
            "sampled": apart(trainer[-len(sampled.tokens) :], sampled.logprobs),
            "same_bits": trainer == scores(sampler, whole) and trainer[-len(sampled.tokens) :] == sampled.logprobs,
        }


def resumed_with_the_optimizer() -> dict:
    with service() as client:
        training = run(client, seed=3)
        train(training, 3)
        path = training.save_state("third").result().path
        onwards = train(training, 4)
        resumed = client.create_training_client_from_state_with_optimizer(path).result()
        return {
            "uninterrupted": onwards,
            "resumed": train(resumed, 4),
            "rank": resumed.get_info().lora_rank,
            "logprobs": apart(logprobs(training, WATCHED), logprobs(resumed, WATCHED)),
        }


def resumed_without_the_optimizer() -> dict:
    with service() as client:
        training = run(client, seed=4)
        train(training, 3)
        path = training.save_state("third").result().path
        first, second = (client.create_training_client_from_state(path).result() for _ in range(2))
        return {"uninterrupted": train(training, 3), "first": train(first, 3), "second": train(second, 3)}


def gone_back_to() -> dict:
    """The deprecated calls that load into a run that is under way."""
    with service() as client:
        training = run(client, seed=5)
        train(training, 2)
        path = training.save_state("second").result().path
        onwards = train(training, 3)
        training.load_state_with_optimizer(path).result()
        again = train(training, 3)
        training.load_state(path).result()
        return {"onwards": onwards, "again": again, "weights_only": train(training, 3)}


def samplers_are_snapshots() -> dict:
    with service() as client:
        training = run(client, seed=6)
        train(training, 3)
        ephemeral = training.save_weights_and_get_sampling_client().result()
        named = client.create_sampling_client(training.save_weights_for_sampler("early").result().path).result()
        base = client.create_sampling_client(base_model=UNTIED).result()
        trainer = logprobs(training, WATCHED)
        before = [scores(sampler, WATCHED) for sampler in (ephemeral, named, base)]
        train(training, 3)
        later = training.save_weights_and_get_sampling_client().result()
        after = [scores(sampler, WATCHED) for sampler in (ephemeral, named, base)]
        return {
            "unmoved": before == after,
            "ephemeral": apart(before[0], trainer),
            "named": apart(before[1], trainer),
            "base": apart(before[2], trainer),
            "later": apart(scores(later, WATCHED), before[0]),
            "trainer": apart(scores(later, WATCHED), logprobs(training, WATCHED)),
        }


def seeds_repeat() -> dict:
    with service() as client:
        sampler = client.create_sampling_client(base_model=UNTIED).result()

        def tokens(**params: object) -> list[list[int]]:
            asked = types.SamplingParams(max_tokens=12, stop=[], **params)
            return [sampled.tokens for sampled in sampler.sample(PROMPT, 4, asked).result().sequences]

        greedy = tokens(temperature=0.0)
        stopped = sampler.sample(PROMPT, 1, types.SamplingParams(max_tokens=12, temperature=0.0, stop=[greedy[0][2]]))
        return {
            "same_seed": tokens(seed=1) == tokens(seed=1),
            "other_seed": tokens(seed=1) != tokens(seed=2),
            "greedy": len({tuple(sampled) for sampled in greedy}),
            "top_1": tokens(seed=1, top_k=1) == greedy,
            "stopped": stopped.result().sequences[0].tokens == greedy[0][: greedy[0].index(greedy[0][2]) + 1],
            "reason": str(stopped.result().sequences[0].stop_reason),
        }


def gradients_add_up() -> dict:
    """Two passes before a step are one pass over both; a step clears what was added."""
    halves = BATCH[:2], BATCH[2:]
    with service() as client:
        parted, whole = (run(client, seed=7) for _ in range(2))
        passes = [parted.forward_backward(half, "cross_entropy") for half in halves]
        norm = parted.optim_step(ADAM).result().metrics["grad_norm"]
        once = whole.forward_backward(BATCH, "cross_entropy").result().metrics["loss:sum"]
        whole_norm = whole.optim_step(ADAM).result().metrics["grad_norm"]
        return {
            "loss": abs(sum(passed.result().metrics["loss:sum"] for passed in passes) - once),
            "norm": abs(norm - whole_norm) / whole_norm,
            "after": apart(logprobs(parted, WATCHED), logprobs(whole, WATCHED)),
            "empty_step": parted.optim_step(types.AdamParams(learning_rate=0.0)).result().metrics["grad_norm"],
        }


def a_thousand_and_more() -> dict:
    """More than the client sends at once, so it cuts them into several requests."""
    data = [datum(sequence(seed, 3)) for seed in range(1030)]
    with service() as client:
        training = run(client, seed=8, rank=4)
        output = training.forward_backward(data, "cross_entropy").result()
        alone = training.forward(data[1028:1029], "cross_entropy").result()
        logprobs = [each["logprobs"].tolist() for each in output.loss_fn_outputs]
        return {
            "outputs": len(logprobs),
            "loss": abs(output.metrics["loss:sum"] + sum(map(sum, logprobs))),
            "in_order": apart(logprobs[1028], alone.loss_fn_outputs[0]["logprobs"].tolist()),
        }
