"""The view layer on each canvas: it fits, what is left out is counted, and nothing lies on anything else."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmdiag.analysis.elision import Gap, shown
from lstmdiag.comparing import load_either
from lstmdiag.comparing.picture import pictured
from lstmdiag.diagrams import Diagram, lines
from lstmdiag.diagrams.canvas import ALONE, CANVASES, Canvas
from lstmdiag.diagrams.sheet import bounds
from lstmdiag.diagrams.text import plain
from lstmdiag.drawing import composed
from lstmdiag.model import Model
from lstmdiag.running.tracing import values
from lstmdiag.views.layer_cables import STRANDS
from lstmdiag.views.selection import Selection
from tests.models import COMPARISONS, PACKAGED, lstm, packaged
from tests.views.test_invariants import check_layer, mistakes

FITTING = ("page", "narrow", "slide", "paper", "column")
LONGEST = 1600.0  # points, of a picture that scrolls


def draw(made: Model, canvas: str, layer: str | None = None, unit: int = 1) -> Diagram:
    layer = layer or made.recurrent[0].name
    return composed(made, "layer", Selection(layer=layer, unit=unit), CANVASES[canvas], ALONE)


def within(diagram: Diagram, canvas: Canvas, longest: float = LONGEST) -> bool:
    left, bottom, right, top = bounds(diagram)
    return right - left <= canvas.room[0] and top - bottom <= min(canvas.room[1], longest)


@pytest.mark.parametrize("canvas", FITTING)
@pytest.mark.parametrize("name", [name for name in PACKAGED if packaged(name).recurrent])
@pytest.mark.sweep(12)
def test_every_layer_fits_and_adds_up(name: str, canvas: str) -> None:
    made = packaged(name)
    for layer in made.recurrent:
        units = min(layer.units, layer.shape(layer.cell.output)[-1])
        for unit in sorted({1, min(2, units), units}):
            diagram = draw(made, canvas, layer.name, unit)
            assert within(diagram, CANVASES[canvas])
            assert mistakes(diagram) == []
            check_layer(diagram, layer.name, made, unit)
            columns = [node for node in diagram.nodes if node.role == "unit" or node.id.startswith("units-after")]
            assert sum(node.count or 1 for node in columns) == layer.units
            assert all(node.count != 1 for node in diagram.nodes), "a mark in the place of the one thing it hides"


@pytest.mark.parametrize("canvas", FITTING)
@pytest.mark.parametrize("name", ["three-units", "encoder-decoder", "gru", "projected-speech", "s-lstm", "min-gru"])
def test_cables_keep_apart(name: str, canvas: str) -> None:
    cables = [edge.points for edge in draw(packaged(name), canvas).edges if edge.strands]
    assert len(cables) > 2
    assert all(lines.apart(one, other) > STRANDS for one, other in pairwise(cables))


@pytest.mark.parametrize("canvas", ["page", "narrow", "slide"])
@pytest.mark.parametrize("name", ["encoder-decoder", "gru", "peephole-timing", "simple-rnn"])
def test_with_numbers_too(name: str, canvas: str) -> None:
    found = values(packaged(name), toy=True)
    diagram = composed(found, "layer", Selection(step=2), CANVASES[canvas], ALONE)
    assert within(diagram, CANVASES[canvas])
    assert mistakes(diagram) == []


def test_where_it_is_narrow_the_others_are_closed_but_wired() -> None:
    diagram = draw(packaged("three-units"), "narrow")
    inside = {node.inside for node in diagram.nodes if node.symbol == "f"}
    assert inside == {"unit-1"}
    for unit in ("unit-2", "unit-3"):
        assert [plain(node.label) for node in diagram.nodes if node.inside == unit] == [unit.replace("-", " ")]
        assert len([edge for edge in diagram.edges if edge.head == unit and edge.mark == "faded"]) == 5
    assert "(faint)" in diagram.reading


def test_what_is_not_drawn_is_not_called_faint() -> None:
    diagram = draw(lstm(8, 30), "narrow", unit=5)
    assert [node.unit for node in diagram.nodes if node.role == "unit"] == [5]
    assert "The other units are wired the same way." in diagram.reading


def test_texts_stand_above_and_below_where_it_is_narrow() -> None:
    wide, narrow = (draw(packaged("three-units"), canvas) for canvas in ("page", "narrow"))
    for diagram, stacked in ((wide, False), (narrow, True)):
        inside = [node for node in diagram.nodes if node.role in ("unit", "input", "state.public")]
        top, bottom = max(node.y for node in inside), min(node.y for node in inside)
        beside = [node for node in diagram.nodes if node.id.startswith("margin-") and bottom <= node.y <= top]
        assert len(beside) == (0 if stacked else 4)


@pytest.mark.parametrize("canvas", ["page", "narrow", "slide"])
@pytest.mark.parametrize("name", COMPARISONS)
def test_pictures_beside_each_other_fit(name: str, canvas: str) -> None:
    compared = load_either(name)
    assert not isinstance(compared, Model)
    diagram = pictured(compared, "layer", Selection(layer=compared.layer), CANVASES[canvas], ALONE)
    assert within(diagram, CANVASES[canvas], LONGEST / 2 * len(compared.models))
    panels = {f"m{number}": None for number in range(1, len(compared.models) + 1)}
    assert [group.id for group in diagram.groups] == list(panels)


@given(total=st.integers(1, 500), most=st.integers(1, 8), data=st.data())
def test_what_is_shown_and_its_gaps_add_up(total: int, most: int, data: st.DataObject) -> None:
    focus = data.draw(st.integers(1, total))
    found = shown(total, most, focus)
    assert sum(each.count if isinstance(each, Gap) else 1 for each in found) == total
    assert focus in found
    assert all(each.count > 1 for each in found if isinstance(each, Gap))
    assert [each.after if isinstance(each, Gap) else each for each in found] == sorted(
        each.after if isinstance(each, Gap) else each for each in found
    )
