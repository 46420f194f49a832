"""The roof over a training step: every product of it at the best speed measured for its shape.

`roofline.py shapes` prints the products there are, one a line: `KIND A B C D`.
    rows N I O 1    [N, I] by a matrix [I, O] that may be laid out ahead
    sum N I O 1     [I, N] by [N, O]: a gradient, added up over rows
    batch M K N B   B products [M, K] by [K, N] at once; `batcht` where the first comes transposed
`roofline.py add FILE` reads what `ProductSpeed` made of them, and adds up a step from the best way for each product.

A step: forward and backward of 8 x 256 tokens through SmolLM2-135M's shape, rank 32 on everything.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

LAYERS, HIDDEN, INNER, VOCABULARY, RANK = 30, 576, 1536, 49_152, 32
SEQUENCES, LENGTH, GROUPS, QUERIES, HEAD = 8, 256, 3, 3, 64
TOKENS = SEQUENCES * LENGTH
ROWS = (128, 256, 512, 1024, 2048)
TILES = (64, 128, 256)


@dataclass(frozen=True)
class Product:
    """What a step needs, `times` times for all of its tokens; any of its ways will do."""

    name: str
    times: int
    ways: tuple[tuple[str, ...], ...]
    flops: float
    """Of one of these times."""


def by_rows(kind: str, name: str, inputs: int, outputs: int, times: int = LAYERS) -> Product:
    ways = tuple(((f"{kind} {rows} {inputs} {outputs} 1",) * (TOKENS // rows)) for rows in ROWS)
    return Product(name, times, ways, 2.0 * TOKENS * inputs * outputs)


def adapted(name: str, inputs: int, outputs: tuple[int, ...], backs: int = LAYERS, times: int = LAYERS) -> list[Product]:
    """A frozen matrix and the factors beside it, forwards and backwards; parts share an input."""
    width, ranks = sum(outputs), RANK * len(outputs)
    products = [
        by_rows("rows", f"{name}", inputs, width, times),
        by_rows("rows", f"{name}, back", width, inputs, backs),
        by_rows("rows", f"{name}: A", inputs, ranks, times),
        by_rows("rows", f"{name}: A, back", ranks, inputs, backs),
        by_rows("sum", f"{name}: gradient of A", inputs, ranks, times),
    ]
    for output in sorted(set(outputs), reverse=True):
        each = times * outputs.count(output)
        products += [
            by_rows("rows", f"{name}: B to {output}", RANK, output, each),
            by_rows("rows", f"{name}: B to {output}, back", output, RANK, each),
            by_rows("sum", f"{name}: gradient of B to {output}", RANK, output, each),
        ]
    return products


def attention() -> list[Product]:
    """Tile by tile of queries, each with the keys that its last query sees."""

    def product(name: str, shape) -> Product:
        ways, least = [], []
        for tile in TILES:
            seen = range(tile, LENGTH + 1, tile)
            for sequences in (1, SEQUENCES):
                ways.append(tuple(shape(QUERIES * tile, keys, GROUPS * sequences) for keys in seen) * (SEQUENCES // sequences))
        flops = 2.0 * SEQUENCES * GROUPS * QUERIES * HEAD * LENGTH * (LENGTH + 1) / 2
        return Product(f"attention: {name}", LAYERS, tuple(ways), flops)

    return [
        product("scores", lambda rows, keys, count: f"batch {rows} {HEAD} {keys} {count}"),
        product("sums of values", lambda rows, keys, count: f"batch {rows} {keys} {HEAD} {count}"),
        product("gradient of weights", lambda rows, keys, count: f"batch {rows} {HEAD} {keys} {count}"),
        product("gradient of values", lambda rows, keys, count: f"batcht {keys} {rows} {HEAD} {count}"),
        product("gradient of queries", lambda rows, keys, count: f"batch {rows} {keys} {HEAD} {count}"),
        product("gradient of keys", lambda rows, keys, count: f"batcht {keys} {rows} {HEAD} {count}"),
    ]


def step() -> list[Product]:
    """Nothing goes back from the first layer's queries, keys and values: the embedding is not trained."""
    heads = GROUPS * HEAD
    return [
        *adapted("query, key, value", HIDDEN, (HIDDEN, heads, heads), backs=LAYERS - 1),
        *attention(),
        *adapted("output", HIDDEN, (HIDDEN,)),
        *adapted("gate, up", HIDDEN, (INNER, INNER)),
        *adapted("down", INNER, (HIDDEN,)),
        *adapted("unembedding", HIDDEN, (VOCABULARY,), backs=1, times=1),
    ]


def shapes() -> list[str]:
    return sorted({shape for product in step() for way in product.ways for shape in way})


def add(file: str) -> None:
    found = {}
    for line in Path(file).read_text().splitlines():
        shape, seconds, way = line.rsplit(" ", 2)
        found[shape] = float(seconds), way
    total, work = 0.0, 0.0
    print(f"{'product':<42} {'times':>5} {'ms a step':>9} {'GFLOP/s':>8}   best as")
    for product in step():
        seconds, way = min((sum(found[shape][0] for shape in way), way) for way in product.ways)
        total += seconds * product.times
        work += product.flops * product.times
        shape = way[-1]
        print(
            f"{product.name:<42} {product.times:>5} {seconds * product.times * 1e3:>9.1f}"
            f" {product.flops / seconds / 1e9:>8.0f}   {len(way)} x {shape} {found[shape][1]}"
        )
    print(f"\na step: {total:.3f} s, {work / 1e9:.0f} GFLOP, {work / total / 1e9:.0f} GFLOP/s")
    print(f"the roof: {TOKENS / total:.0f} tokens/s")


def main() -> None:
    match sys.argv[1:]:
        case ["shapes"]:
            print(*shapes(), sep="\n")
        case ["add", file]:
            add(file)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
