"""What is written down of what is done: usage, the audit log, traces: `AdminClient`, `RestClient`, their commands."""

import os
import urllib.request
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import tinker
from google.protobuf.unknown_fields import UnknownFieldSet
from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace, TrackEvent
from tinker import types

from .common import ADAM, UNTIED, datum, refusal, run, sequence, service, train
from .recipes import told, tinker_command

STAGE = Path(os.environ["STAGE"])


def this_hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def used(session: str) -> Counter:
    """By the kind of use; in hours and gigabytes what is stored, which belongs to no session."""
    hour = this_hour()
    response = tinker.AdminClient().get_billing_usage(hour - timedelta(hours=1), hour + timedelta(hours=1)).result()
    total = Counter()
    for event in response.data:
        assert event.estimated_cost_usd is None and event.bucket_end - event.bucket_start == timedelta(hours=1)
        if event.session_id == session:
            assert event.base_model == UNTIED
            total[event.event_info.type] += getattr(event.event_info, "token_count", getattr(event.event_info, "count", 0))
        if event.event_info.type == "storage":
            total["storage"] += event.event_info.gigabyte_hours
    return total


def usage_adds_up() -> dict:
    """Three sequences of 10, 20 and 30 tokens, twice; a prompt of 9, three times 5 tokens; two checkpoints."""
    data = [datum(sequence(seed, length + 1)) for seed, length in enumerate([10, 20, 30])]
    prompt = types.ModelInput.from_ints(sequence(7, 9))
    with tinker.ServiceClient(user_metadata={"team": "red"}) as client:
        training = run(client, seed=70)
        session = training.get_info().model_id.split(":")[0]
        for _ in range(2):
            training.forward_backward(data, "cross_entropy").result()
            training.optim_step(ADAM).result()
        training.forward(data[:1], "cross_entropy").result()
        training.save_state("one").result()
        path = training.save_weights_for_sampler("two").result().path
        sampler = client.create_sampling_client(path).result()
        sampler.sample(prompt, 3, types.SamplingParams(max_tokens=5, seed=1, stop=[])).result()
        refusal(lambda: training.forward_backward(data, "no_such_loss").result())
    total = used(session)
    hour = this_hour()
    command = told("billing", "usage", (hour - timedelta(hours=1)).isoformat(), (hour + timedelta(hours=1)).isoformat())
    stored = told("billing", "checkpoint-storage")["data"]
    listed = told("checkpoint", "list", "--limit", "0")["checkpoints"]
    usage = tinker.AdminClient().get_current_checkpoint_storage_usage("default").result()
    tinker_command("billing", "usage", hour.isoformat(), (hour + timedelta(hours=1)).isoformat(), "--csv", str(STAGE / "usage.csv"))
    return {
        **total,
        "metadata": command["sessions"][session]["user_metadata"],
        "rows": len(command["data"]) >= 5,
        "csv": "sampling_prefill" in (STAGE / "usage.csv").read_text(),
        "count": stored[0]["checkpoint_count"] == len(listed) == usage.data[0].checkpoint_count,
        "bytes": stored[0]["size_bytes"] == sum(each["size_bytes"] for each in listed),
        "half_hour": refusal(
            lambda: tinker.AdminClient().get_billing_usage(hour + timedelta(minutes=30), hour + timedelta(hours=1)).result()
        ),
    }


def the_audit_log() -> dict:
    admin, rest = tinker.AdminClient(), tinker.RestClient()
    with service() as client:
        training = run(client, seed=71)
        name = training.get_info().model_id
        path = training.save_state("noted").result().path
        rest.set_checkpoint_ttl_from_tinker_path(path, 7200).result()
        rest.publish_checkpoint_from_tinker_path(path).result()
        copy = rest.copy_weights(path, "default").result()
        client.create_training_client_from_state(path).result()
        sampling = training.save_weights_for_sampler("noted").result().path
        client.create_sampling_client(sampling).result()
        rest.delete_checkpoint_from_tinker_path(path).result()

    def events(run_name: str, **asked: object) -> list[str]:
        entries = admin.get_audit_log(**asked).result().entries
        assert entries == sorted(entries, key=lambda entry: entry.timestamp)
        return [entry.event for entry in entries if entry.model_id == run_name]

    everything = admin.get_audit_log().result().entries
    reads = [entry.purpose for entry in everything if entry.model_id == name and entry.event == "checkpoint_read"]
    sessions = [entry.event_details["session_id"] for entry in everything if entry.event == "session_finished"]
    return {
        "events": events(name),
        "checkpoints": events(name, event_type="checkpoints") == events(name),
        "copy": events(copy.split("/")[2]),
        "purposes": reads,
        "finished": name.split(":")[0] in sessions,
        "actor": everything[0].event_details["actor"] == rest.whoami().result().user_urn,
        "yesterday": len(admin.get_audit_log(day=date(2020, 1, 1)).result().entries),
        "teams": len(admin.get_audit_log(event_type="teams").result().entries),
    }


def a_trace() -> dict:
    """Read with Perfetto's own schema: every slice ends where it should, none overlaps another of its track."""
    with service() as client:
        training = run(client, seed=72)
        train(training, 3)
        sampler = training.save_weights_and_get_sampling_client().result()
        asked = types.SamplingParams(max_tokens=20, seed=1, stop=[])
        drawn = [sampler.sample(types.ModelInput.from_ints(sequence(7, 9)), 1, asked) for _ in range(8)]
        [each.result() for each in drawn]
        session = training.get_info().model_id.split(":")[0]
        url = tinker.RestClient().export_session_trace(session).result()
        tinker_command("session", "export-trace", session, "--output", str(STAGE / "session.pftrace"))
        printed = tinker_command("session", "export-trace", session, "--url-only").strip()
    raw = urllib.request.urlopen(url).read()
    trace = Trace.FromString(raw)
    tracks = {p.track_descriptor.uuid: p.track_descriptor for p in trace.packet if p.HasField("track_descriptor")}
    open_slices: dict[int, tuple[int, str]] = {}
    last: dict[int, int] = {}
    slices = Counter()
    for packet in trace.packet:
        if not packet.HasField("track_event"):
            continue
        event, at = packet.track_event, packet.timestamp
        assert event.track_uuid in tracks and at >= last.get(event.track_uuid, 0)
        last[event.track_uuid] = at
        if event.type == TrackEvent.TYPE_SLICE_BEGIN:
            assert event.track_uuid not in open_slices
            open_slices[event.track_uuid] = (at, event.name)
        else:
            open_slices.pop(event.track_uuid)
        parent = tracks[tracks[event.track_uuid].parent_uuid]
        if event.type == TrackEvent.TYPE_SLICE_BEGIN:
            slices[f"{parent.name} {tracks[event.track_uuid].name} {event.name}"] += 1
    return {
        "unfinished": len(open_slices),
        "unknown": sum(len(UnknownFieldSet(each)) for packet in trace.packet for each in (packet, packet.track_event)),
        "same": (STAGE / "session.pftrace").read_bytes() == raw,
        "printed": printed.startswith("http") and session in printed,
        "slices": dict(slices),
        "process": [d.process.process_name for d in tracks.values() if d.HasField("process")] == [f"session {session}"],
        "nobody": refusal(lambda: tinker.RestClient().export_session_trace("nobody").result()),
    }
