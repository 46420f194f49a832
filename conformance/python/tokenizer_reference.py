"""Writes what a tokenizer made from a GGUF file must answer, as llama.cpp answers it.

    python tokenizer_reference.py MODEL.gguf smollm2.jsonl.gz

Each line of the output is one question. "text" becomes "ids"; "ids" become "decoded", or "text" where
that is left out. Without "text", the ids are drawn at random, and their bytes are mostly not UTF-8. The
ids of a text come from llama.cpp itself (its server, in the package `xllamacpp`), special tokens in the
text recognised, none added. What ids become is computed here from the file's own vocabulary, and
llama.cpp must agree where it is text; a text does not come back where the vocabulary lacks its bytes.

It also counts how often `transformers` reading the same GGUF disagrees, and shows the first cases.
Seeded: the same file and packages give the same output. Packages: requirements-tokenizer.txt.
"""

import gzip
import json
import random
import sys
import unicodedata
import urllib.request
from pathlib import Path

import xllamacpp
from gguf import GGUFReader
from transformers.integrations.ggml import convert_gguf_tokenizer

SEED = 20261124

SCRIPTS = {
    "latin": (0x41, 0x24F), "ipa": (0x250, 0x2AF), "greek": (0x370, 0x3FF), "cyrillic": (0x400, 0x52F),
    "armenian": (0x531, 0x58A), "hebrew": (0x5D0, 0x5EA), "arabic": (0x620, 0x6D3), "devanagari": (0x900, 0x97F),
    "bengali": (0x985, 0x9E3), "tamil": (0xB83, 0xBF2), "thai": (0xE01, 0xE5B), "tibetan": (0xF00, 0xF6C),
    "georgian": (0x10A0, 0x10FF), "hangul": (0xAC00, 0xD7A3), "ethiopic": (0x1200, 0x137C),
    "khmer": (0x1780, 0x17DD), "hiragana": (0x3041, 0x3096), "katakana": (0x30A1, 0x30FA),
    "han": (0x4E00, 0x9FA5), "han extension": (0x20000, 0x2A6D6), "gothic": (0x10330, 0x1034A),
    "cuneiform": (0x12000, 0x12399), "mathematical": (0x1D400, 0x1D7FF), "box drawing": (0x2500, 0x257F),
    "arrows": (0x2190, 0x21FF), "private use": (0xE000, 0xE0FF), "combining": (0x300, 0x36F),
}
NUMERALS = "0123456789٠١٢٣४५६௧௨๑๒໓½¾²³⅓ⅣⅷⅫ㊀㊉①⑳፩፼〇三𝟘𝟙𐄇৴"
EMOJI = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇯🇵", "❤️", "👨🏿‍🚀", "1️⃣", "🧑‍🤝‍🧑", "🫠", "☺", "🏴‍☠️"]
BLANKS = [" ", "  ", "   ", "\t", "\n", "\r\n", "\n\n\n", "\u00a0", "\u2003", "\u3000", "\u2028", "\u200b", "\ufeff",
          "\x0b", "\x0c", "\x85", "\u1680", "\u202f"]
WORDS = """the of and to in is that for it as was with be by on not he his but at are this have from they which one you
were her all she there would their we him been has when who will more no if out so said what up its about into than
them can only other new some could time these two may then do first any my now such like our over man me even most
made after also did many before must through back years where much your way well down should because each just those
people too mr little state good very make world still own see men work long get here between both life being under
never day same another know while last might us great old year off come since against go came right used take three
don't they're I'll we've it'd she's I'm 'tis O'Neil rock'n'roll DON'T We'Ve""".split()
CODE = [
    "def f(x: int) -> int:\n    return x**2  # squares\n", "for (int i = 0; i < 10; ++i) {\n\tsum += a[i];\n}",
    "SELECT * FROM t WHERE a >= 3.14e-10 AND b != 'x';", "<div class=\"a\">\n  <p>hi &amp; bye</p>\n</div>",
    "{\"key\": [1, 2.5, null, true], \"k\\u00e9\": \"v\\n\"}", "#include <stdio.h>\nint main(void){return 0;}",
    "x = y if z else w;;;", "git commit -m \"fix: it's done\" && cd ../../foo_bar-baz", "https://example.org/a?b=c&d=%20#e",
    "let v: Vec<&'static str> = vec![];", "\\begin{equation} e^{i\\pi}+1=0 \\end{equation}", "0xDEADBEEF 1_000_000 1e9 ٣.١٤",
    "        \n    if True:\n\n\n        pass\n", "a\t\tb\t \tc \t", "---\n- a: 1\n- b: 2\n...", "x->y::z<T>(a&&b||!c)",
]
TEMPLATE = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"


