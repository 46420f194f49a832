"""Sends batches of 64 × 512 tokens through the real client, and reads after each what the server had at most.

`batches.py MODEL SERVER_PID COUNT`; TINKER_BASE_URL and TINKER_API_KEY say where the server is.
"""

import random
import re
import sys
import time
from pathlib import Path

import tinker
from tinker import types

DATUMS = 64
LENGTH = 512
VOCABULARY = 49_152


def peak(pid: int) -> int:
    """The most memory a process ever had, in MiB."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) // 1024


def batch(chance: random.Random) -> list[types.Datum]:
    def tokens() -> list[int]:
        return [chance.randrange(VOCABULARY) for _ in range(LENGTH)]

    return [
        types.Datum(
            model_input=types.ModelInput.from_ints(tokens()),
            loss_fn_inputs={"target_tokens": tokens(), "weights": [1.0] * LENGTH},
        )
        for _ in range(DATUMS)
    ]


def main() -> None:
    model, pid, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    training = tinker.ServiceClient().create_lora_training_client(base_model=model, rank=32, seed=1).result()
    chance = random.Random(1)
    print(f"model loaded, a run made: peak {peak(pid)} MiB", flush=True)
    for number in range(count):
        start = time.time()
        passed = training.forward_backward(batch(chance), "cross_entropy")
        stepped = training.optim_step(types.AdamParams(learning_rate=1e-4))
        passed.result()
        stepped.result()
        print(f"batch {number + 1} of {DATUMS} x {LENGTH} tokens: peak {peak(pid)} MiB, {time.time() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
