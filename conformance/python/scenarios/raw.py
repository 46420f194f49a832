"""Requests as no client would send them, or not in this order; and the real client, refused."""

import os
from typing import Any

import httpx
import numpy as np
import tinker
import zstandard
from tinker import types
from tinker.proto import tinker_public_pb2 as wire

from .common import BATCH, UNTIED, datum, refusal, run, sequence, service, train

URL = os.environ["TINKER_BASE_URL"]
KEY = os.environ["TINKER_API_KEY"]
TEXT = sequence(41, 9)
STEP = {"learning_rate": 0.01, "beta1": 0.9, "beta2": 0.95, "eps": 1e-8, "weight_decay": 0.0, "grad_clip_norm": 0.0}


def tensor(values: list, dtype: type = np.float32) -> wire.Tensor:
    code = wire.DTYPE_INT64 if dtype is np.int64 else wire.DTYPE_FLOAT32
    return wire.Tensor(dense=np.asarray(values, dtype).tobytes(), dtype=code, shape=[len(values)])


def raw_datum(tokens: list[int] = TEXT, **inputs: list) -> wire.Datum:
    """A datum that may be wrong in any way; `weights` and `target_tokens` are right unless said."""
    chunk = wire.Chunk(encoded_text=wire.EncodedTextChunk(tokens=np.asarray(tokens[:-1], np.int32).tobytes()))
    tensors = {"target_tokens": tokens[1:], "weights": [1.0] * (len(tokens) - 1), **inputs}
    return wire.Datum(
        model_input=[chunk],
        loss_fn_inputs={
            name: tensor(values, np.int64 if name == "target_tokens" else np.float32)
            for name, values in tensors.items()
            if values is not None
        },
    )


class Wire:
    """A session without the client; its models are numbered from 0."""

    def __init__(self) -> None:
        self.http = httpx.Client(base_url=URL + "/api/v1", headers={"X-API-Key": KEY}, timeout=60)
        answer = self.post("create_session", tags=[], user_metadata={}, sdk_version="raw", type="create_session")
        self.session = answer.json()["session_id"]

    def post(self, endpoint: str, **body: Any) -> httpx.Response:
        return self.http.post(endpoint, json=body)

    def ask_for_model(self, number: int, **settings: Any) -> httpx.Response:
        lora = {"rank": 4, "seed": 7, "train_unembed": True, "train_mlp": True, "train_attn": True}
        asked = {"base_model": UNTIED, "lora_config": lora, "type": "create_model", **settings}
        return self.post("create_model", session_id=self.session, model_seq_id=number, **asked)

    def model(self, number: int = 0) -> str:
        return self.result(self.ask_for_model(number))["model_id"]

    def send(
        self,
        model: str,
        number: int,
        data: list[wire.Datum] | None = None,
        loss: str = "cross_entropy",
        config: dict[str, float] | None = None,
        packed: bool = False,
    ) -> httpx.Response:
        """A pass."""
        request = wire.ForwardBackwardRequest(
            model_id=model,
            seq_id=number,
            data=[raw_datum()] if data is None else data,
            loss_fn=loss,
            loss_fn_config=config,
            loss_fn_config_v2={name: wire.LossConfigValue(number=value) for name, value in (config or {}).items()},
        )
        return self.send_bytes(request.SerializeToString(), packed)

    def send_bytes(self, body: bytes, packed: bool = False) -> httpx.Response:
        headers = {"Content-Type": "application/x-protobuf"}
        if packed:
            body, headers["Content-Encoding"] = zstandard.compress(body), "zstd"
        return self.http.post("forward_backward", content=body, headers=headers)

    def step(self, model: str, number: int, **params: float) -> httpx.Response:
        return self.post("optim_step", model_id=model, seq_id=number, adam_params=STEP | params, type="optim_step")

    def result(self, answer: httpx.Response) -> Any:
        """Waits for what was promised: JSON as a dictionary, a pass as its metrics and log-probabilities."""
        answer.raise_for_status()
        while True:
            asked = {"request_id": answer.json()["request_id"], "allow_metadata_only": False}
            told = self.http.post("retrieve_future", json=asked, headers={"Accept": "application/x-protobuf"})
            told.raise_for_status()
            if "protobuf" in told.headers["content-type"]:
                output = wire.ForwardBackwardOutput.FromString(told.content)
                values = b"".join(record.fields["logprobs"].data for record in output.loss_fn_outputs)
                return {"loss": output.metrics["loss:sum"], "logprobs": np.frombuffer(values, np.float32).tolist()}
            if told.json().get("type") != "try_again":
                return told.json()


