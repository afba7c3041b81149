"""The pictures of a cell and of one unit on small canvases: they fit, nothing lies on anything, and counts add up."""

from itertools import pairwise

import pytest

from lstmdiag.diagrams import Diagram
from lstmdiag.diagrams.canvas import ALONE, CANVASES
from lstmdiag.diagrams.detail import Detail
from lstmdiag.drawing import composed
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import Selection
from tests.models import PACKAGED, model, packaged
from tests.views.test_circuits import meets
from tests.views.test_invariants import mistakes

OPENED = [name for name in PACKAGED if packaged(name).recurrent]
SMALL = [(view, canvas, name) for view in ("cell", "unit") for canvas in ("page", "narrow") for name in OPENED]


def drawn(view: str, canvas: str, name: str) -> Diagram:
    return composed(packaged(name), view, Selection(), CANVASES[canvas], ALONE)


@pytest.mark.parametrize(("view", "canvas", "name"), SMALL)
def test_it_fits_and_nothing_lies_on_anything(view: str, canvas: str, name: str) -> None:
    diagram = drawn(view, canvas, name)
    assert diagram.excess <= 1
    assert mistakes(diagram) == []


@pytest.mark.parametrize(("view", "canvas", "name"), SMALL)
def test_no_wire_runs_through_a_part(view: str, canvas: str, name: str) -> None:
    diagram = drawn(view, canvas, name)
    nodes = {node.id: node for node in diagram.nodes}
    boxes = [node for node in diagram.nodes if node.shape not in ("point", "plain") and not node.inside]
    for edge in diagram.edges:
        own = {edge.tail, edge.head, nodes[edge.tail].inside, nodes[edge.head].inside}
        for start, end in pairwise(edge.points):
            through = [box.id for box in boxes if box.id not in own and meets(start, end, box)]
            assert not through, f"{edge.id} runs through {through}"


@pytest.mark.parametrize("canvas", ["page", "narrow", "slide"])
@pytest.mark.parametrize("name", ["three-units", "gru", "projected-speech"])
def test_the_inputs_that_are_drawn_and_left_out_are_all(canvas: str, name: str) -> None:
    diagram = drawn("unit", canvas, name)
    inputs = [node for node in diagram.nodes if node.id.startswith(("x-", "h_prev-"))]
    assert sum(node.count or 1 for node in inputs) == diagram.facts["inputs"]
    assert all(node.count != 1 for node in inputs)


def test_sums_that_read_a_part_get_wires_from_that_part() -> None:
    """A GRU's U_n does not read x, and W_n does not read h."""
    diagram = VIEWS["unit"].draw(packaged("gru"), Selection())
    bars = {edge.tail: edge.head for edge in diagram.edges if edge.head.startswith("inputs")}
    read: dict[str, set[str]] = {}
    for edge in diagram.edges:
        if edge.head.endswith("-sum"):
            names = {tail.partition("-")[0] for tail, bar in bars.items() if bar == edge.tail}
            read.setdefault(edge.head, set()).update(names)
    assert read == {
        "z-sum": {"x", "h_prev", "one"}, "r-sum": {"x", "h_prev", "one"}, "n.4-sum": {"h_prev", "one"},
        "n.2-sum": {"x", "one"},
    }  # fmt: skip


@pytest.mark.parametrize("view", ["cell", "unit"])
def test_where_it_is_narrow_time_runs_down_the_rails(view: str) -> None:
    upright = Selection(detail=Detail(upright=True, tight=True, equations=False, units=1, features=1))
    diagram = VIEWS[view].draw(packaged("three-units"), upright)
    nodes = {node.id: node for node in diagram.nodes}
    rail = [nodes[id] for id in ("c_prev", "c.1", "c", "c-next")]
    assert len({round(node.x, 3) for node in rail}) == 1
    assert all(earlier.y > later.y for earlier, later in pairwise(rail))


def test_an_operation_on_a_rail_stands_behind_what_it_reads() -> None:
    """Here m reads the new c: its sum would else get a wire that runs back inside m's rail."""
    diagram = VIEWS["cell"].draw(model(READS_NEW_STATE), Selection())
    nodes = {node.id: node for node in diagram.nodes}
    for edge in diagram.edges:
        if edge.head == "m" and edge.tail in nodes:
            assert nodes[edge.tail].x < nodes["m"].x, edge.id


READS_NEW_STATE = """
version: 1
input: {steps: 5, features: 2}
cells:
  Two:
    state: [h, c, m]
    equations:
      f: sigmoid(W_f @ x + U_f @ h_prev + b_f)
      g: tanh(W_g @ x + U_g @ h_prev + b_g)
      c: f * c_prev + (1 - f) * g
      m: f * m_prev + (1 - f) * c
      h: tanh(c + m)
layers:
  - Two: 3
"""
