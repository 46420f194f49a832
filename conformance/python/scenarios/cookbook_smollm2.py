"""Recipes on a model that knows something."""

import os
from pathlib import Path

from recipes.cases import ON_SMOLLM2
from recipes.play import environment, play

from .cookbook import hub


def learns() -> dict:
    return played("math_rl")


def makes_data() -> dict:
    return played("create_data")


def played(name: str) -> dict:
    return play(ON_SMOLLM2[name], Path(os.environ["STAGE"]) / name, environment(hub().url))
