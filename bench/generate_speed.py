"""Samples with transformers' `generate`, timed as `SamplingSpeed` times ours.

`generate_speed.py FOLDER WORKLOAD ROUNDS` prints the median of new tokens per second, prompts included in the time. A
workload such as `16x32+64` is 16 prompts of 32 tokens each, and 64 new ones for each. `--clock cpu` counts the time of
this thread alone, as in `peft_step.py`.
"""

import argparse
import re
import statistics
import time

import torch
from transformers import AutoModelForCausalLM

DTYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}


def measure(options: argparse.Namespace) -> float:
    torch.set_num_threads(options.threads)
    clock = time.thread_time if options.clock == "cpu" else time.perf_counter
    model = AutoModelForCausalLM.from_pretrained(options.folder, dtype=DTYPES[options.dtype])
    model.eval()
    prompts, length, new = map(int, re.fullmatch(r"(\d+)x(\d+)\+(\d+)", options.workload).groups())
    random = torch.Generator().manual_seed(1)
    times = []
    for _ in range(options.warmup + options.rounds):
        tokens = torch.randint(model.config.vocab_size, (prompts, length), generator=random)
        start = clock()
        drawn = model.generate(
            input_ids=tokens,
            attention_mask=torch.ones_like(tokens),
            do_sample=True,
            temperature=options.temperature,
            top_k=options.top_k,
            top_p=options.top_p,
            min_new_tokens=new,
            max_new_tokens=new,
            pad_token_id=0,
        )
        times.append(clock() - start)
        assert drawn.shape == (prompts, length + new)
    return prompts * new / statistics.median(times[options.warmup :])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("workload")
    parser.add_argument("rounds", type=int)
    parser.add_argument("--dtype", choices=DTYPES, default="bf16")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall")
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--top-k", type=int, default=0)
    parser.add_argument("--top-p", type=float, default=1.0)
    parser.add_argument("--warmup", type=int, default=1)
    options = parser.parse_args()
    print(f"generate {options.workload} {measure(options):.1f}")


if __name__ == "__main__":
    main()
