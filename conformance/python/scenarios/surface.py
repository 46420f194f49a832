"""Every public method of the client's classes, once, in both of its forms; what comes of it is noted by `watch`."""

from __future__ import annotations

import asyncio
import inspect
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import tinker
import torch
import watch
from cells import cell
from tinker import types

from .common import ADAM, BATCH, UNTIED, sequence

PROMPT = types.ModelInput.from_ints(sequence(61, 9))
PROJECT = "default"
FEW = types.SamplingParams(max_tokens=3, seed=1)
FAILED: dict[str, str] = {}


def settled(result: Any) -> Any:
    """What it promises; a promise of a promise is kept too."""
    if inspect.iscoroutine(result):
        result = asyncio.run(awaited(result))
    return result.result() if isinstance(result, tinker.APIFuture) else result


async def awaited(result: Any) -> Any:
    value = await result
    return await value if isinstance(value, tinker.APIFuture) else value


def called(thing: object, name: str, *words: Any, **named: Any) -> Any:
    """The method and its `_async` twin, where this version of the client has them; what the former gave."""
    given = None
    for method in (name + "_async", name):
        if not hasattr(type(thing), method):
            continue
        try:
            given = settled(getattr(thing, method)(*[word.word() if isinstance(word, Fresh) else word for word in words], **named))
        except Exception as failure:
            FAILED[f"{type(thing).__name__}.{method}"] = str(failure).splitlines()[0][:200]
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
    called(client, "create_rest_client")
    called(client, "create_sampling_client", base_model=UNTIED)
    return called(client, "create_lora_training_client", UNTIED, 8)


def of_saved(client: tinker.ServiceClient, state: str) -> None:
    called(client, "create_training_client_from_state", state)
    called(client, "create_training_client_from_state_with_optimizer", state)
    called(client, "copy_weights", state)


def of_training(client: tinker.ServiceClient, training: tinker.TrainingClient) -> tuple[str, str, str]:
    for name in ["get_console_url", "get_telemetry", "get_info", "get_tokenizer"]:
        called(training, name)
    for name in ["forward", "forward_backward"]:
        called(training, name, BATCH, "cross_entropy")
    called(training, "forward_backward_custom", BATCH, beside)
    if loss := called(client, "create_custom_loss", squared, {"logprobs": 1, "weights": 1}):
        called(training, "forward_backward_custom", BATCH, loss)
    called(training, "optim_step", ADAM)
    state = called(training, "save_state", Fresh("state-{}".format)).path
    for_sampler = called(training, "save_weights_for_sampler", Fresh("sampler-{}".format)).path
    external = called(training, "save_weights_external", Fresh("external-{}".format)).path
    called(training, "load_state", state)
    called(training, "load_state_with_optimizer", state)
    called(training, "create_sampling_client", for_sampler)
    return state, for_sampler, external


def of_sampling(sampler: tinker.SamplingClient) -> str:
    for name in ["get_base_model", "get_telemetry", "get_tokenizer"]:
        called(sampler, name)
    called(sampler, "sample", PROMPT, 1, FEW)
    called(sampler, "compute_logprobs", PROMPT)
    if handle := called(sampler, "get_sampler_handle"):
        other = settled(tinker.SamplingClient.from_sampler_handle(handle))
        called(other, "sample", PROMPT, 1, FEW)
    return handle


def of_rest(rest: tinker.RestClient, training: tinker.TrainingClient, state: str, external: str) -> None:
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
    called(rest, "get_external_weights_urls", external)

    def spare(number: int) -> str:
        return training.save_state(f"spare-{number}").result().path

    called(rest, "delete_checkpoint_from_tinker_path", Fresh(spare))
    called(rest, "delete_checkpoint", run, Fresh(lambda number: spare(number + 50).split("/", 3)[3]))
    sampler = settled(training.save_weights_and_get_sampling_client())
    called(rest, "get_sampler", sampler._sampling_session_id)


def of_sessions(rest: tinker.RestClient, session: str) -> None:
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
    client = tinker.ServiceClient(project_id=PROJECT)
    training = of_service(client)
    state, _, external = of_training(client, training)
    of_saved(client, state)
    of_sampling(called(training, "save_weights_and_get_sampling_client"))
    rest = tinker.RestClient()
    of_rest(rest, training, state, external)
    of_sessions(rest, training.get_info().model_id.split(":")[0])
    of_accounts(rest)
    if hasattr(tinker, "AdminClient"):
        of_accounts(tinker.AdminClient())
    called(client, "close", "success")
    for row, why in FAILED.items():
        cell("sdk", row, tinker.__version__, "failed", why)
    methods = {f"{kind.__name__}.{name}" for kind in watch.clients() for name in watch.methods(kind)}
    ran = {row for table, row in watch.NOTED if table == "sdk"} - set(FAILED)
    return {
        "version": tinker.__version__,
        "failures": [f"{row}: {why}" for row, why in FAILED.items()],
        "left": sorted(methods - ran - set(FAILED)),
    }
