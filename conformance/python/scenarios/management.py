"""Keys and tokens, sessions, what may be done with checkpoints: `RestClient`, and the commands that use it."""

import os
import uuid
from datetime import UTC, datetime
from pathlib import Path

import tinker
from click.testing import CliRunner
from tinker import types
from tinker.cli.__main__ import main_cli

from .common import UNTIED, apart, logprobs, refusal, run, scores, sequence, service, train
from .recipes import told, tinker_command

STAGE = Path(os.environ["STAGE"])
WATCHED = sequence(61, 20)


def who_is_asking() -> dict:
    """Known only from the token that the client gets for its key."""
    mine = tinker.RestClient().whoami().result()
    return {"user": mine.user_urn, "organization": mine.org_urn, "email": mine.email, "command": told("auth", "whoami")}


def in_and_out() -> dict:
    """`tinker auth login` and `logout`, with a home of their own."""
    home = STAGE / "home"
    home.mkdir(exist_ok=True)
    key = os.environ["TINKER_API_KEY"]

    def tinker_at_home(*words: str, typed: str = "") -> str:
        at_home = CliRunner(env={"TINKER_API_KEY": None, "HOME": str(home)})
        done = at_home.invoke(main_cli, words, input=typed)
        return done.output + str(vars(done.exception) if done.exception else "")

    wrong = tinker_at_home("auth", "login", typed="tml-" + "0" * 64 + "\n")
    login = tinker_at_home("auth", "login", typed=key + "\n")
    status = tinker_at_home("auth", "status")
    models = tinker_at_home("model", "list")
    logout = tinker_at_home("auth", "logout")
    return {"wrong": wrong, "login": login, "status": status, "models": models, "logout": logout}


def a_stale_token() -> dict:
    """The client is told that its token is no good, and gets another."""
    client = tinker.RestClient()
    before = client.list_training_runs(limit=1).result()
    provider = client.holder._default_auth
    good = provider._token
    provider._token = good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB")
    after = client.list_training_runs(limit=1).result()
    return {"same": before.cursor.total_count == after.cursor.total_count, "another": provider._token != good[:-4] + "AAAA"}


def a_token_as_the_key() -> dict:
    """As one that a credential command printed."""
    holder = tinker.RestClient()
    holder.whoami().result()
    token = holder.holder._default_auth._token
    return {"models": [m.model_name for m in tinker.RestClient(api_key=token).get_server_capabilities().result().supported_models]}


def sessions_are_found() -> dict:
    name = f"Nightly {uuid.uuid4().hex[:8]}"
    clients = [tinker.ServiceClient(user_metadata={"team": team, "number": 7}, project_id="default") for team in ("red", "blue")]
    rest = tinker.RestClient()
    ids = []
    for client in clients:
        training = run(client, seed=60)
        training.save_state("kept").result()
        client.create_sampling_client(base_model=UNTIED).result()
        ids.append(training.get_info().model_id.split(":")[0])
    clients[0].close("errored", detail="it was cut").result()

    def found(**asked: object) -> list[str]:
        return [each.session_id for each in rest.search_sessions(types.SessionSearchRequest(**asked)).result().sessions]

    def paged() -> list[str]:
        seen, cursor = [], None
        while True:
            page = rest.search_sessions(types.SessionSearchRequest(limit=1, cursor=cursor)).result()
            seen += [each.session_id for each in page.sessions]
            cursor = page.next_cursor
            if cursor is None:
                return seen

    one = rest.get_session(ids[0]).result()
    summary = rest.search_sessions(types.SessionSearchRequest(session_id=ids[0])).result().sessions[0]
    finished = {"type": "client_finished", "reasons": ["errored"]}
    facts = {
        "runs": one.training_run_ids == [ids[0] + ":train:0"],
        "samplers": len(rest.get_session(ids[1]).result().sampler_ids),
        "metadata": one.user_metadata,
        "listed": set(ids) <= set(rest.list_sessions(limit=100).result().sessions),
        "accessible": set(ids) <= set(rest.list_sessions(limit=100, access_scope="accessible").result().sessions),
        "by_metadata": found(user_metadata={"team": "red"}, limit=1) == [ids[0]],
        "active": ids[1] in found(statuses=[{"type": "active"}]),
        "finished": ids[0] in found(statuses=[finished]) and ids[1] not in found(statuses=[finished]),
        "owner": summary.owner == rest.whoami().result().user_urn,
        "accessible_owner": ids[0] in found(owner={"type": "accessible"}),
        "nobody": found(owner={"type": "user", "owner_urns": ["tml:organization_user:nobody"]}),
        "checkpoints": summary.checkpoints_count,
        "bytes": summary.checkpoint_storage_bytes,
        "project": summary.project_id,
        "status": summary.status.type,
        "detail": summary.status.detail,
        "paged": len(paged()) == len(set(paged())) and set(ids) <= set(paged()),
        "name": name,
    }
    rest.assign_session_project(ids[1], "default").result()
    facts["moved"] = refusal(lambda: rest.assign_session_project(ids[1], "elsewhere").result())
    facts["unknown"] = refusal(lambda: rest.get_session("nobody").result())
    clients[1].close("success").result()
    return facts


