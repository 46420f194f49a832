"""Writes a tiny GGUF model for each kind of tokenizer, and what llama.cpp answers for it.

    python tokenizer_kinds.py FOLDER

For each kind, FOLDER/<kind>.gguf.gz, a one-layer Llama of zeros with a tokenizer trained here on a few
words, and FOLDER/<kind>.jsonl.gz, questions as tokenizer_reference.py writes them. The byte-level kinds
share a vocabulary and differ in how a text is cut up first. Qwen 2's is asked composed text only, since
its tokenizer composes a text first, which llama.cpp leaves out. Seeded.
Packages: requirements-tokenizer.txt.
"""

import gzip
import io
import json
import sys
import tempfile
import unicodedata
from pathlib import Path

import numpy as np
import sentencepiece
from gguf import GGUFWriter, TokenType
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from tokenizer_reference import CODE, WORDS, LlamaCpp, Writer, byte_letters

SPECIAL = ["<|begin|>", "<|end|>"]
BYTE_LEVEL = ["default", "gpt-2", "llama-bpe", "qwen2", "smollm"]
SENTENCE_PIECE = {"spm": True, "spm-no-prefix": False}
TEXTS = 1_200
HIDDEN = 16


def corpus():
    random = Writer(SPECIAL)
    return [random.words() for _ in range(4_000)] + CODE * 20 + [random.digits() for _ in range(400)]


def save(path, add_tokenizer, size):
    """A Llama that llama.cpp loads: its weights are zero."""
    writer = GGUFWriter(path, "llama")
    writer.add_context_length(256)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_block_count(1)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-5)
    add_tokenizer(writer)
    shapes = {
        "token_embd.weight": (size, HIDDEN), "output_norm.weight": (HIDDEN,), "blk.0.attn_norm.weight": (HIDDEN,),
        "blk.0.attn_q.weight": (HIDDEN, HIDDEN), "blk.0.attn_k.weight": (HIDDEN // 2, HIDDEN),
        "blk.0.attn_v.weight": (HIDDEN // 2, HIDDEN), "blk.0.attn_output.weight": (HIDDEN, HIDDEN),
        "blk.0.ffn_norm.weight": (HIDDEN,), "blk.0.ffn_gate.weight": (HIDDEN, HIDDEN),
        "blk.0.ffn_up.weight": (HIDDEN, HIDDEN), "blk.0.ffn_down.weight": (HIDDEN, HIDDEN),
    }
    for name, shape in shapes.items():
        writer.add_tensor(name, np.zeros(shape, dtype=np.float32 if len(shape) == 1 else np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def train_byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=700, special_tokens=SPECIAL, initial_alphabet=sorted(byte_letters()), show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    return tokens, [" ".join(merge) for merge in model["merges"]]


def byte_level(kind, tokens, merges):
    def add(writer):
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(kind)
        writer.add_token_list(tokens)
        writer.add_token_types([TokenType.CONTROL if token in SPECIAL else TokenType.NORMAL for token in tokens])
        writer.add_token_merges(merges)
        writer.add_bos_token_id(0)
        writer.add_eos_token_id(1)

    letters = byte_letters()
    spelled = [token.encode() if token in SPECIAL else bytes(letters[c] for c in token) for token in tokens]
    return add, len(tokens), lambda ids: b"".join(spelled[i] for i in ids).decode("utf-8", errors="replace")


def train_sentence_piece():
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus()), model_writer=model, vocab_size=700, model_type="bpe", byte_fallback=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, split_digits=True,
        allow_whitespace_only_pieces=True, character_coverage=0.999, num_threads=1, minloglevel=2)
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def sentence_piece(prefix, processor):
    ids = range(processor.get_piece_size())
    tokens = [processor.id_to_piece(i) for i in ids]
    kinds = [TokenType.UNKNOWN if processor.is_unknown(i) else TokenType.CONTROL if processor.is_control(i)
             else TokenType.BYTE if processor.is_byte(i) else TokenType.NORMAL for i in ids]

    def add(writer):
        writer.add_tokenizer_model("llama")
        writer.add_tokenizer_pre("default")
        writer.add_token_list(tokens)
        writer.add_token_scores([processor.get_score(i) for i in ids])
        writer.add_token_types(kinds)
        writer.add_add_space_prefix(prefix)
        writer.add_bos_token_id(processor.bos_id())
        writer.add_eos_token_id(processor.eos_id())
        writer.add_unk_token_id(processor.unk_id())

    def decode(row):
        spelled = b"".join(
            bytes([int(tokens[i][3:5], 16)]) if kinds[i] == TokenType.BYTE else tokens[i].replace("▁", " ").encode()
            for i in row)
        return spelled.decode("utf-8").removeprefix(" " if prefix else "")

    return add, len(tokens), decode


def zipped(path, content):
    with open(path, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=9, mtime=0, filename="") as file:
        file.write(content)


def write(folder, kind, parts):
    add, size, decode = parts
    with tempfile.TemporaryDirectory() as place:
        model = Path(place, "model.gguf")
        save(model, add, size)
        zipped(folder / f"{kind}.gguf.gz", model.read_bytes())
        llama = LlamaCpp(model)
        lines = []
        for text in Writer(["<s>", "</s>"] if kind in SENTENCE_PIECE else SPECIAL).texts(TEXTS):
            if kind == "qwen2" and not unicodedata.is_normalized("NFC", text):
                continue
            ids = llama.ids(text)
            decoded = decode(ids)
            lines.append({"text": text, "ids": ids} | ({} if decoded == text else {"decoded": decoded}))
    zipped(folder / f"{kind}.jsonl.gz",
           "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines).encode())
    print(kind, len(lines), "questions,", sum("decoded" in line for line in lines), "that do not come back")


def main(folder):
    folder.mkdir(exist_ok=True)
    tokens, merges = train_byte_level()
    for kind in BYTE_LEVEL:
        write(folder, kind, byte_level(kind, tokens, merges))
    processor = train_sentence_piece()
    for kind, prefix in SENTENCE_PIECE.items():
        write(folder, kind, sentence_piece(prefix, processor))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
