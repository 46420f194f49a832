"""Reinforcement learning in one loop: a model that likes to talk learns to answer in about five words.

Each step samples a few answers to each question from the weights of this moment, rewards the short ones,
and makes more likely what did better than its group. No reward model, no data set, no second program.
TINKER_BASE_URL, TINKER_API_KEY and HF_ENDPOINT say where the server is.
"""

import argparse
import time
from statistics import fmean, pstdev

import tinker
from tinker import types
from transformers import AutoTokenizer

WORDS = 5
QUESTIONS = [
    "What is the capital of France?",
    "What do bees make?",
    "Who wrote Hamlet?",
    "Why is the sky blue?",
]


def reward(text):
    """1 for an answer of five words, less for each word beside them, 0 for ten and more."""
    return max(0.0, 1 - abs(len(text.split()) - WORDS) / WORDS)


def datum(prompt, sampled, advantage):
    """What was sampled, how likely it was, and how much better than the others; the prompt counts nothing."""
    tokens, before = prompt + sampled.tokens, [0.0] * (len(prompt) - 1)
    inputs = {
        "target_tokens": tokens[1:],
        "logprobs": before + list(sampled.logprobs),
        "advantages": before + [advantage] * len(sampled.tokens),
    }
    return types.Datum(model_input=types.ModelInput.from_ints(tokens[:-1]), loss_fn_inputs=inputs)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-model", required=True)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--group", type=int, default=8, help="answers to each question")
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    options = parser.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(options.base_model)
    prompts = [
        tokenizer.apply_chat_template([{"role": "user", "content": question}], add_generation_prompt=True)["input_ids"]
        for question in QUESTIONS
    ]
    training = tinker.ServiceClient().create_lora_training_client(base_model=options.base_model, rank=16, seed=1).result()
    adam = types.AdamParams(learning_rate=options.learning_rate, beta1=0.9, beta2=0.95, eps=1e-8)
    start = time.time()
    for step in range(options.steps):
        sampler = training.save_weights_and_get_sampling_client().result()
        params = types.SamplingParams(max_tokens=24, temperature=1.0, seed=step, stop=[tokenizer.eos_token_id])
        asked = [sampler.sample(types.ModelInput.from_ints(prompt), options.group, params) for prompt in prompts]
        data, rewards = [], []
        for prompt, answer in zip(prompts, asked):
            group = answer.result().sequences
            texts = [tokenizer.decode(sampled.tokens, skip_special_tokens=True) for sampled in group]
            earned = [reward(text) for text in texts]
            mean, spread = fmean(earned), pstdev(earned)
            data += [datum(prompt, each, (r - mean) / spread) for each, r in zip(group, earned) if spread > 0]
            rewards += earned
        if data:
            learned = training.forward_backward(data, "importance_sampling")
            training.optim_step(adam).result()
            learned.result()
        print(f"step {step + 1:2}  reward {fmean(rewards):.3f}  {time.time() - start:5.1f} s  {texts[0]!r}", flush=True)


if __name__ == "__main__":
    main()
