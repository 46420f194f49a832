"""The cookbook's recipes, each by its name in `recipes.cases`, with data from a Hub of our own."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import tinker
from cells import cell
from recipes.cannot import reasons
from recipes.cases import CASES
from recipes.data import DATA
from recipes.hub import Hub
from recipes.play import environment, play


@cache
def hub() -> Hub:
    return Hub(os.environ["HF_ENDPOINT"], DATA)


def all_names() -> dict:
    return {"names": list(CASES)}


def what_cannot() -> dict:
    for row, why in reasons().items():
        cell("recipes", row, tinker.__version__, "cannot", why)
    return {"rows": list(reasons())}


def __getattr__(name: str) -> Callable[[], dict]:
    if name not in CASES:
        raise AttributeError(name)
    return lambda: play(CASES[name], Path(os.environ["STAGE"]) / name, environment(hub().url))
