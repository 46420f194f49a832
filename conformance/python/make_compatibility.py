"""Makes docs/compatibility.md from what the tests of the last run left behind: cells, and the servers' logs."""

import json
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import tinker
import tinker_cookbook
import watch
from tinker.cli.__main__ import main_cli

HERE = Path(__file__).resolve().parent.parent
PAGE = HERE.parent / "docs/compatibility.md"
CLIENT = re.compile(r"(?:Async)?Tinker/Python ([\w.]+)")
ANSWERED = re.compile(
    r'^(\S+?)T\S+ .* answered method=(\w+) path="?([^" ]+)"? status=(\d+) ms=\d+ client="?([^"]*?)"?$', re.MULTILINE
)

CHECKPOINT = "/training_runs/{run}/checkpoints/{kind}/{name}"
ENDPOINTS = """
POST /client/config
POST /client/dynamic_config
POST /auth/token
GET /auth/apikey/me
DELETE /auth/apikey/me
POST /create_session
POST /session_heartbeat
POST /sessions/{id}/finish
GET /sessions
GET /sessions/{id}
POST /sessions/search
PUT /sessions/{id}/project
GET /sessions/{id}/trace_export
POST /telemetry
GET /get_server_capabilities
GET /healthz
POST /create_model
POST /get_info
POST /forward_backward
POST /create_custom_loss
POST /optim_step
POST /save_weights
POST /save_weights_for_sampler
POST /save_weights_external
POST /load_weights
POST /weights_info
POST /copy_weights
POST /retrieve_future
POST /retrieve_futures
POST /cancel_future
POST /create_sampling_session
POST /join_sampling_session
GET /samplers/{id}
POST /asample
GET /training_runs
GET /training_runs/{run}
GET /training_runs/{run}/checkpoints
GET /checkpoints
DELETE CHECKPOINT
POST CHECKPOINT/publish
DELETE CHECKPOINT/publish
PUT CHECKPOINT/ttl
GET CHECKPOINT/external_weights_urls
GET CHECKPOINT/archive
GET /billing/usage/events
GET /billing/usage/checkpoints/current
GET /audit
""".replace("CHECKPOINT", CHECKPOINT)

UNASKED = {
    "GET /healthz": "no public method of the client asks it",
    "GET /auth/apikey/me": "asked by `tinker auth login` alone, which does not say its version",
    "DELETE /auth/apikey/me": "asked by `tinker auth logout` for keys that an older command had made for it; this server makes none",
}

GONE = {f"GET {CHECKPOINT}/archive"}
DASH = "–"

Cells = dict[tuple[str, str], dict]


def noted(table: str) -> Cells:
    """The last line of each cell, by row and column."""
    files = sorted((HERE / "target/cells").glob("*.jsonl"))
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    return {(line["row"], line["column"]): line for line in lines if line["table"] == table}


def heard() -> Cells:
    """Which endpoints answered which version of the client, and well. Commands of the newest ask for keys namelessly."""
    patterns = [(row, re.compile(re.sub(r"\{\w+}", "[^/]+", "/api/v1" + row.split()[1]))) for row in endpoints()]
    cells: Cells = {}
    for log in (HERE / "target/stage").glob("*/server.log"):
        for day, method, path, status, agent in ANSWERED.findall(log.read_text(errors="replace")):
            client = CLIENT.fullmatch(agent)
            nameless = path.endswith("/auth/apikey/me") and agent.startswith("python-httpx/")
            if int(status) >= 400 or not (client or nameless):
                continue
            for row, pattern in patterns:
                if row.startswith(method + " ") and pattern.fullmatch(path):
                    cells[row, client[1] if client else tinker.__version__] = {"state": "ran", "why": "", "date": day}
    return cells


def endpoints() -> list[str]:
    return [line for line in ENDPOINTS.strip().splitlines()]


def version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


def table(name: str, head: str, rows: Iterable[str], cells: Cells, columns: list[str]) -> str:
    """Rows that nobody announced, but which have cells, come last. Reasons stand below the table."""
    announced = list(rows)
    rows = list(dict.fromkeys([*announced, *(row for row, _ in cells)]))
    columns = sorted({*columns, *(column for _, column in cells)}, key=version, reverse=True)
    complete = {column for _, column in noted("surface")} if name in {"endpoints", "sdk"} else set()
    reasons: list[str] = []

    def reason(why: str) -> str:
        if why not in reasons:
            reasons.append(why)
        return f"[{reasons.index(why) + 1}]"

    def is_absent(row: str, column: str) -> bool:
        newest = column == tinker.__version__
        return column in complete and row not in UNASKED and (not newest or row not in announced or row in GONE)

    def said(row: str, column: str) -> str:
        cell = cells.get((row, column))
        if cell is None and is_absent(row, column):
            return DASH
        if cell is None:
            return reason(UNASKED.get(row, "not tried in this run"))
        if cell["state"] == "ran":
            return cell["date"]
        return f"**{cell['state']}** {reason(cell['why'])}"

    lines = [f"| {head} | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {code(name, row)} | {' | '.join(said(row, column) for column in columns)} |" for row in rows]
    done = {column: sum(cells.get((row, column), {}).get("state") == "ran" for row in rows) for column in columns}
    there = {column: sum(said(row, column) != DASH for row in rows) for column in columns}
    lines += ["", "Ran: " + ", ".join(f"{count} of {there[column]} on {column}" for column, count in done.items()) + "."]
    lines += [""] + [f"{number}. {why}" for number, why in enumerate(reasons, 1)] if reasons else []
    return "\n".join(lines)


def code(name: str, row: str) -> str:
    return row if name == "recipes" else f"`{row}`"


def page() -> str:
    now = tinker.__version__
    methods = [f"{kind.__name__}.{method}" for kind in watch.clients() for method in watch.methods(kind)]
    recipes = noted("recipes")
    return f"""# Compatibility

Made on {date.today().isoformat()} by `conformance/python/make_compatibility.py` from what the last runs left behind, not to be edited; `make conformance` runs all anew. A date says that
the cell ran that day against a server of that day and came to a good end.
A number in brackets points to the reason below the table why it did not run; a dash says that this version, of which all methods were called, has no such method,
or none that asks this. The clients are unmodified, as the registry serves them.

## Endpoints, by version of the client

From the servers' own access logs: asked by this version, and answered below 400. Paths are below `/api/v1`.

{table("endpoints", "endpoint", endpoints(), heard(), [now])}

## Methods of the client

All public methods of its classes, also of those that older versions do not name in `tinker`; one that promises something counts once the promise was kept.

{table("sdk", "method", methods, noted("sdk"), [now])}

## Commands of the client

`tinker …`, {now}.

{table("cli", "command", watch.commands(main_cli), noted("cli"), [now])}

## The cookbook

`tinker-cookbook` {tinker_cookbook.__version__}: recipes as they are, with small models under the names that they expect, made-up data in the shapes of theirs, and few steps; by version of the client.

{table("recipes", "recipe", [], recipes, [now])}
"""


if __name__ == "__main__":
    PAGE.write_text(page())
    print(PAGE)
