"""Writes what blocks of each GGUF tensor type stand for, as the package `gguf` reads them.

    python quants_reference.py FOLDER

For each type, FOLDER/<type>.golden: the number of blocks (int32), their bytes, and the numbers they
stand for (float32), all little-endian. The bytes are random but for the scales, which are finite, so
that no number is NaN. Seeded. Packages: requirements-tokenizer.txt.
"""

import struct
import sys
from pathlib import Path

import numpy as np
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize

SEED = 20261124
# Where the half-precision scales of a block are.
SCALES = {
    "F32": [], "F16": [0], "BF16": [], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
}
EDGES = np.array([0.0, -0.0, 6e-8, -6e-8, 1.0, -1.0, 65504.0, -65504.0], dtype=np.float16)


def blocks(name, size, count, random):
    made = random.integers(0, 256, (count, size), dtype=np.uint8)
    for at in SCALES[name]:
        scales = np.where(random.random(count) < 0.2, random.choice(EDGES, count), random.standard_normal(count) / 16)
        made[:, at : at + 2] = scales.astype(np.float16).view(np.uint8).reshape(count, 2)
    if name in ("F32", "BF16"):
        made[:, -1] &= 0xBF  # keeps the exponent below that of infinity
    return made


def main(folder):
    random = np.random.default_rng(SEED)
    for name in SCALES:
        kind = GGMLQuantizationType[name]
        elements, size = GGML_QUANT_SIZES[kind]
        count = max(2048 // elements, 8)
        made = blocks(name, size, count, random)
        meant = dequantize(made.reshape(-1), kind).astype("<f4")
        assert meant.size == count * elements and np.isfinite(meant).all(), name
        (folder / f"{name.lower()}.golden").write_bytes(struct.pack("<i", count) + made.tobytes() + meant.tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
