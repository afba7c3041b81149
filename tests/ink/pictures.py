"""Diagrams made by hand, small enough to see in one's head."""

from __future__ import annotations

import shutil

import pytest

from lstmdiag.diagrams import Diagram, Key
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import bold, muted, small, sub, text

needs_dot = pytest.mark.skipif(not shutil.which("dot"), reason="needs Graphviz's program dot, the second engine")
"""The package brings its own Graphviz; a machine without that of the system is a right one."""

ENGINES = ["graphviz", pytest.param("dot", marks=needs_dot)]

CABLE = ("gate.write", "gate.keep", "gate.content", "gate.read")

KEYS = (
    Key("state.public", "what leaves the layer", "h", "circle"),
    Key("state.private", "what stays inside it", "c", "slab"),
    Key("state.private", "c from step to step", "", "line"),
    Key("gate.write", "the write gate", "", "line"),
    Key("layer", "the same layer again, at a later step", "", "round", "again"),
    Key("state.public", "computed, not returned", "h", "circle", "unreturned"),
    Key("weight", "weights of the state", "U", "hatched"),
)

TEXTS = {
    "view": "made",
    "title": "Everything at once",
    "claim": "Every shape, mark, role of line and kind of text is here.",
    "reading": "Read it as a test: what a view can say, a writer must write, and this sentence is long enough to wrap.",
    "description": "Two layers & what they pass on.",
}


def everything() -> Diagram:
    """Every shape, mark and kind of line at least once."""
    sheet = Sheet()
    sheet.group("ribbon", text(small("one set of weights")), "weight", (-60, -60, 420, 52))
    first = sheet.node(
        "first",
        text("LSTM"),
        "layer",
        0,
        0,
        width=100,
        height=54,
        shape="round",
        layer="encoder",
        step=1,
        tip="Step 1.",
    )
    again = sheet.node(
        "again",
        text("LSTM"),
        "layer",
        220,
        0,
        width=100,
        height=54,
        shape="round",
        mark="again",
        layer="encoder",
        step=2,
    )
    c = sheet.node("c", text(["c", sub("t-1")]), "state.private", 0, 120, shape="slab", symbol="c")
    h = sheet.node("h", text(["h", sub("t-1"), small("[1]")]), "state.public", 120, 120, shape="circle", unit=1)
    g = sheet.node("g", text("g"), "gate.content", 220, 120, shape="diamond", symbol="g", since=1)
    f = sheet.node("f", text([bold("f"), small(" σ ⊙ keep")]), "gate.keep", 360, 120, shape="round", since=2)
    sheet.note("margin", text(bold("encoder: LSTM(100)"), muted("(100,) · 40,800 weights")), -290, 0, anchor="left")
    sheet.node("U", text(["U", sub("f")]), "weight", -220, 120, width=80, height=60, shape="hatched")
    sheet.node("b", text("b"), "weight", -120, 120, width=40, height=60, shape="dotted")
    sheet.node("size", text(small("H = 100")), "note", 0, 200, shape="pill")
    unreturned = sheet.node("unreturned", text("h"), "state.public", 480, 120, shape="circle", mark="unreturned")
    faded = sheet.node("faded", text("h"), "state.public", 480, 200, shape="circle", mark="faded")
    focus = sheet.node("focus", text("unit", "two lines"), "unit", 520, 0, shape="round", mark="focus", since=3)
    joint = sheet.node("joint", (), "state.private", 330, 0, shape="point")
    sheet.edge(
        first, again, "state.public", start=(50, -12), end=(170, -12), label=text(small("(100,)")), label_at=(110, -24)
    )
    sheet.edge(first, again, "state.private", id="c-line", start=(50, 12), end=(170, 12), symbol="c", step=2)
    sheet.edge(c, f, "state.private", via=[(0, 170), (360, 170)], since=2)
    sheet.edge(f, again, "gate.write", via=[(360, 70), (240, 70)], end=(240, 27))
    sheet.edge(g, again, "gate.content", since=1)
    sheet.edge(again, unreturned, "state.public", mark="unreturned")
    sheet.edge(unreturned, faded, "gate.keep", mark="faded")
    sheet.edge(c, first, "input", strands=CABLE, shape=(None, 4))
    sheet.edge(h, again, "state.public", id="cable", strands=CABLE, via=[(170, 90)])
    sheet.edge(again, joint, "state.private", arrow=False)
    sheet.edge(joint, focus, "gate.read", via=[(330, -40), (520, -40)])
    return sheet.diagram(legend=KEYS, states=("inputs", "content", "keep", "all"), layer="encoder", **TEXTS)


def labelled(*labels: str) -> Diagram:
    """One box per label, in a row, a wire with the same label between."""
    sheet = Sheet()
    x = 0.0
    before = None
    for number, label in enumerate(labels):
        node = sheet.node(f"box-{number}", text(label), "layer", x, 0)
        x += node.width / 2
        sheet.nodes[node.id] = node
        if before:
            middle = (before.x + node.x) / 2
            sheet.edge(before, node, "input", label=text(small(label)), label_at=(middle, 60))
        before = node
        x += node.width / 2 + 400
    return sheet.diagram(**{**TEXTS, "title": labels[0] or "-"})
