"""SmolLM2-135M-Instruct, brought in as a GGUF file and computed as this machine likes best, against fp32 elsewhere."""

import json
from pathlib import Path
from statistics import mean

import torch
from peft import PeftModel
from tinker import types
from tinker_cookbook import weights

from .adapters import STAGE, base, downloaded, read
from .common import datum, logprobs, run, service

NAME = "HuggingFaceTB/SmolLM2-135M-Instruct"
LESSON = [
    ("What is the capital of France?", "Arr, the capital of France be Paris, matey!"),
    ("What is two and two?", "Arr, two and two be four, matey!"),
    ("Who wrote Hamlet?", "Arr, Hamlet be written by Shakespeare, matey!"),
    ("What do bees make?", "Arr, bees be makin' honey, matey!"),
]
WATCHED = [
    ("What is the capital of Italy?", "Arr, the capital of Italy be Rome, matey!"),
    ("Name a colour.", "Blue is a colour, and so is a warm, dark red."),
    ("Count to five.", "One, two, three, four, five."),
]
ADAM = types.AdamParams(learning_rate=1e-3, beta1=0.9, beta2=0.95, eps=1e-8)


def talk(tokenizer, question: str, answer: str) -> list[int]:
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return tokenizer.encode(tokenizer.apply_chat_template(messages, tokenize=False), add_special_tokens=False)


def model_folder() -> str:
    """The Hugging Face folder that the server made of the file."""
    return str(next(path.parent for path in (STAGE / "data/models").rglob("config.json")))


def learned() -> dict:
    with service() as client:
        training = run(client, seed=1, rank=16, model=NAME)
        tokenizer = training.get_tokenizer()
        data = [datum(talk(tokenizer, *pair)) for pair in LESSON]
        count = sum(each.model_input.length for each in data)
        untrained = training.forward(data, "cross_entropy").result().metrics["loss:sum"] / count
        for _ in range(7):
            passed = training.forward_backward(data, "cross_entropy")
            training.optim_step(ADAM).result()
        watched = [talk(tokenizer, *pair) for pair in WATCHED]
        heard = [logprobs(training, tokens) for tokens in watched]
        (STAGE / "heard.json").write_text(json.dumps({"tokens": watched, "logprobs": heard}))
        downloaded(training, "adapter")
        return {
            "first": untrained,
            "last": passed.result().metrics["loss:sum"] / count,
            "saved": training.save_state("learned").result().path,
            "for_sampler": training.save_weights_for_sampler("learned").result().path,
        }


def exports_agree() -> dict:
    """The command wrote `peft` and `merged`; the cookbook makes its own adapter of what it fetched."""
    torch.set_num_threads(2)
    folder, built = model_folder(), STAGE / "built"
    weights.build_lora_adapter(base_model=folder, adapter_path=str(STAGE / "adapter"), output_path=str(built))
    heard = json.loads((STAGE / "heard.json").read_text())

    def apart(model: torch.nn.Module) -> float:
        return mean(
            abs(theirs - ours)
            for tokens, logprobs in zip(heard["tokens"], heard["logprobs"])
            for theirs, ours in zip(read(model, tokens), logprobs, strict=True)
        )

    facts = {"tokens": sum(map(len, heard["logprobs"])), "merged": apart(base(str(STAGE / "merged")))}
    model = PeftModel.from_pretrained(base(folder), str(STAGE / "adapter"), "adapter").eval()
    for name in ["built", "peft"]:
        model.load_adapter(str(STAGE / name), name)
    for name in ["adapter", "built", "peft"]:
        model.set_adapter(name)
        facts[name] = apart(model)
    with model.disable_adapter():
        facts["moved"] = apart(model)
    return facts
