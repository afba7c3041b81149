"""DOT: goldens of a picture made by hand, and what must hold for any."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lstmdiag.diagrams import Edge, Node
from lstmdiag.diagrams.frame import framed
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import text
from lstmdiag.rendering import render
from lstmdiag.writers import dot
from lstmdiag.writers.themes import DARK, LIGHT, PAGE, PRINT
from tests.ink.pictures import TEXTS, everything

GOLDENS = Path(__file__).parent / "goldens"


@pytest.mark.parametrize("theme", [LIGHT, DARK, PRINT, PAGE], ids=lambda theme: theme.name)
def test_everything(theme: object, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDENS / f"everything.{theme.name}.dot", dot.write(everything(), theme))


def statements(source: str) -> list[str]:
    return [line.strip() for line in source.splitlines() if line.startswith('\t"') and "canvas" not in line]


def test_order_of_painting() -> None:
    sheet = Sheet()
    sheet.node("inner", text("i"), "op", 0, 0, inside="outer")
    sheet.node("innermost", text("j"), "op", 0, 0, inside="inner")
    sheet.node("outer", (), "unit", 0, 0, width=100, height=100, inside="band")
    sheet.group("band", (), "weight", (-90, -90, 90, 90))
    names = [line.split('"')[1] for line in statements(dot.write(sheet.diagram(**TEXTS)))]
    assert names == ["band", "outer", "inner", "innermost"]


def test_containers_in_a_circle_are_written_all_the_same() -> None:
    nodes = tuple(Node(id, (), "op", 0, 0, 9, 9, inside=other) for id, other in (("a", "b"), ("b", "a")))
    assert len(statements(dot.write(replace(everything(), nodes=nodes, edges=(), groups=())))) == 2


def test_transparent() -> None:
    assert 'bgcolor="transparent"' in dot.write(everything(), replace(DARK, transparent=True)).replace(
        "=transparent", '="transparent"'
    )
    assert 'bgcolor="#1e2129"' in dot.write(everything(), DARK)


def test_print_has_no_ink_but_black() -> None:
    colors = set(re.findall(r"#[0-9a-f]{6,8}", dot.write(framed(everything()), PRINT)))
    assert colors == {"#000000", "#ffffff"}


def test_without_colour_gates_differ_by_their_outlines() -> None:
    sheet = Sheet()
    shapes = {"gate.keep": "round", "gate.write": "round", "gate.content": "box", "gate.read": "round"}
    for index, (role, shape) in enumerate(shapes.items()):
        sheet.node(role, text("g"), role, 100 * index, 0, shape=shape)
    diagram = sheet.diagram(view="cell", title="", claim="", reading="")
    lines = [line for line in dot.write(diagram, PRINT).splitlines() if "ld-gate" in line]
    outlines = {(re.search(r'style="([^"]*)"', line) or [""])[0] for line in lines}
    assert len(lines) == len(outlines) == 4
    assert "dashed" not in dot.write(diagram, LIGHT)


def test_without_labels_everything_else_is_the_same() -> None:
    whole, bare = dot.write(everything(), LIGHT), dot.write(everything(), LIGHT, labels=False)
    assert "LSTM" not in bare
    words = r' (label=.*?(?= (?:fontcolor|fontsize|class)=")|fontcolor="[^"]*"|fontsize="[^"]*"|lp="[^"]*")'
    left_out = ('"ribbon-label"', '"margin"')
    stripped = [re.sub(words, "", line) for line in statements(whole) if not line.startswith(left_out)]
    assert stripped == statements(bare)


@pytest.mark.parametrize("id", ['a"b', "node", "a:b", "1-2", "<b>", "λ", "a b", "x\ny", "-", "strict"])
def test_ids_of_any_kind(id: str) -> None:
    sheet = Sheet()
    one, other = sheet.node(id, text("1"), "op", 0, 0), sheet.node("other", text("2"), "op", 100, 0)
    sheet.edge(one, other, "input")
    drawn = render(dot.write(sheet.diagram(**TEXTS)), "svg").decode()
    assert len(re.findall('class="node ', drawn)) == 2 and len(re.findall('class="edge ', drawn)) == 1


def test_ids_that_become_the_same_stay_two() -> None:
    sheet = Sheet()
    sheet.node("a b", text("1"), "op", 0, 0)
    sheet.node("a_u20_b", text("2"), "op", 100, 0)
    names = [line.split('"')[1] for line in statements(dot.write(sheet.diagram(**TEXTS)))]
    assert len(set(names)) == 2


def test_classes() -> None:
    source = dot.write(everything())
    assert 'class="ld-layer layer-encoder step-2 mark-again"' in source
    assert 'class="ld-state-private sym-c step-2"' in source
    assert 'class="group ld-weight"' in source
    layer = Node("n", (), "layer", 0, 0, 9, 9, layer='"><script> λ')
    assert 'layer-_u22__u3e__u3c_script_u3e__u20__u3bb_"' in dot.write(replace(everything(), nodes=(layer,), edges=()))


def test_an_edge_of_no_length_is_drawn() -> None:
    node = Node("n", (), "op", 0, 0, 9, 9)
    for role in ("input", "state.private"):
        edge = Edge("e", "n", "n", role, ((0, 0), (0, 0)))
        render(dot.write(replace(everything(), nodes=(node,), edges=(edge,), groups=())), "svg")
