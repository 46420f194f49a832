"""Notes which public methods of the client's classes, and which of its commands, came to a good end."""

import functools
import inspect
import re
from collections.abc import Callable
from concurrent.futures import Future
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import click
import tinker
from cells import cell
from tinker.lib import public_interfaces

NOTED: set[tuple[str, str]] = set()
ORDER = ["ServiceClient", "TrainingClient", "SamplingClient", "RestClient", "AdminClient"]


def clients() -> list[type]:
    """What a program of this version of the client can hold in its hands, whether or not `tinker` names it."""
    rooms = [import_module(f"{public_interfaces.__name__}.{room.name}") for room in iter_modules(public_interfaces.__path__)]
    found = {
        name: it
        for room in rooms
        for name, it in vars(room).items()
        if inspect.isclass(it) and re.fullmatch(r"[A-Z]\w+Client", name)
    }
    known = [found.pop(name) for name in ORDER if name in found]
    return known + [found[name] for name in sorted(found)]


def methods(kind: type) -> list[str]:
    return [name for name, it in vars(kind).items() if not name.startswith("_") and callable(getattr(kind, name))]


def commands(command: click.Command, above: str = "") -> list[str]:
    """All commands below this one, as they are typed."""
    if not isinstance(command, click.Group):
        return [above.strip()]
    context = click.Context(command)
    below = [(name, command.get_command(context, name)) for name in command.list_commands(context)]
    return [path for name, each in below if each for path in commands(each, f"{above} {name}")]


def well(table: str, row: str) -> None:
    if (table, row) not in NOTED:
        NOTED.add((table, row))
        cell(table, row, tinker.__version__, "ran")


def all_calls() -> None:
    """From now on, in this process."""
    for kind in clients():
        for name in methods(kind):
            it = inspect.getattr_static(kind, name)
            row = f"{kind.__name__}.{name}"
            if isinstance(it, staticmethod | classmethod):
                setattr(kind, name, type(it)(watched(row, it.__func__)))
            elif inspect.isfunction(it):
                setattr(kind, name, watched(row, it))
    click.Command.invoke = invoked(click.Command.invoke)


def watched(row: str, call: Callable) -> Callable:
    @functools.wraps(call)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        result = call(*args, **kwargs)
        return awaited(row, result) if inspect.iscoroutine(result) else promised(row, result)

    return wrapper


async def awaited(row: str, result: Any) -> Any:
    return promised(row, await result)


def promised(row: str, result: Any) -> Any:
    """What is not there yet is noted once it is, where it can be told; if not, by whoever waits for it."""
    if isinstance(result, Future):
        result.add_done_callback(lambda done: settled(row, done))
    elif isinstance(result, tinker.APIFuture):
        if hasattr(result, "future"):
            promised(row, result.future())
    else:
        well("sdk", row)
    return result


def settled(row: str, done: Any) -> None:
    if not done.cancelled() and done.exception() is None:
        well("sdk", row)


def invoked(invoke: Callable) -> Callable:
    @functools.wraps(invoke)
    def wrapper(command: click.Command, context: click.Context) -> Any:
        result = invoke(command, context)
        names = []
        while context.parent is not None:
            names.insert(0, context.info_name)
            context = context.parent
        if not isinstance(command, click.Group):
            well("cli", " ".join(names))
        return result

    return wrapper