def out_of_order() -> dict:
    """Two runs of one seed: one is told everything backwards."""
    there = Wire()
    forwards, backwards = there.model(0), there.model(1)
    ordered = [there.send(forwards, 1), there.step(forwards, 2), there.send(forwards, 3), there.step(forwards, 4)]
    late = [there.step(backwards, 4), there.send(backwards, 3), there.step(backwards, 2), there.send(backwards, 1)]
    return {
        "forwards": [there.result(answer) for answer in ordered],
        "backwards": [there.result(answer) for answer in reversed(late)],
    }


def sent_again() -> dict:
    there = Wire()
    created = [there.ask_for_model(0), there.ask_for_model(0), there.ask_for_model(0, base_model="tiny/tied")]
    model = there.result(created[0])["model_id"]
    passed = [there.send(model, 1), there.send(model, 1)]
    first = there.result(passed[0])
    passed.append(there.send(model, 1))
    stepped = [there.step(model, 2), there.step(model, 2)]
    twice, once = there.result(stepped[1]), there.model(1)
    there.result(there.send(once, 1))
    other_pass, other_step = there.send(model, 1, [raw_datum(sequence(42, 9))]), there.step(model, 2, beta1=0.5)
    return {
        "created": len({answer.json()["request_id"] for answer in created[:2]}),
        "passed": len({answer.json()["request_id"] for answer in passed}),
        "stepped": len({answer.json()["request_id"] for answer in stepped}),
        "same_result": there.result(passed[2]) == first,
        "counted_once": twice == there.result(there.step(once, 2)),
        "refused": [answer.status_code for answer in (created[2], other_pass, other_step)],
        "reasons": [answer.text for answer in (created[2], other_pass, other_step)],
        "goes_on": there.result(there.send(model, 3)) == there.result(there.send(once, 3)),
    }


def packed() -> dict:
    there = Wire()
    plain, packed = there.model(0), there.model(1)
    bomb = zstandard.compress(bytes(200 << 20))
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "zstd"}
    half = there.http.post("forward_backward", content=zstandard.compress(b"x" * 1000)[:-4], headers=headers)
    burst = there.http.post("forward_backward", content=bomb, headers=headers)
    return {
        "same": there.result(there.send(plain, 1)) == there.result(there.send(packed, 1, packed=True)),
        "half": half.status_code,
        "burst": burst.status_code,
        "reasons": [half.text, burst.text],
    }


def a_rejected_number() -> dict:
    """It does not hold up those that come after it, nor those that came before it."""
    there = Wire()
    model = there.model()
    early = there.send(model, 3)
    rejected = there.send(model, 2, loss="hinge")
    first = there.result(there.send(model, 1))
    return {
        "status": rejected.status_code,
        "again": there.send(model, 2, loss="hinge").status_code,
        "mended": there.send(model, 2).status_code,
        "goes_on": there.result(early) == first,
    }


