"""Training steps with transformers and peft, timed as `TrainingSpeed` times ours.

`peft_step.py FOLDER WORKLOAD STEPS` prints the median tokens per second of that many steps. `--dtype` is that of the
base; `--adapter-dtype` that of the adapter, which peft keeps in fp32 unless told; `--compile` has `torch.compile` make
code for model and loss together; `--clock cpu` counts the time of this thread alone, which says more on a busy machine,
as long as there is one thread.
"""

import argparse
import statistics
import time
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

RANK = 32
MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "lm_head"]
WORKLOADS = {
    "short": [35 + 7 * number % 31 for number in range(16)],
    "long": [256] * 8,
}


def measure(options: argparse.Namespace) -> float:
    dtypes = {"bf16": torch.bfloat16, "fp32": torch.float32}
    torch.set_num_threads(options.threads)
    clock = time.thread_time if options.clock == "cpu" else time.perf_counter
    model = AutoModelForCausalLM.from_pretrained(options.folder, dtype=dtypes[options.dtype])
    lora = LoraConfig(r=RANK, lora_alpha=32, target_modules=MODULES)
    model = get_peft_model(model, lora, autocast_adapter_dtype=options.adapter_dtype == "fp32")
    model.train()
    adapter = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(adapter, lr=1e-4)
    tokens, targets, mask = batch(WORKLOADS[options.workload], model.config.vocab_size)

    def loss_of(tokens: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        logits = model(input_ids=tokens, **masked).logits
        return torch.nn.functional.cross_entropy(
            logits.flatten(0, 1).float(), targets.flatten(), reduction="sum", ignore_index=-100
        )

    # Without padding there is no mask to give, and the quicker kernels of attention may be used.
    masked = {} if mask.all() else {"attention_mask": mask}
    forward = torch.compile(loss_of) if options.compile else loss_of
    times = []
    for _ in range(options.warmup + options.steps):
        start = clock()
        loss = forward(tokens, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(adapter, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        times.append(clock() - start)
    return int(mask.sum()) / statistics.median(times[options.warmup :])


def batch(lengths: list[int], vocabulary: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Random sequences side by side, padded on the right to the longest."""
    random = torch.Generator().manual_seed(1)
    size = (len(lengths), max(lengths))
    mask = torch.arange(size[1])[None] < torch.tensor(lengths)[:, None]
    tokens = torch.randint(vocabulary, size, generator=random)
    targets = torch.randint(vocabulary, size, generator=random).masked_fill(~mask, -100)
    return tokens, targets, mask.long()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("steps", type=int)
    parser.add_argument("--dtype", choices=["bf16", "fp32"], default="bf16")
    parser.add_argument("--adapter-dtype", choices=["bf16", "fp32"], default="fp32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall")
    parser.add_argument("--warmup", type=int, default=2)
    options = parser.parse_args()
    print(f"peft {options.workload} {measure(options):.1f}")


if __name__ == "__main__":
    main()
