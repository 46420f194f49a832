"""Llamas too small to be of use, their numbers random, as the folders that transformers writes."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

VOCABULARY = 288
ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
MLP = ["gate_proj", "up_proj", "down_proj"]
HEAD = ["lm_head"]

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CORPUS = [
    "the quick brown fox jumps over the lazy dog and then it rests in the shade",
    "the user asks and the assistant answers; the answer is short",
    "one and one is two, two and two is four",
]


@dataclass(frozen=True)
class Tiny:
    """One checkpoint and the adapter that is trained on it."""

    name: str
    rank: int
    modules: list[str]
    config: dict[str, Any] = field(default_factory=dict)
    dtype: torch.dtype = torch.float32
    shard_size: str = "50GB"
    lengths: tuple[int, ...] = (13, 7, 21)


CASES = [
    Tiny("untied", 8, ATTENTION + MLP + HEAD),
    Tiny("tied", 4, ATTENTION + MLP + HEAD, {"tie_word_embeddings": True}),
    Tiny(
        "rope",
        4,
        ATTENTION + MLP,
        {
            "rope_parameters": {
                "rope_type": "llama3",
                "rope_theta": 500.0,
                "factor": 4.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 32,
            }
        },
        lengths=(40, 90),
    ),
    Tiny("wide_heads", 8, ATTENTION + MLP, {"head_dim": 16, "num_hidden_layers": 3, "tie_word_embeddings": True}),
    Tiny("sharded", 4, ATTENTION, {"num_key_value_heads": 4, "rms_norm_eps": 1e-6}, shard_size="48KB"),
    Tiny("bf16", 4, MLP + HEAD, dtype=torch.bfloat16),
]


def build(case: Tiny, seed: int) -> LlamaForCausalLM:
    """The model in fp32, its numbers those that `case.dtype` can hold."""
    config = {
        "vocab_size": VOCABULARY,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 128,
        "rms_norm_eps": 1e-5,
        "tie_word_embeddings": False,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 0,
    }
    model = LlamaForCausalLM(LlamaConfig(**config | case.config, attn_implementation="eager"))
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=random)
            if "norm" in name:
                value = 1 + 0.1 * noise
            elif "embed_tokens" in name or "lm_head" in name:
                value = 0.5 * noise
            else:
                value = noise / parameter.shape[1] ** 0.5
            parameter.copy_(value.to(case.dtype).float())
    return model.eval()


def write(case: Tiny, model: LlamaForCausalLM, folder: Path) -> None:
    """The checkpoint as a Hugging Face folder, tokenizer and all."""
    stored = copied(model).to(case.dtype)
    stored.save_pretrained(folder, max_shard_size=case.shard_size)
    tokenizer().save_pretrained(folder)


def copied(model: LlamaForCausalLM) -> LlamaForCausalLM:
    copy = LlamaForCausalLM(model.config)
    copy.load_state_dict(model.state_dict())
    return copy


def tokenizer() -> PreTrainedTokenizerFast:
    """Bytes, a few pairs of them, and the marks of ChatML."""
    fast = Tokenizer(models.BPE())
    fast.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    fast.decoder = decoders.ByteLevel()
    fast.train_from_iterator(
        CORPUS,
        trainers.BpeTrainer(
            vocab_size=VOCABULARY,
            special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        ),
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=fast,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        chat_template=CHATML,
        model_max_length=128,
    )
