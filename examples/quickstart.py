"""Trains a LoRA adapter on conversations with the four verbs of Tinker, and asks one question before and after.

TINKER_BASE_URL, TINKER_API_KEY and HF_ENDPOINT say where the server is.
"""

import argparse
import json
import random
import time
from importlib.util import find_spec
from pathlib import Path

import tinker
from tinker import types
from transformers import AutoTokenizer

QUESTION = "Write a haiku about programming."


def datum(tokenizer, messages):
    """One conversation as tokens; only what the assistant says counts."""
    tokens, weights = [], []
    for end in range(1, len(messages) + 1):
        text = tokenizer.apply_chat_template(messages[:end], tokenize=False)
        more = tokenizer.encode(text, add_special_tokens=False)[len(tokens):]
        tokens += more
        weights += [1.0 if messages[end - 1]["role"] == "assistant" else 0.0] * len(more)
    return types.Datum(
        model_input=types.ModelInput.from_ints(tokens[:-1]),
        loss_fn_inputs={"target_tokens": tokens[1:], "weights": weights[1:]},
    )


def answer(sampler, tokenizer):
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": QUESTION}], tokenize=False, add_generation_prompt=True
    )
    tokens = tokenizer.encode(prompt, add_special_tokens=False)
    params = types.SamplingParams(max_tokens=48, temperature=0.0, stop=[tokenizer.eos_token_id])
    sampled = sampler.sample(types.ModelInput.from_ints(tokens), 1, params).result()
    return tokenizer.decode(sampled.sequences[0].tokens, skip_special_tokens=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-model", required=True)
    parser.add_argument("--data", type=Path, help="lines of {\"messages\": [...]} [the cookbook's own example]")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch", type=int, default=16, help="conversations a step")
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--events", action="store_true", help="say what happens as JSON, a line each")
    options = parser.parse_args()

    def say(event, **facts):
        print(json.dumps({"event": event, **facts}) if options.events else f"{event}: {facts}", flush=True)

    cookbook = Path(find_spec("tinker_cookbook").origin).parent
    lines = (options.data or cookbook / "example_data/conversations.jsonl").read_text().splitlines()
    tokenizer = AutoTokenizer.from_pretrained(options.base_model)
    data = [datum(tokenizer, json.loads(line)["messages"]) for line in lines]

    service = tinker.ServiceClient()
    training = service.create_lora_training_client(base_model=options.base_model, rank=32, seed=1)
    say("sample", when="before", question=QUESTION,
        answer=answer(training.save_weights_and_get_sampling_client(), tokenizer))

    adam = types.AdamParams(learning_rate=options.learning_rate, beta1=0.9, beta2=0.95, eps=1e-8)
    shuffled = random.Random(0).sample
    order = [i for _ in range(options.epochs) for i in shuffled(range(len(data)), len(data))]
    batches = [[data[i] for i in order[at:at + options.batch]] for at in range(0, len(order), options.batch)]
    start = time.time()

    def submit(batch):  # both calls only ask; the answers are waited for later
        return training.forward_backward(batch, "cross_entropy"), training.optim_step(adam)

    def report(step, passed, stepped):
        stepped.result()
        counted = sum(sum(d.loss_fn_inputs["weights"].tolist()) for d in batches[step])
        say("step", step=step + 1, of=len(batches), loss=passed.result().metrics["loss:sum"] / counted,
            tokens=sum(d.model_input.length for d in batches[step]), seconds=time.time() - start)

    ahead = submit(batches[0])  # the next step is on its way while this one is computed
    for step in range(len(batches)):
        done, ahead = ahead, submit(batches[step + 1]) if step + 1 < len(batches) else None
        report(step, *done)

    say("saved", path=training.save_state("quickstart").result().path)
    say("sample", when="after", question=QUESTION,
        answer=answer(training.save_weights_and_get_sampling_client(), tokenizer))


if __name__ == "__main__":
    main()
