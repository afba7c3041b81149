"""What `draw` does with the canvas that a picture is made for."""

from __future__ import annotations

import re
from pathlib import Path
from struct import unpack

import pytest

import lstmdiag
from lstmdiag.diagrams.canvas import CANVASES
from lstmdiag.diagrams.text import SIZES
from tests.cli.test_commands import run

WITHIN = """\
version: 1
input: {shape: [3, 4, 2]}
layers:
  - TimeDistributed: {layer: {LSTM: {units: 2, name: inner}}}
  - LSTM: 3
"""


def test_all_views_are_those_that_can_be_drawn(tmp_path: Path) -> None:
    (tmp_path / "within.yml").write_text(WITHIN)
    done = run("draw", "within.yml", "--view", "all", "-o", "out/", cwd=tmp_path)
    assert done.returncode == 0
    assert "note: 'inner' runs anew in every step of" in done.stderr.decode()
    assert not (tmp_path / "out/within.gradient.svg").exists() and (tmp_path / "out/within.trace.svg").exists()
    asked = run("draw", "within.yml", "--view", "gradient", "-o", "out/", cwd=tmp_path)
    assert asked.returncode != 0 and "error: 'inner' runs anew" in asked.stderr.decode()


@pytest.mark.parametrize(
    ("canvas", "width", "unit"), [("slide", 960, "pt"), ("page", 1200, "px"), ("column", 241, "pt")]
)
def test_an_svg_is_as_large_as_its_canvas_allows(canvas: str, width: float, unit: str) -> None:
    svg = lstmdiag.draw("stacked-classifier", view="model", canvas=canvas).svg()
    size = re.search(r'<svg [^>]*width="([\d.]+)(p[xt])" [^>]*viewBox="0 0 ([\d.]+) ', svg)
    plain = re.search(r'<svg [^>]*width="([\d.]+)" [^>]*viewBox="0 0 ([\d.]+) ', svg)
    found = size or plain
    assert found is not None
    seen, drawn = float(found[1]), float(found[found.lastindex or 2])
    assert seen <= width and (size[2] if size else "px") == unit
    assert seen / drawn == pytest.approx(CANVASES[canvas].zoom, rel=1e-3)
    assert min(SIZES.values()) * seen / drawn >= CANVASES[canvas].text - 0.01


def test_png_and_pdf_have_the_size_too() -> None:
    drawing = lstmdiag.draw("stacked-classifier", view="model", canvas="slide")
    (svg_width,) = re.findall(r'<svg [^>]*width="([\d.]+)pt"', drawing.svg())
    png = drawing.png()
    dots, resolution = unpack(">I", png[16:20])[0], unpack(">I", png[png.index(b"pHYs") + 4 :][:4])[0]
    assert dots / (resolution * 0.0254) * 72 == pytest.approx(float(svg_width), abs=2)
    (box,) = re.findall(rb"MediaBox \[ 0 0 (\d+) \d+ \]", drawing.pdf())
    assert int(box) == pytest.approx(float(svg_width), abs=2)


def test_parts_are_left_out_where_they_are_not_wanted() -> None:
    def parts(**asked: bool | str) -> set[str]:
        diagram = lstmdiag.draw("three-units", view="cell", **asked).diagram  # type: ignore[arg-type]
        return {node.id.partition("-")[2] for node in diagram.nodes if node.id.startswith("frame-")}

    assert parts() == {"title", "claim", "reading"}
    assert parts(caption=False) == {"title"} and parts(title=False) == {"claim", "reading"}
    assert parts(canvas="slide") == set() and parts(canvas="slide", title=True) == {"title"}


def test_everything_is_drawn_on_as_much_room_as_it_takes() -> None:
    diagram = lstmdiag.draw("stateful-forecast", view="time", steps="all").diagram
    assert diagram.zoom == 1 and diagram.excess == 1
    assert not any(node.role == "elision" for node in diagram.nodes)


def test_equal_layers_are_drawn_one_by_one() -> None:
    deep = lstmdiag.draw("speech-labels", view="model", layers="all").diagram
    boxes = [node for node in deep.nodes if node.role == "layer" and not node.id.startswith("legend-")]
    assert deep.facts["layers.left_out"] == 0 and len(boxes) == deep.facts["layers"]


def test_a_theme_for_light_and_dark() -> None:
    svg = lstmdiag.draw("one-unit", view="gate", theme="auto").svg()
    assert "prefers-color-scheme: dark" in svg and "var(--ld-" in svg
    with pytest.raises(lstmdiag.LstmdiagError, match="only an SVG can be light and dark"):
        lstmdiag.draw("one-unit", view="gate", theme="auto").png()


def test_what_is_no_canvas_is_told() -> None:
    with pytest.raises(lstmdiag.LstmdiagError, match="there is no canvas 'slides'"):
        lstmdiag.draw("one-unit", canvas="slides")
