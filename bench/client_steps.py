"""Training steps through a Tinker server and the real client, timed as `TrainingSpeed` times the bare engine.

`client_steps.py MODEL WORKLOAD STEPS` prints the median tokens per second; a workload such as `8x256` is 8 sequences of
256 tokens. TINKER_BASE_URL and TINKER_API_KEY say where the server is. Runs with any version of the client since 0.25.
"""

import argparse
import random
import statistics
import time

import tinker
from tinker import types


def batch(sequences: int, length: int, vocabulary: int) -> list[types.Datum]:
    chance = random.Random(1)

    def tokens() -> list[int]:
        return [chance.randrange(vocabulary) for _ in range(length)]

    return [
        types.Datum(
            model_input=types.ModelInput.from_ints(tokens()),
            loss_fn_inputs={"target_tokens": tokens(), "weights": [1.0] * length},
        )
        for _ in range(sequences)
    ]


def training_client(model: str, rank: int) -> tinker.TrainingClient:
    made = tinker.ServiceClient().create_lora_training_client(base_model=model, rank=rank, seed=1)
    return made.result() if hasattr(made, "result") else made  # a future, in newer clients


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("workload")
    parser.add_argument("steps", type=int)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--vocabulary", type=int, default=49_152)
    parser.add_argument("--warmup", type=int, default=2)
    options = parser.parse_args()
    sequences, length = map(int, options.workload.split("x"))
    training = training_client(options.model, options.rank)
    data = batch(sequences, length, options.vocabulary)
    times = []
    for _ in range(options.warmup + options.steps):
        start = time.perf_counter()
        passed = training.forward_backward(data, "cross_entropy")
        stepped = training.optim_step(types.AdamParams(learning_rate=1e-4, weight_decay=0.01, grad_clip_norm=1.0))
        passed.result()
        stepped.result()
        times.append(time.perf_counter() - start)
    rate = sequences * length / statistics.median(times[options.warmup :])
    print(f"client {options.workload} {rate:.1f} ({' '.join(f'{seconds:.2f}' for seconds in times)} s)", flush=True)


if __name__ == "__main__":
    main()
