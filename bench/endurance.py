"""Many steps of a small run: `endurance.py MODEL SERVER_PID STEPS [VOCABULARY]`.

Prints at every twentieth part of them what memory the server holds and how fast the steps since were.
TINKER_BASE_URL and TINKER_API_KEY say where the server is.
"""

import re
import sys
import time
from pathlib import Path

from client_steps import batch, training_client
from tinker import types

PARTS = 20
AHEAD = 8
"""How many steps are on their way at once: a small step is shorter than the way to the server and back."""


def resident(pid: int) -> int:
    """In MiB."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) // 1024


def main() -> None:
    model, pid, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    training = training_client(model, 8)
    data = batch(2, 12, int(sys.argv[4]))
    waiting, start = [], time.time()
    for number in range(1, steps + 1):
        waiting.append(training.forward_backward(data, "cross_entropy"))
        waiting.append(training.optim_step(types.AdamParams(learning_rate=1e-4)))
        while len(waiting) > 2 * AHEAD:
            waiting.pop(0).result()
        if number % (steps // PARTS) == 0:
            while waiting:
                waiting.pop(0).result()
            now = time.time()
            rate = steps // PARTS / (now - start)
            print(f"  step {number:>6}: resident {resident(pid)} MiB, {rate:.0f} steps/s", flush=True)
            start = now


if __name__ == "__main__":
    main()
