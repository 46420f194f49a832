"""Draws what was measured: `plots.py RESULTS FOLDER` reads the newest `<date>-<part>.txt` of each, and writes SVG files.

Bars and lines only, in colours that can be read on white and on black; no script, no font but the reader's own.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

WIDTH, LABEL, ROW = 640, 190, 30
OURS, OTHERS, INK, FAINT = "#3b82c4", "#9aa0a6", "#7a7f85", "#7a7f8540"


@dataclass(frozen=True)
class Bar:
    name: str
    value: float
    low: float
    high: float
    is_ours: bool = False


def newest(results: Path, part: str) -> str:
    """Empty where there is none, or none that ran to its end."""
    files = [file.read_text() for file in sorted(results.glob(f"*-{part}.txt"))]
    whole = [words for words in files if "INCOMPLETE" not in words]
    return whole[-1] if whole else ""


def text(x: float, y: float, words: str, anchor: str = "start", extra: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{words}</text>'


def page(title: str, height: float, parts: list[str]) -> str:
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{title}"'
            f' font-family="system-ui, sans-serif" font-size="13" fill="{INK}">',
            text(0, 16, title, extra='font-weight="600"'),
            *parts,
            "</svg>\n",
        ]
    )


def bars(title: str, unit: str, given: list[Bar]) -> str:
    """Each bar with its spread as a thin line, the best first."""
    scale = (WIDTH - LABEL - 110) / max(bar.high for bar in given)
    parts = []
    for row, bar in enumerate(sorted(given, key=lambda bar: -bar.value)):
        top = 30 + row * ROW
        middle = top + ROW / 2 - 4
        parts.append(text(LABEL - 8, middle + 5, bar.name, "end"))
        parts.append(
            f'<rect x="{LABEL}" y="{top}" width="{bar.value * scale:.1f}" height="{ROW - 8}" rx="2"'
            f' fill="{OURS if bar.is_ours else OTHERS}"/>'
        )
        if bar.high > bar.low:
            x1, x2 = LABEL + bar.low * scale, LABEL + bar.high * scale
            parts.append(f'<line x1="{x1:.1f}" x2="{x2:.1f}" y1="{middle}" y2="{middle}" stroke="{INK}" stroke-width="2"/>')
        parts.append(text(LABEL + bar.high * scale + 8, middle + 5, f"{bar.value:.0f} {unit}"))
    return page(title, 30 + len(given) * ROW, parts)


def line(title: str, x_name: str, y_name: str, points: list[tuple[float, float]]) -> str:
    """One line from zero, its points marked with their values."""
    left, right, top, bottom = 70, WIDTH - 40, 50, 270
    most_x, most_y = max(x for x, _ in points), 1.15 * max(y for _, y in points)

    def at(x: float, y: float) -> tuple[float, float]:
        return left + x / most_x * (right - left), bottom - y / most_y * (bottom - top)

    places = [at(x, y) for x, y in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    parts = [
        f'<line x1="{left}" x2="{right}" y1="{bottom}" y2="{bottom}" stroke="{INK}"/>',
        f'<line x1="{left}" x2="{left}" y1="{top}" y2="{bottom}" stroke="{INK}"/>',
        f'<polyline points="{path}" fill="none" stroke="{OURS}" stroke-width="2"/>',
        text(right, bottom + 36, x_name, "end"),
        text(0, 38, y_name),
    ]
    shown = points if len(points) <= 8 else points[:: max(1, len(points) // 5)]
    free = 0.0
    for x, y in shown:
        px, py = at(x, y)
        parts.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{OURS}"/>')
        if px < free:
            continue
        free = px + 45
        parts.append(text(px, py - 9, f"{y:,.0f}", "middle"))
        parts.append(f'<line x1="{px:.1f}" x2="{px:.1f}" y1="{py:.1f}" y2="{bottom}" stroke="{FAINT}"/>')
        parts.append(text(px, bottom + 18, f"{x:,.0f}", "middle"))
    return page(title, bottom + 45, parts)


def rates(words: str, names: dict[str, str]) -> list[Bar]:
    """The lines `  who   380.1 tokens/s   (370 380 390)`."""
    found = []
    for who, value, each in re.findall(r"^  (\S+) +([\d.]+) tokens/s   \(([\d. ]+)\)$", words, re.MULTILINE):
        if who in names:
            values = [float(one) for one in each.split()]
            found.append(Bar(names[who], float(value), min(values), max(values), who == "ours"))
    return found


def plots(results: Path):
    training = rates(newest(results, "training"), NAMES)
    roof = re.search(r"^the roof: (\d+) tokens/s", newest(results, "roofline"), re.MULTILINE)
    if training and roof:
        training.append(Bar("the products alone", float(roof[1]), float(roof[1]), float(roof[1])))
    training += [bar for bar in rates(newest(results, "skyrl"), NAMES) if not bar.is_ours]
    if training:
        yield "training", bars("Training, 8 × 256 tokens a step, rank 32", "tokens/s", training)
    sampling = rates(newest(results, "sampling"), NAMES)
    if sampling:
        yield "sampling", bars("Sampling, 16 prompts of 32 tokens, 64 new ones each", "tokens/s", sampling)
    contexts = re.findall(r"one sequence of (\d+) tokens: peak (\d+) MiB", newest(results, "memory"))
    if contexts:
        points = [(float(tokens), float(peak)) for tokens, peak in contexts]
        yield "memory", line("Peak memory of the server by the length of a sequence", "tokens", "MiB", points)
    parts = re.findall(r"step +(\d+): resident (\d+) MiB, (\d+) steps/s", newest(results, "endurance"))
    if parts:
        yield "endurance-memory", line("Memory over many small steps", "steps", "MiB", [(float(s), float(m)) for s, m, _ in parts])
        yield "endurance-speed", line("Speed over many small steps", "steps", "steps/s", [(float(s), float(r)) for s, _, r in parts])


NAMES = {
    "ours": "Tinsmith",
    "peft": "peft, adapter in fp32",
    "peft16": "peft, all in bf16",
    "compiled": "peft, torch.compile",
    "skyrl": "SkyRL's server (JAX)",
    "generate": "transformers generate",
    "llama": "llama.cpp",
}


def main() -> None:
    results, folder = map(Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    for name, drawn in plots(results):
        (folder / f"{name}.svg").write_text(drawn)


if __name__ == "__main__":
    main()
