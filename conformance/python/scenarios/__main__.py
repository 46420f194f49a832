"""Plays the scenarios of one module: their names come in, a line each; each is answered with one line of JSON."""

import importlib
import json
import os
import sys
import time
import traceback

import watch


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever libraries print is no answer
    if "CELLS" in os.environ:
        watch.all_calls()
    module = importlib.import_module(f"{__package__}.{sys.argv[1]}")
    print(json.dumps({"ready": sys.argv[1]}), file=answers, flush=True)
    for line in sys.stdin:
        name = line.strip()
        start = time.perf_counter()
        try:
            verdict = {"facts": getattr(module, name)()}
        except Exception:
            verdict = {"failure": traceback.format_exc()}
        print(
            json.dumps({"scenario": name, "seconds": time.perf_counter() - start, **verdict}, allow_nan=False),
            file=answers,
            flush=True,
        )


if __name__ == "__main__":
    main()
