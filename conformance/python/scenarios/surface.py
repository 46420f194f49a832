"""Every public method of the client's classes, once, in both of its forms; what comes of it is noted by `watch`."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import os
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any

import tinker
import torch
import watch
from cells import cell
from tinker import types
from tinker.lib.api_future_impl import QueueState

from .common import ADAM, BATCH, UNTIED, sequence

PROMPT = types.ModelInput.from_ints(sequence(61, 9))
PROJECT = "default"
FEW = types.SamplingParams(max_tokens=3, seed=1)
FAILED: dict[str, str] = {}
os.environ["TINKER_PROJECT_ID"] = PROJECT

# What an older version cannot do whatever a server says, as its own code shows.
OWN_FAULTS = {
    ("0.20.0", "0.25.0", "0.31.0"): {
        "RestClient.get_audit_log_async": "it asks in the event loop of its caller, over connections that insist on the client's own",
    },
}


def settled(result: Any) -> Any:
    """What it promises; a promise of a promise is kept too."""
    if inspect.iscoroutine(result):
        result = asyncio.run(awaited(result))
    return result.result() if isinstance(result, tinker.APIFuture | Future) else result


async def awaited(result: Any) -> Any:
    value = await result
    return await value if isinstance(value, tinker.APIFuture) else value


def called(thing: object, name: str, *words: Any, **named: Any) -> Any:
    """The method and its `_async` twin, where this version of the client has them; what the former gave."""
    given = None
    for method in (name + "_async", name):
        if not hasattr(type(thing), method):
            continue
        row = f"{type(thing).__name__}.{method}"
        try:
            given = settled(getattr(thing, method)(*[word.word() if isinstance(word, Fresh) else word for word in words], **named))
            watch.well("sdk", row)
        except Exception as failure:
            FAILED[row] = str(failure).splitlines()[0][:200]
    return given


class Fresh:
    """Another word for each form, where a name or a thing can be used only once."""

    def __init__(self, make: Callable[[int], Any]):
        self._made = map(make, itertools.count())

    def word(self) -> Any:
        return next(self._made)


def squared(logprobs: torch.Tensor, weights: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    loss = (logprobs * logprobs * weights).sum()
    return loss, {"custom/squared:sum": loss}


def beside(data: list[types.Datum], logprobs: list[torch.Tensor]) -> tuple[torch.Tensor, dict[str, float]]:
    loss = torch.stack([-each.sum() for each in logprobs]).sum()
    return loss, {"nll": float(loss)}


def of_service(client: tinker.ServiceClient) -> tinker.TrainingClient:
    called(client, "get_console_url")
    called(client, "get_telemetry")
    called(client, "get_server_capabilities")
    called(client, "create_sampling_client", base_model=UNTIED)
    return called(client, "create_lora_training_client", UNTIED, 8)


def of_saved(client: tinker.ServiceClient, state: str) -> None:
    called(client, "create_training_client_from_state", state)
    called(client, "create_training_client_from_state_with_optimizer", state)
    called(client, "copy_weights", state)


def of_training(client: tinker.ServiceClient, training: tinker.TrainingClient) -> tuple[str, str]:
    for name in ["get_console_url", "get_telemetry", "get_info", "get_tokenizer"]:
        called(training, name)
    for name in ["forward", "forward_backward"]:
        called(training, name, BATCH, "cross_entropy")
    called(training, "forward_backward_custom", BATCH, beside)
    if loss := called(client, "create_custom_loss", squared, {"logprobs": 1, "weights": 1}):
        called(training, "forward_backward_custom", BATCH, loss)
    called(training, "optim_step", ADAM)
    called(training, "on_queue_state_change", QueueState.ACTIVE, None)
    state = called(training, "save_state", Fresh("state-{}".format)).path
    for_sampler = called(training, "save_weights_for_sampler", Fresh("sampler-{}".format)).path
    called(training, "save_weights_external", Fresh("external-{}".format))
    called(training, "load_state", state)
    called(training, "load_state_with_optimizer", state)
    called(training, "create_sampling_client", for_sampler)
    return state, for_sampler


def of_sampling(sampler: tinker.SamplingClient) -> None:
    for name in ["get_base_model", "get_telemetry", "get_tokenizer"]:
        called(sampler, name)
    called(sampler, "sample", PROMPT, 1, FEW)
    called(sampler, "compute_logprobs", PROMPT)
    called(sampler, "on_queue_state_change", QueueState.ACTIVE, None)
    if handle := called(sampler, "get_sampler_handle"):
        other = settled(tinker.SamplingClient.from_sampler_handle(handle))
        called(other, "sample", PROMPT, 1, FEW)


def of_rest(rest: Any, training: tinker.TrainingClient, state: str) -> None:
    run = training.get_info().model_id
    for name in ["get_telemetry", "get_server_capabilities", "whoami", "list_training_runs", "list_user_checkpoints"]:
        called(rest, name)
    called(rest, "get_training_run", run)
    called(rest, "list_checkpoints", run)
    for name in ["get_training_run_by_tinker_path", "get_weights_info_by_tinker_path"]:
        called(rest, name, state)
    called(rest, "set_checkpoint_ttl_from_tinker_path", state, 3600)
    called(rest, "publish_checkpoint_from_tinker_path", state)
    called(rest, "unpublish_checkpoint_from_tinker_path", state)
    called(rest, "copy_weights", state, PROJECT)
    called(rest, "get_checkpoint_archive_url", run, state.split("/", 3)[3])
    called(rest, "get_checkpoint_archive_url_from_tinker_path", state)
    if hasattr(rest, "get_external_weights_urls"):
        called(rest, "get_external_weights_urls", training.save_weights_external("out").result().path)

    def spare(number: int) -> str:
        return training.save_state(f"spare-{number}").result().path

    called(rest, "delete_checkpoint_from_tinker_path", Fresh(spare))
    called(rest, "delete_checkpoint", run, Fresh(lambda number: spare(number + 50).split("/", 3)[3]))
    sampler = settled(training.save_weights_and_get_sampling_client())
    called(rest, "get_sampler", sampler._sampling_session_id)


def of_sessions(rest: Any, session: str) -> None:
    called(rest, "list_sessions")
    called(rest, "get_session", session)
    called(rest, "export_session_trace", session)
    if hasattr(types, "SessionSearchRequest"):
        called(rest, "search_sessions", types.SessionSearchRequest(limit=5))
    called(rest, "assign_session_project", session, PROJECT)


def of_accounts(client: object) -> None:
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    called(client, "get_telemetry")
    called(client, "get_audit_log")
    called(client, "get_billing_usage", now - timedelta(hours=2), now)
    called(client, "get_current_checkpoint_storage_usage")


def everything() -> dict:
    """What failed is noted, whatever else went well in the same method."""
    client = tinker.ServiceClient()
    training = of_service(client)
    state, for_sampler = of_training(client, training)
    of_saved(client, state)
    of_sampling(called(client, "create_sampling_client", for_sampler))
    called(training, "save_weights_and_get_sampling_client")
    rest = called(client, "create_rest_client")
    of_rest(rest, training, state)
    of_sessions(rest, training.get_info().model_id.split(":")[0])
    of_accounts(rest)
    if hasattr(tinker, "AdminClient"):
        of_accounts(tinker.AdminClient())
    time.sleep(12)  # until it has given a sign of life and told what it did, as it does now and then
    called(client, "close", "success")
    own = {row: why for versions, faults in OWN_FAULTS.items() if tinker.__version__ in versions for row, why in faults.items()}
    for row, why in FAILED.items():
        cell("sdk", row, tinker.__version__, "cannot" if row in own else "failed", own.get(row, why))
    methods = {f"{kind.__name__}.{name}" for kind in watch.clients() for name in watch.methods(kind)}
    ran = {row for table, row in watch.NOTED if table == "sdk"} - set(FAILED)
    left = sorted(methods - ran - set(FAILED))
    if not left:
        cell("surface", "everything", tinker.__version__, "ran")
    return {
        "version": tinker.__version__,
        "failures": [f"{row}: {why}" for row, why in FAILED.items() if row not in own],
        "mended": sorted(set(own) - set(FAILED)),
        "left": left,
    }