def refusals() -> dict:
    """By name, the status and the words; each takes a number of one run, which goes on after them all."""
    there = Wire()
    model = there.model()
    nan, policy = float("nan"), {"logprobs": [-1.0] * 8, "advantages": [1.0] * 8, "weights": None}
    passes: dict[str, dict] = {
        "no data": {"data": []},
        "no tokens": {"data": [raw_datum([3])]},
        "weights too short": {"data": [raw_datum(weights=[1.0] * 7)]},
        "targets too long": {"data": [raw_datum(target_tokens=TEXT)]},
        "no targets": {"data": [raw_datum(target_tokens=None)]},
        "a token too large": {"data": [raw_datum([*TEXT[:4], 288, *TEXT[4:8]])]},
        "a token below zero": {"data": [raw_datum([-1, *TEXT[1:]])]},
        "a target too large": {"data": [raw_datum(target_tokens=[9] * 7 + [5000])]},
        "a weight that is no number": {"data": [raw_datum(weights=[1.0] * 7 + [nan])]},
        "an infinite advantage": {
            "data": [raw_datum(**policy | {"advantages": [float("inf")] * 8})],
            "loss": "importance_sampling",
        },
        "an unknown loss": {"loss": "hinge"},
        "an input too many": {"data": [raw_datum(mask=[1.0] * 8)]},
        "an input too few": {"data": [raw_datum(logprobs=[-1.0] * 8, weights=None)], "loss": "ppo"},
        "an unknown setting": {"data": [raw_datum(**policy)], "loss": "ppo", "config": {"clip_hi": 1.2}},
        "a setting out of range": {
            "data": [raw_datum(**policy)],
            "loss": "ppo",
            "config": {"clip_low_threshold": 1.5, "clip_high_threshold": 1.2},
        },
        "a text too long": {"data": [raw_datum(sequence(43, 200))]},
    }
    answers = {name: there.send(model, 1 + number, **asked) for number, (name, asked) in enumerate(passes.items())}
    others = {
        "a step that is no number": lambda at: there.post(
            "optim_step", model_id=model, seq_id=at, adam_params=STEP | {"learning_rate": None}
        ),
        "a step below zero": lambda at: there.step(model, at, learning_rate=-0.1),
        "a moment too large": lambda at: there.step(model, at, beta1=1.0),
        "a key too many": lambda at: there.step(model, at, momentum=0.9),
        "a name with a slash": lambda at: there.post("save_weights", model_id=model, seq_id=at, path="../x"),
        "a life too short": lambda at: there.post(
            "save_weights", model_id=model, seq_id=at, path="x", ttl_seconds=10
        ),
        "a checkpoint that is not there": lambda at: there.post(
            "load_weights", model_id=model, seq_id=at, path=f"tinker://{model}/weights/never", optimizer=True
        ),
    }
    for name, ask in others.items():
        answers[name] = ask(len(answers) + 1)
    last = there.send(model, len(answers) + 1)
    answers |= {
        "an unknown run": there.send("00000000-0000-4000-8000-000000000000:train:0", 1),
        "an unknown model": there.ask_for_model(5, base_model="tiny/unheard-of"),
        "a rank of zero": there.ask_for_model(6, lora_config={"rank": 0}),
        "nothing to train": there.ask_for_model(
            7, lora_config={"rank": 4, "train_attn": False, "train_mlp": False, "train_unembed": False}
        ),
        "an unknown optimizer": there.ask_for_model(8, optimizer_config={"type": "dimuon", "version": 1}),
        "no such promise": there.post("retrieve_future", request_id="never"),
        "no such place": there.post("backward", model_id=model),
        "no protobuf": there.send_bytes(b"\xff\xff\xff\xff"),
        "no JSON": there.http.post("optim_step", content=b"{", headers={"Content-Type": "application/json"}),
        "the wrong way to ask": there.http.get("optim_step"),
    }
    return {
        "refused": {name: {"status": answer.status_code, "text": answer.text} for name, answer in answers.items()},
        "framed": all(int(answer.headers.get("content-length", 0)) > 0 for answer in answers.values()),
        "goes_on": there.result(last)["loss"],
    }


