"""The most memory a server has in training steps of several shapes: `peaks.py MODEL SERVER_PID BATCHES`.

TINKER_BASE_URL and TINKER_API_KEY say where the server is. Its peak is set back before each shape of which it matters.
"""

import re
import sys
import time
from pathlib import Path

import tinker
from client_steps import batch, training_client
from tinker import types

CONTEXTS = (512, 1024, 2048, 4096, 8192)


class Process:
    def __init__(self, pid: int) -> None:
        self.folder = Path(f"/proc/{pid}")

    def peak(self) -> int:
        """In MiB."""
        return int(re.search(r"VmHWM:\s+(\d+)", (self.folder / "status").read_text())[1]) // 1024

    def forget_peak(self) -> None:
        (self.folder / "clear_refs").write_text("5")


def step(training: tinker.TrainingClient, sequences: int, length: int) -> float:
    """How many seconds it took."""
    data = batch(sequences, length, 49_152)
    start = time.time()
    passed = training.forward_backward(data, "cross_entropy")
    stepped = training.optim_step(types.AdamParams(learning_rate=1e-4))
    passed.result()
    stepped.result()
    return time.time() - start


def main() -> None:
    model, server, batches = sys.argv[1], Process(int(sys.argv[2])), int(sys.argv[3])
    training = training_client(model, 32)
    print(f"model loaded, a run made: peak {server.peak()} MiB", flush=True)
    for _ in range(5):
        step(training, 8, 256)
    print(f"5 steps of 8 x 256 tokens: peak {server.peak()} MiB", flush=True)
    server.forget_peak()
    for number in range(batches):
        took = step(training, 64, 512)
        print(f"batch {number + 1} of 64 x 512 tokens: peak {server.peak()} MiB, {took:.0f} s", flush=True)
    for length in CONTEXTS:
        server.forget_peak()
        took = step(training, 1, length)
        print(f"one sequence of {length} tokens: peak {server.peak()} MiB, {took:.1f} s", flush=True)


if __name__ == "__main__":
    main()
