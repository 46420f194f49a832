"""All that a sample may ask, on one run and on its base; the probabilities are those of transformers."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import httpx
import tinker
import torch
from tinker import types
from transformers import AutoTokenizer

from .adapters import adapted, base, checkpoint, downloaded, read
from .common import ADAM, UNTIED, VOCABULARY, apart, datum, logprobs, refusal, run, sequence, service, train

CONTEXT = 128
TOKENS = sequence(51, 17)
PROMPT = types.ModelInput.from_ints(TOKENS)
POSITIONS = len(TOKENS) - 1
TEXT = "Привет, 世界! naïve façade, and so on."
TOKENIZER = AutoTokenizer.from_pretrained(checkpoint("untied"))


def params(**others: object) -> types.SamplingParams:
    return types.SamplingParams(**{"max_tokens": 1, "stop": [], **others})


def base_sampler(client: tinker.ServiceClient) -> tinker.SamplingClient:
    return client.create_sampling_client(base_model=UNTIED).result()


@torch.no_grad()
def table(model: torch.nn.Module, tokens: Sequence[int] = TOKENS) -> torch.Tensor:
    """Row i: what comes after token i, as log-probabilities, in double precision from the scores on."""
    return torch.log_softmax(model(input_ids=torch.tensor([list(tokens)])).logits[0].double(), dim=-1)


def tokens_of(response: types.SampleResponse) -> list[list[int]]:
    return [each.tokens for each in response.sequences]


def prompts_are_scored() -> dict:
    """With an adapter and without, whole and at the end alone, likeliest tokens beside them."""
    facts: dict = {"apart": [], "likeliest": [], "ids": [], "skipped": [], "last": []}
    with service() as client:
        training = run(client, seed=51)
        train(training, 4)
        models = {base(checkpoint("untied")): base_sampler(client)}
        models[adapted(checkpoint("untied"), downloaded(training, "scored"))] = (
            training.save_weights_and_get_sampling_client().result()
        )
        for model, sampler in models.items():
            rows = table(model)[:-1]
            said = sampler.sample(PROMPT, 1, params(), True, topk_prompt_logprobs=7).result()
            facts["apart"].append(apart(said.prompt_logprobs[1:], read(model, TOKENS)))
            best = rows.topk(7)
            top = said.topk_prompt_logprobs
            facts["ids"].append([[token for token, _ in row] for row in top[1:]] == best.indices.tolist())
            facts["likeliest"] += [
                apart([lp for _, lp in row], those) for row, those in zip(top[1:], best.values.tolist())
            ]
            end = sampler.sample(PROMPT, 1, params(), True, topk_prompt_logprobs=2, prompt_logprobs_last_n=3).result()
            facts["skipped"] += [end.prompt_logprobs[:-3], end.topk_prompt_logprobs[:-3]]
            facts["last"].append(apart(end.prompt_logprobs[-3:], said.prompt_logprobs[-3:]))
            facts["last"] += [
                apart([lp for _, lp in row], [lp for _, lp in these[:2]])
                for row, these in zip(end.topk_prompt_logprobs[-3:], top[-3:])
            ]
        facts["skipped"] = all(each is None for skipped in facts["skipped"] for each in skipped)
        facts["first"] = said.prompt_logprobs[0] is None and top[0] is None
        facts["cached"] = said.prompt_cache_hit_tokens
        facts["too_many"] = refusal(lambda: sampler.compute_logprobs(PROMPT, len(TOKENS)).result())
        facts["alone"] = sampler.compute_logprobs(types.ModelInput.from_ints(TOKENS[:1])).result() == [None]
    return facts


def beginnings_are_kept() -> dict:
    """A prompt that comes again, one that begins like it, one with scores; of another model it is new."""
    tokens = sequence(52, 76)
    again, alike = types.ModelInput.from_ints(tokens), types.ModelInput.from_ints(tokens[:40] + sequence(53, 30))
    greedy = params(max_tokens=8, temperature=0)
    with service() as client:
        training = run(client, seed=52)
        session = training.get_info().model_id.split(":")[0]
        sampler = base_sampler(client)
        asked = [sampler.sample(prompt, 2, greedy).result() for prompt in (again, again, alike)]
        asked.append(sampler.sample(again, 1, greedy, True, prompt_logprobs_last_n=30).result())
        asked.append(training.save_weights_and_get_sampling_client().sample(again, 1, greedy).result())
        scores = sampler.compute_logprobs(again).result()
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    used = tinker.AdminClient().get_billing_usage(hour - timedelta(hours=1), hour + timedelta(hours=1)).result()
    read = [each for each in used.data if each.session_id == session and each.event_info.type == "sampling_prefill"]
    first, second = (asked[index].sequences[0] for index in (0, 1))
    return {
        "hits": [response.prompt_cache_hit_tokens for response in asked],
        "same": first.tokens == second.tokens and first.logprobs == second.logprobs,
        "scores": asked[3].prompt_logprobs[-30:] == scores[-30:],
        "cached": sum(each.event_info.token_count for each in read if each.event_info.cached),
        "computed": sum(each.event_info.token_count for each in read if not each.event_info.cached),
    }


def named_tokens_are_scored() -> dict:
    """In a whole table, and in one so thin that the client sends what is in it alone."""
    facts: dict = {"apart": [], "layout": [], "absent": []}
    random = torch.Generator().manual_seed(3)
    rows = table(base(checkpoint("untied")))[:-1]
    with service() as client:
        sampler = base_sampler(client)
        for columns, kept in ((3, 0.7), (40, 0.02)):
            ids = torch.randint(0, VOCABULARY, (POSITIONS, columns), generator=random)
            ids = torch.where(torch.rand(ids.shape, generator=random) < kept, ids, -1)
            ids[-1, 0] = 5
            asked = types.TensorData.from_torch_sparse(ids, pad_value=-1)
            said = sampler.sample(PROMPT, 1, params(), target_prompt_logprobs=asked).result().target_prompt_logprobs
            heard = said.to_torch()
            named = ids >= 0
            expected = rows.gather(1, ids.clamp(min=0))
            facts["apart"].append((heard - expected)[named].abs().max().item())
            facts["absent"].append(heard[~named].abs().max().item())
            facts["layout"].append(
                [said.shape, said.sparse_crow_indices, said.sparse_col_indices]
                == [asked.shape, asked.sparse_crow_indices, asked.sparse_col_indices]
            )
        facts["sparse"] = asked.sparse_crow_indices is not None

        def refused(ids: torch.Tensor) -> str:
            asked = types.TensorData.from_torch(ids)
            return refusal(lambda: sampler.sample(PROMPT, 1, params(), target_prompt_logprobs=asked).result())

        facts["rows"] = refused(torch.ones(POSITIONS + 1, 1, dtype=torch.int64))
        facts["none"] = refused(-torch.ones(POSITIONS, 2, dtype=torch.int64))
        facts["outside"] = refused(torch.full((POSITIONS, 1), VOCABULARY))
    return facts


def alternatives_are_drawn() -> dict:
    """At a temperature, whatever top k and top p say of the continuation."""
    rows = table(base(checkpoint("untied")))[:-1]
    temperature, k = 1.5, 250
    with service() as client:
        sampler = base_sampler(client)

        def drawn(**others: object) -> types.PromptAltTokens:
            asked = params(**others)
            return sampler.sample(PROMPT, 1, asked, prompt_alt_tokens_k=k).result().prompt_alt_tokens

        said = drawn(seed=1, temperature=temperature, top_k=1, top_p=0.1)
        ids, heard = said.tokens.to_torch(), said.logprobs.to_torch()
        expected = torch.softmax(rows / temperature, dim=-1).sum(0)
        counts = torch.bincount(ids.flatten(), minlength=VOCABULARY) / k
        again = drawn(seed=1, temperature=temperature)
        one = sampler.sample(types.ModelInput.from_ints([5]), 1, params(), prompt_alt_tokens_k=2).result()
        return {
            "shape": list(ids.shape) == [POSITIONS, k] and list(heard.shape) == [POSITIONS, k],
            "dtypes": [said.tokens.dtype, said.logprobs.dtype],
            "apart": (heard - rows.gather(1, ids)).abs().max().item(),
            "distribution": ((counts - expected).square() * k / expected.clamp(min=1e-9)).sum().item() / VOCABULARY,
            "seed": again.tokens.tolist() == ids.tolist(),
            "other_seed": drawn(seed=2, temperature=temperature).tokens.tolist() != ids.tolist(),
            "greedy": (drawn(temperature=0).tokens.to_torch() == rows.argmax(-1)[:, None]).all().item(),
            "one_token": list(one.prompt_alt_tokens.tokens.shape),
        }


def taught(client: tinker.ServiceClient) -> tuple[tinker.SamplingClient, list[int]]:
    """A sampler that says one sentence after the prompt, and the sentence with its end."""
    words = TOKENIZER.encode(TEXT) + [TOKENIZER.eos_token_id]
    whole = TOKENS + words
    training = run(client, seed=52)
    weights = [0.0] * POSITIONS + [1.0] * len(words)
    for rate in (0.02, 0.005):
        for _ in range(80):
            training.forward_backward([datum(whole, weights)], "cross_entropy")
            training.optim_step(ADAM.model_copy(update={"learning_rate": rate}))
    return training.save_weights_and_get_sampling_client().result(), words


def samples_stop() -> dict:
    """At texts within and across tokens and characters of several bytes, at tokens, at the end, at nothing."""
    facts: dict = {"texts": [], "ends": [], "reasons": []}
    with service() as client:
        sampler, words = taught(client)

        def said(stop: object, **others: object) -> types.SampledSequence:
            asked = params(**{"max_tokens": 100, "temperature": 0.0, "stop": stop, **others})
            return sampler.sample(PROMPT, 1, asked).result().sequences[0]

        whole = said(None)
        facts["learned"] = whole.tokens == words and TOKENIZER.decode(whole.tokens[:-1]) == TEXT
        for stop in ["!", "世", "世界", "ве", "т, 世", "naï", "ïve f", "ç", TEXT, ["zzz", "ет", "при"], ["!", "世界!"]]:
            texts = [stop] if isinstance(stop, str) else stop
            length = next(
                n for n in range(1, len(words)) if any(text in TOKENIZER.decode(words[:n]) for text in texts)
            )
            heard = said(stop)
            facts["texts"].append(heard.tokens == words[:length])
            facts["ends"].append(any(TOKENIZER.decode(heard.tokens).endswith(text) for text in texts))
            facts["reasons"].append(str(heard.stop_reason))
        third = said([words[2]])
        first = words.index(words[2])
        facts["token"] = third.tokens == words[: first + 1] and len(third.logprobs) == first + 1
        facts["never_said"] = said(["zzz"]).tokens == words and said([200 if 200 not in words else 201]).tokens == words
        onwards = said([], max_tokens=len(words) + 5)
        facts["nothing"] = onwards.tokens[: len(words)] == words and len(onwards.tokens) == len(words) + 5
        facts["nothing_reason"] = str(onwards.stop_reason)
        facts["empty_text"] = refusal(lambda: said([""]))
    return facts


def lengths_keep_to_the_context() -> dict:
    with service() as client:
        sampler = base_sampler(client)
        unbounded = sampler.sample(PROMPT, 2, params(max_tokens=None, seed=1)).result().sequences
        brim = sampler.sample(PROMPT, 1, params(max_tokens=CONTEXT - len(TOKENS))).result().sequences[0]
        over = params(max_tokens=CONTEXT - len(TOKENS) + 1)
        full = types.ModelInput.from_ints(sequence(53, CONTEXT))
        return {
            "unbounded": [len(each.tokens) + len(TOKENS) for each in unbounded],
            "reasons": [str(each.stop_reason) for each in unbounded],
            "brim": len(brim.tokens) + len(TOKENS),
            "over": refusal(lambda: sampler.sample(PROMPT, 1, over).result()),
            "full": refusal(lambda: sampler.sample(full, 1, params(max_tokens=None)).result()),
        }


def seeds_of_any_size() -> dict:
    with service() as client:
        sampler = base_sampler(client)

        def drawn(seed: int | None) -> list[list[int]]:
            return tokens_of(sampler.sample(PROMPT, 5, params(max_tokens=20, seed=seed)).result())

        seeds = [0, -1, 7, 2**63 - 1, 2**63 + 5, 9223372036854775813 + 2**70]
        heard = [drawn(seed) for seed in seeds]
        return {
            "again": [drawn(seed) == these for seed, these in zip(seeds, heard)],
            "seeds": len({str(these) for these in heard[:5]}),
            "samples": [len({tuple(tokens) for tokens in these}) for these in heard],
            "alone": sampler.sample(PROMPT, 1, params(max_tokens=20, seed=7)).result().sequences[0].tokens == heard[2][0],
            "unseeded": drawn(None) != drawn(None),
        }


def one_token_often(sampler: tinker.SamplingClient, **others: object) -> Counter:
    """Of 2,000 samples."""
    asked = [sampler.sample(PROMPT, 1000, params(seed=seed, **others)) for seed in (1, 2)]
    return Counter(tokens[0] for each in asked for tokens in tokens_of(each.result()))


def kept(scores: torch.Tensor, temperature: float = 1.0, top_k: int = -1, top_p: float = 1.0) -> torch.Tensor:
    """The distribution in plain words: tempered, then the top k, then the smallest set that has top p."""
    p = torch.softmax(scores / temperature, dim=-1)
    order = p.argsort(descending=True, stable=True)
    if top_k > 0:
        p[order[top_k:]] = 0
        p = p / p.sum()
    before = p[order].cumsum(0) - p[order]
    p[order[before >= top_p]] = 0
    return p / p.sum()


def samples_have_the_distribution() -> dict:
    """χ² over its degrees of freedom, tokens expected less than five times put together."""
    settings = [
        {},
        {"temperature": 0.5},
        {"temperature": 2.0},
        {"top_k": 4},
        {"top_p": 0.6},
        {"temperature": 1.3, "top_k": 20, "top_p": 0.9},
    ]
    scores = table(base(checkpoint("untied")))[-1]
    facts: dict = {"chi_square": [], "outside": []}
    with service() as client:
        sampler = base_sampler(client)
        for setting in settings:
            counts = one_token_often(sampler, **setting)
            expected = 2000 * kept(scores.clone(), **setting)
            heard = torch.tensor([float(counts[token]) for token in range(VOCABULARY)], dtype=torch.float64)
            common = expected >= 5
            pairs = [(h, e) for h, e in zip(heard[common].tolist(), expected[common].tolist())]
            if expected[~common].sum() >= 5:
                pairs.append((heard[~common].sum().item(), expected[~common].sum().item()))
            freedom = max(1, len(pairs) - 1)
            facts["chi_square"].append(sum((h - e) ** 2 / e for h, e in pairs) / freedom)
            facts["outside"].append(heard[expected == 0].sum().item())
    return facts


def greedy_is_the_likeliest() -> dict:
    model = base(checkpoint("untied"))
    with service() as client:
        sampler = base_sampler(client)
        said = sampler.sample(PROMPT, 2, params(max_tokens=25, temperature=0.0), topk_sample_logprobs=3).result()
        first = said.sequences[0]
        rows = table(model, TOKENS + first.tokens)[POSITIONS:-1]
        best = rows.topk(3)
        return {
            "same": first.tokens == said.sequences[1].tokens,
            "greedy": first.tokens == rows.argmax(-1).tolist(),
            "logprobs": apart(first.logprobs, rows.max(-1).values.tolist()),
            "top": [[token for token, _ in row] for row in first.topk_logprobs] == best.indices.tolist(),
            "top_logprobs": max(
                apart([lp for _, lp in row], those) for row, those in zip(first.topk_logprobs, best.values.tolist())
            ),
            "top_1": tokens_of(sampler.sample(PROMPT, 1, params(max_tokens=25, top_k=1, temperature=3.0)).result())[0]
            == first.tokens,
        }


def sampler_and_trainer_are_one_policy() -> dict:
    """As the cookbook measures it: the mean of log q − log p over what q drew, and half the mean square."""
    with service() as client:
        training = run(client, seed=54)
        train(training, 8)
        sampler = training.save_weights_and_get_sampling_client().result()
        said = sampler.sample(PROMPT, 32, params(max_tokens=40, seed=4)).result().sequences
        differences: list[float] = []
        for each in said:
            trained = logprobs(training, TOKENS + each.tokens)[POSITIONS:]
            differences += [q - p for q, p in zip(each.logprobs, trained, strict=True)]
        return {
            "tokens": len(differences),
            "v1": abs(sum(differences) / len(differences)),
            "v2": sum(each**2 for each in differences) / len(differences) / 2,
            "most": max(map(abs, differences)),
        }


def snapshots_stay_and_inflight_follows() -> dict:
    def scores(sampler: tinker.SamplingClient) -> list[float]:
        return sampler.compute_logprobs(PROMPT).result()[1:]

    with service() as client:
        training = run(client, seed=55)
        train(training, 2)
        early = logprobs(training, TOKENS)
        snapshot = training.save_weights_and_get_sampling_client(kind="snapshot").result()
        follower = training.save_weights_and_get_sampling_client(kind="inflight").result()
        before = [apart(scores(each), early) for each in (snapshot, follower)]
        train(training, 3)
        unpublished = apart(scores(follower), early)
        second = training.save_weights_and_get_sampling_client(kind="inflight").result()
        late = logprobs(training, TOKENS)
        return {
            "before": before,
            "unpublished": unpublished,
            "moved": apart(early, late),
            "snapshot": apart(scores(snapshot), early),
            "followers": [apart(scores(each), late) for each in (follower, second)],
        }


def what_is_not_offered_is_refused() -> dict:
    with service() as client:
        sampler = client.create_sampling_client(base_model=UNTIED, record_stability_info=True).result()
        plain = base_sampler(client)

        def refused(call: Callable[[], object]) -> str:
            return refusal(call)

        session = plain._sampling_session_id
        body = {
            "sampling_session_id": session,
            "num_samples": 1,
            "prompt": {"chunks": [{"type": "encoded_text", "tokens": TOKENS}]},
            "sampling_params": {"max_tokens": 1},
        }

        def raw(number: int, **others: object) -> str:
            answer = httpx.post(
                os.environ["TINKER_BASE_URL"] + "/api/v1/asample",
                headers={"X-API-Key": os.environ["TINKER_API_KEY"]},
                json={**body, "seq_id": number, **others},
                timeout=20,
            )
            return f"{answer.status_code} {answer.text}"

        return {
            "stability": refused(lambda: sampler.sample(PROMPT, 1, params()).result()),
            "wide": refused(lambda: plain.sample(PROMPT, 1, params(), topk_prompt_logprobs=257).result()),
            "temperature": refused(lambda: plain.sample(PROMPT, 1, params(temperature=-1.0)).result()),
            "unknown": raw(501, sampling_params={"max_tokens": 1, "min_p": 0.1}),
            "other_base": raw(502, base_model="tiny/tied"),
            "same_base": raw(503, base_model=UNTIED, type="sample")[:3],
            "many": raw(504, num_samples=1024, topk_sample_logprobs=256, sampling_params={"max_tokens": 100}),
            "goes_on": len(plain.sample(PROMPT, 1, params()).result().sequences[0].logprobs),
        }