class Writer:
    """Makes texts of many kinds, the same ones each time."""

    def __init__(self, special):
        self.random = random.Random(SEED)
        self.special = special
        self.kinds = [
            self.words, self.words, self.script, self.script, self.scripts, self.emoji, self.code, self.blanks,
            self.digits, self.with_special, self.control, self.bytes, self.long_word, self.anything, self.mixed,
        ]

    def texts(self, count):
        seen = set()
        fixed = ["", " ", "\n", "\x00", "a\x00b", "'s", " 's", "''s", "\u0130", "ﬀ", "e\u0301", "\u00e9", "<|im_end|", "|>"]
        for text in fixed + [*CODE, *EMOJI, *BLANKS, *self.special] + [TEMPLATE.format(code) for code in CODE]:
            if text not in seen:
                seen.add(text)
                yield text
        while len(seen) < count:
            text = self.random.choice(self.kinds)()
            if text not in seen:
                seen.add(text)
                yield text

    def some(self, choices, low, high):
        return self.random.choices(choices, k=self.random.randint(low, high))

    def words(self):
        words = self.some(WORDS, 1, 9)
        shaped = [self.random.choice([str, str, str.title, str.upper])(word) for word in words]
        return self.random.choice([" ", " ", ", ", "  ", "-", "\n", "_"]).join(shaped) + self.random.choice(["", ".", "?!", " "])

    def one_script(self, name, low=1, high=8):
        start, end = SCRIPTS[name]
        known = [chr(c) for c in range(start, end + 1) if unicodedata.category(chr(c)) != "Cn"]
        return "".join(self.some(known, low, high))

    def script(self):
        name = self.random.choice(list(SCRIPTS))
        return " ".join(self.one_script(name) for _ in range(self.random.randint(1, 3)))

    def scripts(self):
        return "".join(self.one_script(self.random.choice(list(SCRIPTS)), 1, 3) for _ in range(self.random.randint(2, 5)))

    def emoji(self):
        return "".join(self.some(EMOJI + [" ", "a", "!"], 1, 5))

    def code(self):
        text = self.random.choice(CODE)
        start = self.random.randrange(len(text))
        return text[start : start + self.random.randint(1, 40)]

    def blanks(self):
        return "".join(self.some(BLANKS + ["a", "1", ".", "é"], 1, 8))

    def digits(self):
        return "".join(self.some(list(NUMERALS) + [" ", ".", ",", "x"], 1, 12))

    def with_special(self):
        return "".join(self.some(self.special + [" ", "\n", "hi", "a ", " b", "<|", "|>", "é"], 2, 6))

    def control(self):
        return "".join(self.some([chr(c) for c in [*range(0x20), 0x7F, *range(0x80, 0xA0)]] + ["a", " "], 1, 8))

    def bytes(self):
        return self.random.randbytes(self.random.randint(1, 16)).decode("utf-8", errors="replace")

    def long_word(self):
        return self.random.choice(["a", "ab", "xyz", "é", "=", "-", "世", " ", "\n", "haha", "1"]) * self.random.randint(20, 120)

    def anything(self):
        scalar = [self.random.choice([self.random.randrange(0xD800), self.random.randrange(0xE000, 0x110000)])
                  for _ in range(self.random.randint(1, 6))]
        return "".join(map(chr, scalar))

    def mixed(self):
        parts = [self.random.choice(self.kinds[:-1])() for _ in range(2)]
        return "".join(part[:20] for part in parts)


