"""Several tenants of one server through the real client: at once, and one after another; a short job beside a long one.

`tenants.py MODEL [ROUNDS]`; TINKER_BASE_URL and TINKER_API_KEY say where the server is. Each round measures both sides.
"""

import random
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import tinker
from tinker import types

VOCABULARY = 49_152
RANKS = (1, 2, 4, 8, 16, 32, 64, 32)
LOSSES = ("cross_entropy", "importance_sampling", "ppo", "cispo", "dro", "gspo", "cross_entropy", "cross_entropy")
STEPS = 3


def datum(chance: random.Random, loss: str, length: int) -> types.Datum:
    tokens = [chance.randrange(VOCABULARY) for _ in range(length)]
    inputs = {"target_tokens": tokens}
    if loss == "cross_entropy":
        inputs["weights"] = [1.0] * length
    else:
        inputs |= {"logprobs": [-11.0] * length, "advantages": [chance.gauss(0, 1) for _ in range(length)]}
    if loss == "gspo":
        inputs["sequence_ratio_mask"] = [1.0] * length
    return types.Datum(model_input=types.ModelInput.from_ints(tokens), loss_fn_inputs=inputs)


class Tenant:
    def __init__(self, model: str, number: int, datums: int, length: int) -> None:
        chance = random.Random(number)
        self.loss = LOSSES[number % len(LOSSES)]
        self.batch = [datum(chance, self.loss, length) for _ in range(datums)]
        service = tinker.ServiceClient()
        self.client = service.create_lora_training_client(model, rank=RANKS[number % len(RANKS)], seed=number).result()

    def work(self, steps: int = STEPS) -> None:
        for _ in range(steps):
            passed = self.client.forward_backward(self.batch, self.loss)
            stepped = self.client.optim_step(types.AdamParams(learning_rate=1e-4))
            passed.result()
            stepped.result()


def seconds(works) -> float:
    """How long these take at once; none of them may fail."""
    start = time.time()
    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result()
    return time.time() - start


def spread(name: str, values: list[float]) -> None:
    each = " ".join(f"{value:.2f}" for value in values)
    print(f"  {name}: {statistics.median(values):.2f} ({each})", flush=True)


def main() -> None:
    model, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    for datums, length in ((1, 24), (2, 64)):
        tenants = [Tenant(model, number, datums, length) for number in range(8)]
        seconds([tenant.work for tenant in tenants])
        ratios, rates = [], []
        for _ in range(rounds):
            apart = sum(seconds([tenant.work]) for tenant in tenants)
            together = seconds([tenant.work for tenant in tenants])
            ratios.append(apart / together)
            rates.append(8 * STEPS * datums * length / together)
        print(f"eight tenants, each {datums} x {length} tokens a step, ranks {RANKS}, losses {sorted(set(LOSSES))}:")
        spread("one after another / at once", ratios)
        spread("tokens/s at once", rates)
    long, short = Tenant(model, 0, 64, 256), Tenant(model, 1, 2, 64)
    short.work()
    alone, beside = [], []
    for _ in range(rounds):
        alone.append(seconds([short.work]))
        busy = threading.Thread(target=long.work, args=(1,))
        busy.start()
        time.sleep(1)
        beside.append(seconds([short.work]))
        busy.join()
    print("a short job (3 steps of 2 x 64 tokens), seconds:")
    spread("alone", alone)
    spread("beside a batch of 64 x 256 tokens", beside)


if __name__ == "__main__":
    main()
