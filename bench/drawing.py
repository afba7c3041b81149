"""Pictures: a process beside Keras, views and a large graph beside `dot`, long sequences beside shorter ones."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

from measure import Row, interleaved, peak_memory, process

LSTMDIAG = (sys.executable, "-m", "lstmdiag")
MEGABYTE = 2**20

LONG = """\
version: 1
title: Three layers, many steps
input: {{steps: {steps}, features: 2}}
layers:
  - LSTM: {{units: 3, return_sequences: true}}
  - LSTM: {{units: 4, return_sequences: true}}
  - LSTM: {{units: 5, return_sequences: true}}
"""


def one_process(peers: Path, folder: Path, runs: int) -> list[Row]:
    """One `lstmdiag draw` against one `plot_model`, each from the start of its process."""
    script = Path(__file__).with_name("keras_plot.py")
    draw = (*LSTMDIAG, "draw", "stacked-classifier", "--view", "model", "-o", folder / "ours.svg")
    times = interleaved(
        {
            "draw": process(*draw),
            "keras on jax": process(peers, script, folder / "theirs.svg", KERAS_BACKEND="jax"),
            "keras on numpy": process(peers, script, folder / "theirs.svg", KERAS_BACKEND="numpy"),
        },
        runs,
    )
    return [
        Row(f"draw process / plot_model process ({name})", times["draw"].median / times[name].median, bound,
            detail=f"{times['draw']} / {times[name]}")
        for name, bound in (("keras on jax", 0.1), ("keras on numpy", None))
    ]  # fmt: skip


def seven_views(folder: Path, runs: int) -> list[Row]:
    """encoder-decoder to SVG, warm, against one `dot` process of its model view."""
    from lstmdiag.binding import resolve
    from lstmdiag.drawing import Ink, inked, pictured
    from lstmdiag.spec.reader import load
    from lstmdiag.views import VIEWS
    from lstmdiag.views.selection import Selection

    model = resolve(load("encoder-decoder"))
    seven = [view.name for view in VIEWS.values() if view.scale != "numbers"]  # those that need no pass

    def draw() -> None:
        for name in seven:
            (picture,) = pictured(model, name, Selection())
            inked(picture, "svg", Ink())

    draw()
    source = folder / "model.dot"
    source.write_bytes(inked(pictured(model, "model", Selection())[0], "dot", Ink()))
    times = interleaved({"ours": draw, "dot": process("dot", "-Tsvg", source, "-o", folder / "dot.svg")}, runs)
    return [Row("seven views, warm / one dot process", times["ours"].median / times["dot"].median, 4,
                detail=f"{times['ours']} / {times['dot']}")]  # fmt: skip


def graph_of_sixty(folder: Path, runs: int) -> list[Row]:
    """A spec of 60 layers wired at random, from text to the SVG of its model view, against `dot` on that picture."""
    from lstmdiag.binding import read_model
    from lstmdiag.drawing import Ink, inked, pictured
    from lstmdiag.views.selection import Selection

    spec = random_graph(60, seed=0)

    def draw(format: str) -> bytes:
        (picture,) = pictured(read_model(spec.encode(), "sixty.yml", "sixty"), "model", Selection())
        return inked(picture, format, Ink())

    source = folder / "sixty.dot"
    source.write_bytes(draw("dot"))
    dot = process("dot", "-Tsvg", source, "-o", folder / "sixty.svg")
    times = interleaved({"ours": lambda: draw("svg"), "dot": dot}, runs)
    return [Row("60 layers wired at random, resolved and drawn / dot drawing the same",
                times["ours"].median / times["dot"].median, 3, detail=f"{times['ours']} / {times['dot']}")]  # fmt: skip


def random_graph(layers: int, seed: int) -> str:
    """A spec in which every layer reads one or two of the six before it; what nobody reads is an output."""
    chance = random.Random(seed)
    kinds = {"LSTM": "units: 8, return_sequences: true, ", "Dense": "units: 8, ", "Dropout": "rate: 0.5, ", "Add": ""}
    names, read, lines = ["input"], set[str](), []
    for number in range(layers):
        kind = chance.choice(list(kinds))
        sources = [chance.choice(names[-6:]) for _ in range(2 if kind == "Add" else 1)]
        read.update(sources)
        names.append(f"layer{number}")
        lines.append(f"  - {kind}: {{{kinds[kind]}name: {names[-1]}, from: [{', '.join(sources)}]}}")
    outputs = ", ".join(name for name in names if name not in read)
    return "\n".join(["version: 1", "input: {steps: 10, features: 8}", "layers:", *lines, f"outputs: [{outputs}]"])


def long_sequences(folder: Path, runs: int) -> list[Row]:
    """`time --steps all`, three LSTM layers. Each length is timed in a process of its own, start-up left out."""
    specs = {steps: folder / f"steps-{steps}.yml" for steps in (300, 1000, 2000)}
    for steps, spec in specs.items():
        spec.write_text(LONG.format(steps=steps))
    ours: dict[int, list[float]] = {steps: [] for steps in specs}
    for _ in range(runs):  # in turn, so that a busy moment strikes all alike
        for steps, spec in specs.items():
            ours[steps].append(_timed(spec))
    median = {steps: sorted(seconds)[runs // 2] for steps, seconds in ours.items()}
    draw = (*LSTMDIAG, "draw", "--view", "time", "--steps", "all")
    source = folder / "300.dot"
    subprocess.run([*draw, specs[300], "--format", "dot", "-o", source], check=True)
    times = interleaved(
        {
            "dot": process("dot", "-Tsvg", source, "-o", folder / "300.svg"),
            "placed": process("dot", "-Kneato", "-n2", "-Tsvg", source, "-o", folder / "300.svg"),
        },
        runs,
    )
    peak = peak_memory([*draw, specs[2000], "-o", folder / "2000.svg"])
    return [
        Row("2,000 steps / 1,000 steps", median[2000] / median[1000], 2.5,
            detail=f"{median[2000]:.2f} s / {median[1000]:.2f} s"),
        Row("300 steps / Graphviz alone drawing that placed text", median[300] / times["placed"].median, 3,
            detail=f"{median[300]:.3f} s / {times['placed']}"),
        Row("300 steps / dot laying out the same graph", median[300] / times["dot"].median, None,
            detail=f"{median[300]:.3f} s / {times['dot']}"),
        Row("peak memory of the process at 2,000 steps", peak / MEGABYTE, 600, " MB"),
    ]  # fmt: skip


PROBE = """
import json, sys, time
from lstmdiag.drawing import Ink, inked, pictured
from lstmdiag.binding import resolve
from lstmdiag.spec.reader import load
from lstmdiag.views.selection import Selection
inked(pictured(resolve(load("one-unit")), "time", Selection())[0], "svg", Ink())
began = time.perf_counter()
inked(pictured(resolve(load(sys.argv[1])), "time", Selection(steps="all"))[0], "svg", Ink())
print(json.dumps(time.perf_counter() - began))
"""


def _timed(spec: Path) -> float:
    done = subprocess.run([sys.executable, "-c", PROBE, str(spec)], capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))