def refused_samples() -> dict:
    there = Wire()
    asked = {"session_id": there.session, "sampling_session_seq_id": 0, "base_model": UNTIED}
    sampler = there.post("create_sampling_session", **asked).json()["sampling_session_id"]
    usual = {"max_tokens": 4, "temperature": 1.0, "top_k": -1, "top_p": 1.0}

    def ask(tokens: list[int] = TEXT, num_samples: int = 1, **params: Any) -> httpx.Response:
        prompt = {"chunks": [{"type": "encoded_text", "tokens": tokens}]}
        ask.number += 1
        return there.post(
            "asample",
            sampling_session_id=sampler,
            seq_id=ask.number,
            num_samples=num_samples,
            prompt=prompt,
            sampling_params=usual | params,
            type="sample",
        )

    ask.number = 0
    answers = {
        "no prompt": ask([]),
        "a token too large": ask([288]),
        "no samples": ask(num_samples=0),
        "too long together": ask(max_tokens=128),
        "below zero degrees": ask(temperature=-1.0),
        "a share above one": ask(top_p=1.5),
        "no choice": ask(top_k=-2),
        "a stop too large": ask(stop=[288]),
        "an unknown sampler": there.post(
            "asample",
            sampling_session_id="never",
            seq_id=1,
            num_samples=1,
            prompt={"chunks": []},
            sampling_params=usual,
        ),
    }
    return {
        "refused": {name: {"status": answer.status_code, "text": answer.text} for name, answer in answers.items()},
        "goes_on": ask().status_code,
    }


def keys() -> dict:
    bare = httpx.Client(base_url=URL, timeout=30)
    config = {"json": {"sdk_version": "raw"}}
    wrong = bare.post("/api/v1/client/config", headers={"X-API-Key": "tml-guessed"}, **config)
    return {
        "wrong": wrong.status_code,
        "none": bare.post("/api/v1/client/config", **config).status_code,
        "words": wrong.text,
        "health": bare.get("/api/v1/healthz").json(),
        "tokenizer": bare.get(f"/hf/{UNTIED}/resolve/main/tokenizer.json").status_code,
        "weights": bare.get(f"/hf/{UNTIED}/resolve/main/model.safetensors").status_code,
        "outside": bare.get(f"/hf/{UNTIED}/resolve/main/..%2f..%2f..%2fadmin.key").status_code,
        "client": refusal(
            lambda: tinker.ServiceClient(api_key="tml-guessed").create_lora_training_client(base_model=UNTIED).result()
        ),
    }


def the_client_is_told() -> dict:
    """What a program sees that asks for too much, and that it may go on."""
    with service() as client:
        training = run(client, seed=44)
        before = train(training, 1)
        told = [
            refusal(lambda: training.forward_backward([datum([5, 999, 6])], "cross_entropy").result()),
            refusal(lambda: training.forward_backward(BATCH, "hinge").result()),
            refusal(lambda: training.optim_step(types.AdamParams(learning_rate=float("nan"))).result()),
            refusal(lambda: client.create_lora_training_client(base_model="tiny/unheard-of").result()),
            refusal(lambda: client.create_sampling_client("tinker://never:train:0/sampler_weights/x").result()),
        ]
        saved = training.save_state("mine").result().path
        told.append(refusal(lambda: training.save_state("mine").result()))
        told.append(refusal(lambda: client.create_sampling_client(saved).result()))
        replaced = training.save_state("mine", overwrite=True).result().path
        return {"told": told, "replaced": replaced == saved, "fell": before[0] - train(training, 3)[-1]}


def asked_all_at_once() -> dict:
    with service() as client:
        sampler = client.create_sampling_client(base_model=UNTIED).result()
        params = [types.SamplingParams(max_tokens=3, seed=seed, stop=[]) for seed in range(300)]
        prompt = types.ModelInput.from_ints(TEXT)
        futures = [sampler.sample(prompt, 1, each) for each in params]
        tokens = [future.result().sequences[0].tokens for future in futures]
        again = sampler.sample(prompt, 1, params[123]).result().sequences[0].tokens
        return {"lengths": sorted({len(each) for each in tokens}), "answers": len(tokens), "same": again == tokens[123]}
