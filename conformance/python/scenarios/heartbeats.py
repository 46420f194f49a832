"""A session that does nothing but live, until its input ends; says how many milliseconds each sign of life took, and how
many late the machine woke this process for each, which is no server's fault."""

import json
import os
import select
import sys
import time

import httpx


def main() -> None:
    headers = {"X-API-Key": os.environ["TINKER_API_KEY"]}
    with httpx.Client(base_url=os.environ["TINKER_BASE_URL"] + "/api/v1", headers=headers, timeout=60) as client:
        opened = client.post("create_session", json={"tags": [], "user_metadata": {}, "sdk_version": "raw"})
        beat = {"session_id": opened.json()["session_id"], "type": "session_heartbeat"}
        client.post("session_heartbeat", json=beat).raise_for_status()
        print("ready", flush=True)
        milliseconds, late = [], []
        slept = time.perf_counter()
        while not select.select([sys.stdin], [], [], 0.02)[0]:
            start = time.perf_counter()
            late.append(1000 * (start - slept) - 20)
            client.post("session_heartbeat", json=beat).raise_for_status()
            slept = time.perf_counter()
            milliseconds.append(1000 * (slept - start))
    print(json.dumps({"milliseconds": milliseconds, "late": late}), flush=True)


if __name__ == "__main__":
    main()
