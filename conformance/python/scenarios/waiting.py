"""Many samples at once, those that nobody wants any more, and clients in several copies."""

import json
import os
import pickle
import subprocess
import sys
import time
from concurrent.futures import Future
from statistics import median, quantiles

import httpx
import tinker
from tinker import types

from .common import BATCH, UNTIED, run, sequence, service, settled, train

PROMPT = types.ModelInput.from_ints(sequence(51, 9))
HEADERS = {"X-API-Key": os.environ["TINKER_API_KEY"]}


def params(seed: int, tokens: int = 3) -> types.SamplingParams:
    return types.SamplingParams(max_tokens=tokens, seed=seed, stop=[])


def http() -> httpx.Client:
    return httpx.Client(base_url=os.environ["TINKER_BASE_URL"] + "/api/v1", headers=HEADERS, timeout=60)


class Heartbeats:
    """One after another, in a process of its own, while something else goes on."""

    def __enter__(self) -> "Heartbeats":
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.heartbeats"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.process.stdout.readline()
        return self

    def __exit__(self, *_: object) -> None:
        told, _ = self.process.communicate()
        milliseconds, late = json.loads(told).values()
        self.facts = {
            "machine_p99": quantiles(late, n=100)[98],
            "beats": len(milliseconds),
            "beat_median": median(milliseconds),
            "beat_p99": quantiles(milliseconds, n=100)[98],
            "beat_worst": max(milliseconds),
        }


def two_thousand() -> dict:
    """Asked for all at once, while a run trains and heartbeats go on."""
    with service() as client, Heartbeats() as beats:
        sampler = client.create_sampling_client(base_model=UNTIED).result()
        training = run(client, seed=52)
        start = time.perf_counter()
        futures = [sampler.sample(PROMPT, 1, params(seed)) for seed in range(2000)]
        losses = train(training, 10)
        tokens = [future.result().sequences[0].tokens for future in futures]
        seconds = time.perf_counter() - start
        again = [sampler.sample(PROMPT, 1, params(seed)).result().sequences[0].tokens for seed in (7, 1999)]
    return {
        "answered": len(tokens),
        "lengths": sorted({len(each) for each in tokens}),
        "same": again == [tokens[7], tokens[1999]],
        "fell": losses[0] - losses[-1],
        "seconds_for_all": seconds,
        **beats.facts,
    }


def copies() -> dict:
    """A client that was pickled draws on its own, and its samples are those of the first."""
    with service() as client:
        first = client.create_sampling_client(base_model=UNTIED).result()
        others = [pickle.loads(pickle.dumps(first)) for _ in range(3)]
        asked = [each.sample(PROMPT, 1, params(seed=5)) for each in [first, *others]]
        tokens = [future.result().sequences[0].tokens for future in asked]
        ids = [future.result().sequences[0].sequence_id for future in asked]
        return {
            "same": all(each == tokens[0] for each in tokens),
            "ids": len(set(ids)),
            "numbers": sorted(each._cloned_sampler_id for each in [first, *others]),
            "polled": all(each._futures_poller is not None for each in others),
        }


def drawn_by_an_older_client() -> dict:
    """Each answered, however the client waits for them."""
    sampler = settled(tinker.ServiceClient().create_sampling_client(base_model=UNTIED))
    futures = [sampler.sample(PROMPT, 1, params(seed)) for seed in range(50)]
    return {"version": tinker.__version__, "lengths": [len(future.result().sequences[0].tokens) for future in futures]}


def taken_back_by_an_older_client() -> dict:
    """Asked for, and not wanted any more: the server hears of it."""
    sampler = settled(tinker.ServiceClient().create_sampling_client(base_model=UNTIED))
    unwanted = [sampler.sample(PROMPT, 8, params(seed, tokens=100)) for seed in range(40)]
    with http() as raw:
        return {"told": told_after(unwanted, f"{sampler._sampling_session_id}:39", raw)}


def told_after(unwanted: list, last: str, raw: httpx.Client) -> str:
    """What is told of the `last` of samples that are taken back once all have arrived."""
    await_arrival(raw, last)
    for future in unwanted:
        (future if isinstance(future, Future) else future.future()).cancel()
    told = {"type": "try_again"}
    while told.get("type") == "try_again":
        answer = raw.post("retrieve_future", json={"request_id": last})
        told = answer.json() if "json" in answer.headers["content-type"] else {"type": "sample"}
    return told.get("error", "it was drawn")


def await_arrival(raw: httpx.Client, name: str) -> None:
    """Returns once the server has promised `name`: from then on it makes one wait for it."""
    try:
        while raw.post("retrieve_future", json={"request_id": name}, timeout=1).status_code == 404:
            time.sleep(0.05)
    except httpx.ReadTimeout:
        pass


def taken_back() -> dict:
    """Samples that nobody waits for do not keep others waiting."""
    with service() as client:
        sampler = client.create_sampling_client(base_model=UNTIED).result()
        wanted = sampler.sample(PROMPT, 1, params(seed=1)).result().sequences[0].tokens
        unwanted = [sampler.sample(PROMPT, 8, params(seed, tokens=100)) for seed in range(40)]
        with http() as raw:
            told = told_after(unwanted, f"{sampler._sampling_session_id}:40", raw)
        again = sampler.sample(PROMPT, 1, params(seed=1)).result().sequences[0].tokens
        return {"told": told, "same": again == wanted}


def large_results() -> dict:
    """Announced by their size first, where the client likes that."""
    with service() as client:
        training = run(client, seed=53, rank=4)
        data = BATCH[:1] * 1000
        metrics = training.forward(data, "cross_entropy").result().metrics
        once = training.forward(BATCH[:1], "cross_entropy").result().metrics
        sampler = client.create_sampling_client(base_model=UNTIED).result()
        scored = sampler.sample(
            types.ModelInput.from_ints(sequence(54, 100)),
            1,
            params(seed=1, tokens=1),
            include_prompt_logprobs=True,
            topk_prompt_logprobs=20,
        ).result()
        return {
            "apart": abs(metrics["loss:sum"] - 1000 * once["loss:sum"]) / metrics["loss:sum"],
            "scored": len(scored.topk_prompt_logprobs),
        }


def transport() -> dict:
    """What the client was told, as it understood it."""
    with service() as client:
        sampler = client.create_sampling_client(base_model=UNTIED).result()
        config = client.holder.get_client_config()
        return {
            "pyqwest": config.use_pyqwest_transport,
            "zstd": config.proto_compress_fwdbwd,
            "session": config.sample_use_retrieve_futures,
            "join": config.sample_join_sampling_session,
            "most": config.sample_max_concurrent_requests,
            "cancel": client.holder._client_dynamic_config.sample_cancel_enabled,
            "tokens": len(sampler.sample(PROMPT, 1, params(seed=1)).result().sequences[0].tokens),
        }
