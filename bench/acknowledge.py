"""How soon a server acknowledges a training pass, at the socket: `acknowledge.py MODEL PASSES`.

Sends passes of 8 x 256 tokens, in the bytes that the client would send, over one connection that stays open, and measures
from the last byte sent to the response read: with an idle engine, each result awaited before the next pass, and with a
busy one, ten times as many passes sent while it computes. First one pass is sent many times over, which a server answers as
it did at first, until its code is compiled. TINKER_BASE_URL and TINKER_API_KEY say where the server is.
"""

import http.client
import json
import os
import statistics
import sys
import time
from urllib.parse import urlparse

import tinker
from client_steps import batch, training_client
from tinker import types
from tinker.proto.request_conv import forward_backward_request_to_proto

WARM_UP = 300
HEADERS = {"X-API-Key": os.environ["TINKER_API_KEY"], "User-Agent": f"Tinker/Python {tinker.__version__}"}


class Socket:
    def __init__(self) -> None:
        self.connection = http.client.HTTPConnection(urlparse(os.environ["TINKER_BASE_URL"]).netloc)

    def post(self, path: str, body: bytes, kind: str) -> tuple[float, dict]:
        """What came back, and the milliseconds after the last byte was sent."""
        self.connection.request("POST", f"/api/v1/{path}", body, HEADERS | {"Content-Type": kind})
        sent = time.perf_counter()
        response = self.connection.getresponse()
        content = response.read()
        took = (time.perf_counter() - sent) * 1e3
        if response.status not in (200, 408):
            sys.exit(f"{path}: {response.status} {content.decode()}")
        return took, json.loads(content) if "json" in response.getheader("Content-Type", "") else {}

    def wait_for(self, request: str) -> None:
        asked = json.dumps({"request_id": request}).encode()
        while self.post("retrieve_future", asked, "application/json")[1].get("type") == "try_again":
            pass


def bodies(model_id: str, first: int, count: int) -> list[bytes]:
    """Passes forwards only: they are decoded, checked and put in line as any other, and sooner done."""
    passes = []
    pass_ = types.ForwardBackwardInput(data=batch(8, 256, 49_152), loss_fn="cross_entropy")
    for number in range(first, first + count):
        request = types.ForwardBackwardRequest(forward_backward_input=pass_, model_id=model_id, seq_id=number)
        message = forward_backward_request_to_proto(request)
        message.forward_only = True
        passes.append(message.SerializeToString())
    return passes


def main() -> None:
    model, count = sys.argv[1], int(sys.argv[2])
    socket = Socket()
    model_id = training_client(model, 32).get_info().model_id


    def send(body: bytes) -> tuple[float, dict]:
        return socket.post("forward_backward", body, "application/x-protobuf")

    first, *others = bodies(model_id, 1, 1 + count)
    cold = send(first)[0]
    for _ in range(WARM_UP):
        promised = send(first)[1]
    socket.wait_for(promised["request_id"])
    idle, busy = [], []
    for body in others:
        took, promised = send(body)
        idle.append(took)
        socket.wait_for(promised["request_id"])
    for body in bodies(model_id, count + 2, 10 * count):
        busy.append(send(body)[0])
        time.sleep(0.05)
    print(f"  the first pass of a fresh server: {cold:.2f} ms")
    for name, times in (("idle", idle), ("busy", busy)):
        times.sort()
        middle = statistics.median(times)
        print(f"  engine {name}: median {middle:.2f} ms, {times[0]:.2f} to {times[-1]:.2f} ({len(times)} passes)")


if __name__ == "__main__":
    main()