def runs_in_pages() -> dict:
    rest = tinker.RestClient()
    with service() as client:
        names = [run(client, seed=62).get_info().model_id for _ in range(5)]
        path = run(client, seed=62).save_state("x", user_metadata={"by": "me"}).result().path
        pages = [rest.list_training_runs(limit=2, offset=offset).result() for offset in (0, 2, 4)]
        seen = [each.training_run_id for page in pages for each in page.training_runs]
        return {
            "different": len(set(seen)) == 6 and set(names) <= set(seen),
            "totals": len({page.cursor.total_count for page in pages}) == 1,
            "past": len(rest.list_training_runs(limit=2, offset=100_000).result().training_runs),
            "by_path": rest.get_training_run_by_tinker_path(path).result().training_run_id == path.split("/")[2],
            "weights": rest.get_weights_info_by_tinker_path(path).result().lora_rank,
            "checkpoint_metadata": rest.list_user_checkpoints(limit=1).result().checkpoints[0].user_metadata,
            "all_pages": len(told("run", "list", "--limit", "0")["runs"]) == pages[0].cursor.total_count,
            "project": refusal(lambda: rest.list_training_runs(project_id="elsewhere").result()),
        }


def published_and_copied() -> dict:
    rest = tinker.RestClient()
    with service() as client:
        training = run(client, seed=63)
        train(training, 2)
        heard = logprobs(training, WATCHED)
        weights = training.save_state("kept").result().path
        sampling = training.save_weights_for_sampler("kept").result().path

        def is_public() -> bool:
            return told("checkpoint", "info", weights)["public"]

        before = is_public()
        rest.publish_checkpoint_from_tinker_path(weights).result()
        rest.publish_checkpoint_from_tinker_path(weights).result()
        published = is_public()
        tinker_command("checkpoint", "unpublish", weights)
        unpublished = is_public()
        tinker_command("checkpoint", "publish", weights)
        again = is_public()
        rest.unpublish_checkpoint_from_tinker_path(weights).result()
        copy = rest.copy_weights(weights, "default", ttl_seconds=7200).result()
        sampler = rest.copy_weights(sampling, "default").result()
        for path in (weights, sampling):
            rest.delete_checkpoint_from_tinker_path(path).result()
        run_of_copy = copy.split("/")[2]
        [listed] = rest.list_checkpoints(run_of_copy).result().checkpoints
        resumed = client.create_training_client_from_state_with_optimizer(copy).result()
        return {
            "public": [before, published, unpublished, again],
            "copy": copy,
            "hours": (listed.expires_at - datetime.now(UTC)).total_seconds() / 3600,
            "resumed": apart(logprobs(resumed, WATCHED), heard),
            "sampled": apart(scores(client.create_sampling_client(sampler).result(), WATCHED), heard),
            "elsewhere": refusal(lambda: rest.copy_weights(copy, "elsewhere").result()),
            "gone": refusal(lambda: rest.copy_weights(weights, "default").result()),
            "twice": refusal(lambda: rest.delete_checkpoint_from_tinker_path(weights).result()),
        }
