"""Training steps with transformers and peft, timed as `TrainingSpeed` times ours.

`peft_step.py make FOLDER` writes a model of SmolLM2-135M's shape, its numbers random.
`peft_step.py time FOLDER WORKLOAD STEPS` prints the median tokens per second of that many steps.
"""

import statistics
import sys
import time
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, LlamaConfig

RANK = 32
WARM_UP = 2
MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "lm_head"]
WORKLOADS = {
    "short": [35 + 7 * number % 31 for number in range(16)],
    "long": [256] * 8,
}


def make(folder: Path) -> None:
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=49152,
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        max_position_embeddings=8192,
        rms_norm_eps=1e-5,
        rope_theta=100000.0,
        tie_word_embeddings=True,
        dtype=torch.bfloat16,
    )
    AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).save_pretrained(folder)


def measure(folder: Path, workload: str, steps: int) -> float:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    model = get_peft_model(model, LoraConfig(r=RANK, lora_alpha=32, target_modules=MODULES))
    model.train()
    adapter = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(adapter, lr=1e-4)
    tokens, targets, mask = batch(WORKLOADS[workload], model.config.vocab_size)
    times = []
    for _ in range(WARM_UP + steps):
        start = time.perf_counter()
        logits = model(input_ids=tokens, attention_mask=mask).logits
        loss = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1).float(), targets.flatten(), reduction="sum", ignore_index=-100
        )
        loss.backward()
        torch.nn.utils.clip_grad_norm_(adapter, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        times.append(time.perf_counter() - start)
    return int(mask.sum()) / statistics.median(times[WARM_UP:])


def batch(lengths: list[int], vocabulary: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Random sequences side by side, padded on the right to the longest."""
    random = torch.Generator().manual_seed(1)
    size = (len(lengths), max(lengths))
    mask = torch.arange(size[1])[None] < torch.tensor(lengths)[:, None]
    tokens = torch.randint(vocabulary, size, generator=random)
    targets = torch.randint(vocabulary, size, generator=random).masked_fill(~mask, -100)
    return tokens, targets, mask.long()


def main() -> None:
    folder = Path(sys.argv[2])
    if sys.argv[1] == "make":
        make(folder)
    else:
        rate = measure(folder, sys.argv[3], int(sys.argv[4]))
        print(f"peft {sys.argv[3]} {rate:.1f}")


if __name__ == "__main__":
    main()
