"""A model with random numbers for the recipes: `python -m recipes.models FOLDER`."""

import sys
from pathlib import Path

from tiny_models import ATTENTION, Tiny, build, tokenizer

THINKING = ["<think>", "</think>"]


def write(folder: Path) -> None:
    """Long enough for a recipe's prompts, with the marks that the cookbook's renderers look for."""
    case = Tiny("recipes", 8, ATTENTION, {"vocab_size": 320, "max_position_embeddings": 16384})
    build(case, seed=7).save_pretrained(folder)
    words = tokenizer()
    words.add_special_tokens({"additional_special_tokens": THINKING})
    words.model_max_length = 16384
    words.save_pretrained(folder)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
