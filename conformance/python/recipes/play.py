"""Runs a recipe as a user would, in a folder of its own, and says what came of it."""

import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import tinker

from cells import cell

from .cases import Recipe, Start

TELLING = 12


class Unhappy(Exception):
    """A program that failed, or took too long; with its last words."""


def play(recipe: Recipe, folder: Path, environment: Mapping[str, str]) -> dict:
    """Notes a cell, whatever comes of it."""
    folder.mkdir(parents=True)
    for name, content in recipe.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    try:
        end = time.monotonic() + recipe.seconds
        for number, start in enumerate(recipe.starts, 1):
            run(start, folder, folder / f"{number}.log", environment | {"TINKER_COOKBOOK_RUNS_DIR": "runs"}, end)
        facts = recipe.check(folder)
    except Exception as unhappy:
        cell("recipes", recipe.row, tinker.__version__, "failed", str(unhappy).strip().splitlines()[-1][:200])
        raise
    cell("recipes", recipe.row, tinker.__version__, "ran")
    return facts


def run(start: Start, folder: Path, log: Path, environment: Mapping[str, str], end: float) -> None:
    with open(log, "wb") as output, subprocess.Popen(
        start.words(), cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT
    ) as program:
        try:
            program.stdin.write(start.typed.encode())
            program.stdin.close()
            if start.until is None:
                program.wait(end - time.monotonic())
            else:
                wait_for(*start.until, folder, program, end)
        except subprocess.TimeoutExpired:
            raise Unhappy(f"{last_words(log)}\nit was not done in time") from None
        finally:
            program.kill()
    if start.until is None and program.returncode != 0:
        raise Unhappy(last_words(log))


def wait_for(file: str, word: str, folder: Path, program: subprocess.Popen, end: float) -> None:
    while not ((folder / file).exists() and word in (folder / file).read_text()):
        if program.poll() is not None:
            raise Unhappy(f"it ended before '{word}' was in {file}")
        if time.monotonic() > end:
            raise Unhappy(f"'{word}' was not in {file} in time")
        time.sleep(0.1)


def last_words(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").strip().splitlines()[-TELLING:])


def environment(hub: str) -> dict[str, str]:
    """As a user's shell: the server, a key, a Hub, and nothing of ours on Python's path."""
    ours = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "CELLS", "STAGE", "GOLDEN"}}
    return ours | {"HF_ENDPOINT": hub, "HF_HUB_DISABLE_TELEMETRY": "1", "TOKENIZERS_PARALLELISM": "false"}
