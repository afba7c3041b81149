"""The Diagram as JSON."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lstmdiag.diagrams import Node
from lstmdiag.diagrams.frame import framed
from lstmdiag.writers import diagram_json
from tests.ink.pictures import everything

GOLDENS = Path(__file__).parent / "goldens"


def test_everything(golden: Callable[[Path, str], None]) -> None:
    golden(GOLDENS / "everything.json", diagram_json.write(everything()))


def test_what_is_promised_is_there() -> None:
    drawn = json.loads(diagram_json.write(framed(everything())))
    assert {"title", "view", "nodes", "edges", "groups"} <= set(drawn)
    node = next(node for node in drawn["nodes"] if node["id"] == "first")
    promised = {"id": "first", "label": "LSTM", "role": "layer", "layer": "encoder", "step": 1, "x": 0, "y": 0}
    assert node == promised | {"width": 100, "height": 54, "shape": "round", "tip": "Step 1."}
    edge = next(edge for edge in drawn["edges"] if edge["id"] == "c-to-first")
    assert edge["shape"] == [None, 4] and edge["tail"] == "c" and edge["head"] == "first" and edge["role"] == "input"
    assert next(group for group in drawn["groups"] if group["id"] == "ribbon")["label"] == "one set of weights"


def test_absent_facts_are_left_out_and_zero_is_none_of_them() -> None:
    nodes = (Node("zero", (), "state.public", 0.004, -0.001, 9, 9, step=0, unit=0),)
    drawn = json.loads(diagram_json.write(replace(everything(), nodes=nodes, edges=(), groups=(), legend=())))
    assert drawn["nodes"] == [
        {
            "id": "zero",
            "role": "state.public",
            "shape": "box",
            "step": 0,
            "unit": 0,
            "x": 0,
            "y": 0,
            "width": 9,
            "height": 9,
        }
    ]
    assert drawn["edges"] == drawn["groups"] == drawn["legend"] == []


def test_a_part_is_a_line() -> None:
    lines = diagram_json.write(everything()).splitlines()
    assert sum(line.lstrip().startswith('{"id"') for line in lines) == sum(
        map(len, (everything().nodes, everything().edges, everything().groups))
    )
