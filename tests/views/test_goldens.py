"""DOT is a promise too: some of the cases of pictures as Graphviz reads them, so few that each kind of part is in one.

Where parts stand is held by the cases themselves (test_pictures.py), for many more pictures.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from lstmdiag.diagrams import RAMPS, ROLES, SHAPES
from lstmdiag.diagrams.frame import framed
from lstmdiag.drawing import Ink, inked
from tests.picture_cases import FOLDER, read

GOLDENS = Path(__file__).parent.parent / "goldens"
CASES = (
    "gru-many-units.layer",  # units that are left out, cables
    "gru.trace",  # curves and cells of a heat map
    "one-unit.gate",  # blocks of weights
    "own-learned-rate.cell",  # a gate made of a bias alone
    "packaged.three-features-one-step.time",  # states, bands, what is not returned
    "two-inputs.time",  # the same layer again, both axes of time
)


@pytest.mark.parametrize("name", CASES)
def test_dot(name: str, golden: Callable[[Path, str], None]) -> None:
    diagram = framed(read(FOLDER / f"{name}.yml").drawn())
    golden(GOLDENS / f"{name}.dot", inked(diagram, "dot", Ink()).decode())


def test_every_kind_of_part_is_in_one() -> None:
    diagrams = [read(FOLDER / f"{name}.yml").drawn() for name in CASES]
    nodes = [node for diagram in diagrams for node in diagram.nodes]
    edges = [edge for diagram in diagrams for edge in diagram.edges]
    assert {node.role for node in nodes} == {*ROLES}
    assert {node.shape for node in nodes} == {*SHAPES}
    assert {node.ramp for node in nodes} == {"", *RAMPS}
    assert {*ROLES} - {edge.role for edge in edges} == {"layer", "unit"}  # which no wire carries
    assert any(edge.strands for edge in edges) and any(edge.curve for edge in edges)


def test_no_golden_is_left_over() -> None:
    assert sorted(path.stem for path in GOLDENS.iterdir()) == sorted(CASES)
