"""One line for each thing that was tried, from which docs/compatibility.md is made."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

STATES = {"ran", "failed", "cannot"}


def cell(table: str, row: str, column: str, state: str, why: str = "") -> None:
    """Notes a cell, where `CELLS` names a folder for them; the last line of a cell counts."""
    folder = os.environ.get("CELLS")
    if folder is None:
        return
    assert state in STATES, state
    assert state == "ran" or why, f"{table} {row}: why is it '{state}'?"
    line = {"table": table, "row": row, "column": column, "state": state, "why": why}
    Path(folder).mkdir(parents=True, exist_ok=True)
    with open(Path(folder) / f"{table}.jsonl", "a") as cells:
        cells.write(json.dumps(line | {"date": datetime.now(UTC).date().isoformat()}) + "\n")
