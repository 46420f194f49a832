"""Small data sets in the shapes of those that the recipes name; made up, the same ones each time."""

from .hub import DataSet

HUES = [("red", "rose"), ("blue", "sky"), ("green", "leaf"), ("gold", "sun"), ("white", "snow"), ("grey", "stone")]
COUNTS = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
TALKS = [(f"Name {count} {hue} things.", f"A {hue} {thing}.") for count in COUNTS for hue, thing in HUES]
SUMS = [(a, b) for a in range(2, 6) for b in range(1, 9)]


def talk(asked: str, answered: str) -> list[dict]:
    return [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]


def split(rows: list[dict], test: int = 8) -> dict[str, list[dict]]:
    return {"train": rows[test:], "test": rows[:test]}


def no_robots() -> DataSet:
    """More than the others: a recipe whose batches are of 128 takes three of them."""
    rows = [{"prompt": asked, "messages": talk(asked, said)} for asked, said in TALKS]
    return DataSet("default", split(rows * 9))


def gsm8k() -> DataSet:
    """Few, since a recipe takes sixteen samples of each."""
    rows = [
        {"question": f"Ann has {a} nuts and gets {b} more. How many has she?", "answer": f"{a}+{b}\n#### {a + b}"}
        for a, b in SUMS
    ]
    return DataSet("main", {"train": rows[:8], "test": rows[8:12]})


def hh_rlhf() -> DataSet:
    rows = [
        {
            "chosen": f"\n\nHuman: {asked}\n\nAssistant: {said}",
            "rejected": f"\n\nHuman: {asked}\n\nAssistant: I will not say.",
        }
        for asked, said in TALKS
    ]
    return DataSet("default", split(rows))


def deepmath() -> DataSet:
    return DataSet("default", {"train": [{"question": f"{a} + {b} = ?", "final_answer": str(a + b)} for a, b in SUMS]})


def tulu3() -> DataSet:
    return DataSet("default", {"train": [{"id": asked, "messages": talk(asked, said)} for asked, said in TALKS]})


def open_thoughts() -> DataSet:
    rows = [{"conversations": [{"from": "human", "value": asked}, {"from": "gpt", "value": s}]} for asked, s in TALKS]
    return DataSet("default", {"train": rows})


def sci_know_eval() -> DataSet:
    rows = [
        {
            "domain": "Chemistry",
            "details": {"level": "L3"},
            "type": "mcq-4-choices",
            "question": f"What is as {hue} as can be, {count} times over?",
            "choices": {"label": ["A", "B"], "text": [thing, "nothing"]},
            "answerKey": "A",
        }
        for count in COUNTS
        for hue, thing in HUES
    ]
    return DataSet("default", {"test": rows})


def wikitext() -> DataSet:
    lines = [{"text": f"{asked} {said} " * 20} for asked, said in TALKS]
    return DataSet("wikitext-103-raw-v1", {"train": lines * 20})


DATA = {
    "HuggingFaceH4/no_robots": no_robots,
    "openai/gsm8k": gsm8k,
    "Anthropic/hh-rlhf": hh_rlhf,
    "zwhe99/DeepMath-103K": deepmath,
    "allenai/tulu-3-sft-mixture": tulu3,
    "open-thoughts/OpenThoughts3-1.2M": open_thoughts,
    "hicai-zju/SciKnowEval": sci_know_eval,
    "Salesforce/wikitext": wikitext,
}
