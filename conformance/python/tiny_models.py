"""Models too small to be of use, their numbers random, as the folders that transformers writes."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel, PreTrainedTokenizerFast

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
    family: str = "llama"
    brief: bool = False
    """Whether one loss and no steps are enough of it."""
    experts: str = ""
    """What a layer's module with the experts is called on disk, if it has any."""


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
    Tiny("mistral", 4, ATTENTION + MLP + HEAD, {"sliding_window": 6, "head_dim": 16}, family="mistral", brief=True),
    Tiny(
        "qwen2",
        4,
        ATTENTION + MLP,
        {"use_sliding_window": True, "sliding_window": 9, "max_window_layers": 1, "max_position_embeddings": 256},
        lengths=(13, 140),
        family="qwen2",
        brief=True,
    ),
    Tiny("qwen3", 4, ATTENTION + MLP, {"head_dim": 16}, family="qwen3", brief=True),
    Tiny(
        "gemma2",
        4,
        ATTENTION + MLP,
        {
            "head_dim": 16,
            "query_pre_attn_scalar": 6,
            "sliding_window": 5,
            "attn_logit_softcapping": 2.0,
            "final_logit_softcapping": 8.0,
            "tie_word_embeddings": True,
        },
        family="gemma2",
        brief=True,
    ),
    Tiny(
        "gemma3",
        4,
        ATTENTION + MLP + HEAD,
        {
            "head_dim": 16,
            "query_pre_attn_scalar": 12,
            "num_hidden_layers": 3,
            "sliding_window": 5,
            "sliding_window_pattern": 3,
            "rope_scaling": {"rope_type": "linear", "factor": 8.0},
            "tie_word_embeddings": True,
        },
        family="gemma3_text",
        brief=True,
    ),
    Tiny(
        "yarn",
        4,
        ATTENTION + MLP,
        {
            "head_dim": 16,
            "rope_parameters": {
                "rope_type": "yarn",
                "rope_theta": 500.0,
                "factor": 4.0,
                "original_max_position_embeddings": 32,
                "beta_fast": 4.0,
            },
        },
        lengths=(40, 90),
        brief=True,
    ),
    Tiny(
        "mixtral",
        4,
        ATTENTION + MLP,
        {"intermediate_size": 24, "num_local_experts": 4, "num_experts_per_tok": 2},
        family="mixtral",
        brief=True,
        experts="block_sparse_moe",
    ),
    Tiny(
        "qwen3_moe",
        4,
        ATTENTION + MLP,
        {
            "head_dim": 16,
            "moe_intermediate_size": 16,
            "num_experts": 8,
            "num_experts_per_tok": 3,
            "norm_topk_prob": False,
        },
        lengths=(6, 4),
        family="qwen3_moe",
        brief=True,
        experts="mlp",
    ),
]


def build(case: Tiny, seed: int) -> PreTrainedModel:
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
    model = AutoModelForCausalLM.from_config(
        AutoConfig.for_model(case.family, **config | case.config), attn_implementation="eager"
    )
    random = torch.Generator().manual_seed(seed)
    gemma = case.family.startswith("gemma")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=random)
            if "norm" in name:
                value = 0.1 * noise + (0 if gemma else 1)
            elif "embed_tokens" in name or "lm_head" in name:
                value = (0.1 if gemma else 0.5) * noise
            elif name.endswith("bias"):
                value = 0.5 * noise
            else:
                value = noise / parameter.shape[-1] ** 0.5
            parameter.copy_(value.to(case.dtype).float())
    return model.eval()


def write(case: Tiny, model: PreTrainedModel, folder: Path) -> None:
    """The checkpoint as a Hugging Face folder, tokenizer and all."""
    stored = copied(model).to(case.dtype)
    stored.save_pretrained(folder, max_shard_size=case.shard_size)
    tokenizer().save_pretrained(folder)


def copied(model: PreTrainedModel) -> PreTrainedModel:
    copy = type(model)(model.config)
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