class LlamaCpp:
    """llama.cpp's own server, asked over HTTP."""

    def __init__(self, model):
        settings = xllamacpp.CommonParams()
        settings.model.path = str(model)
        settings.n_ctx = 256
        settings.cpuparams.n_threads = 1
        settings.warmup = False
        self.server = xllamacpp.Server(settings)

    def ask(self, path, question):
        request = urllib.request.Request(
            self.server.listening_address + path, json.dumps(question).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def ids(self, text):
        return self.ask("/tokenize", {"content": text, "add_special": False, "parse_special": True})["tokens"]

    def text(self, ids):
        return self.ask("/detokenize", {"tokens": ids})["content"]


def byte_letters():
    """The letter that byte-level BPE writes for each byte, inverted."""
    seen = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    unseen = [b for b in range(256) if b not in seen]
    return {chr(b): b for b in seen} | {chr(0x100 + i): b for i, b in enumerate(unseen)}


def vocabulary(model):
    """The bytes of each token, and the special tokens' texts."""
    fields = GGUFReader(model).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    kinds = fields["tokenizer.ggml.token_type"].contents()
    letters = byte_letters()
    control = 3
    spelled = [token.encode() if kind == control else bytes(letters[c] for c in token) for token, kind in zip(tokens, kinds)]
    return spelled, [token for token, kind in zip(tokens, kinds) if kind == control]


def transformers_reading(model):
    """The tokenizer that `from_pretrained(gguf_file=...)` builds, without the PyTorch that it asks for."""
    fields = GGUFReader(model).fields
    names = {"model": "tokenizer_type", "tokens": "tokens", "token_type": "token_type", "merges": "merges",
             "bos_token_id": "bos_token_id", "eos_token_id": "eos_token_id", "unknown_token_id": "unk_token_id",
             "padding_token_id": "pad_token_id", "add_space_prefix": "add_prefix_space"}
    said = {theirs: fields["tokenizer.ggml." + ours].contents() for ours, theirs in names.items()}
    return convert_gguf_tokenizer(fields["general.architecture"].contents(), said)[0]


def main(model, output):
    spelled, special = vocabulary(model)
    llama = LlamaCpp(model)
    other = transformers_reading(model)
    writer = Writer(special)
    lines, lossy, disagreements = [], 0, []
    for text in writer.texts(11_000):
        ids = llama.ids(text)
        decoded = b"".join(spelled[i] for i in ids).decode("utf-8", errors="replace")
        if "\ufffd" not in decoded and llama.text(ids) != decoded:
            raise AssertionError(f"llama.cpp decodes {ids} as {llama.text(ids)!r}, not as {decoded!r}")
        theirs = other.encode(text, add_special_tokens=False).ids
        if theirs != ids or other.decode(ids, skip_special_tokens=False) != decoded:
            disagreements.append((text, ids, theirs, other.decode(ids, skip_special_tokens=False)))
        lossy += decoded != text
        lines.append({"text": text, "ids": ids} | ({} if decoded == text else {"decoded": decoded}))
    for _ in range(1_500):
        ids = [writer.random.randrange(len(spelled)) for _ in range(writer.random.randint(1, 8))]
        if writer.random.random() < 0.5:  # the tokens of single bytes, and a few more
            ids = [17 + i % 256 for i in ids]
        decoded = b"".join(spelled[i] for i in ids).decode("utf-8", errors="replace")
        lines.append({"ids": ids, "decoded": decoded})
    with open(output, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=9, mtime=0, filename="") as file:
        for line in lines:
            file.write((json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n").encode())

    print(f"{len(lines)} questions written, {output.stat().st_size} bytes")
    print(f"{lossy} texts do not come back, since the vocabulary lacks some of their bytes")
    print(f"transformers answers {len(disagreements)} otherwise:", *disagreements[:20], sep="\n  ")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
