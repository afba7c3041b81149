"""Text of any kind arrives as it is, in every format, and nothing in it is taken for code."""

import re
import warnings
from itertools import pairwise
from unicodedata import category
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lstmdiag.diagrams import Diagram, Node, Run, Text
from lstmdiag.diagrams.frame import framed
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import SIZES, drawable, measure, readable, text, wrap
from lstmdiag.rendering import MissingGlyphs, render
from lstmdiag.rendering.messages import LabelOverflow
from lstmdiag.writers import dot, svg
from tests.examples import max_examples
from tests.ink.pictures import TEXTS, labelled

HOSTILE = (
    "<script>alert(1)</script>",
    "]]>",
    "<!-- a -- b -->",
    "&amp; &#65; &lt; & &;",
    '"quoted"',
    r"\N \G \l \n \\ ends in \ ",
    "a\nb\r\nc\td",
    "\x00\x01\x1b[31m",
    "} ] ; -> -- {",
    "<b>bold</b>",
    "<",
    ">",
    "<>",
    "😀 👩‍👩‍👧 ⊙ λ ∑ →",
    "שלום עולם مرحبا",
    "\u202eright to left\u202c",
    "\ud800 lone",
    "\ufffe\uffff",
    "{{ 1 + 1 }} {% x %}",
    "  two  blanks  ",
    "%n %s $x$ `code`",
)

NAMESPACE = "{http://www.w3.org/2000/svg}"
SCRIPTS = st.characters(max_codepoint=0x4FF) | st.characters(min_codepoint=0x2010, max_codepoint=0x2BFF)
INVISIBLE = ("Mn", "Mc", "Me", "Cf")  # marks, and what turns the writing round: names cannot hold that
ANY = st.text(SCRIPTS.filter(lambda char: drawable(readable(char)) and category(char) not in INVISIBLE), max_size=12)
STYLED = st.lists(st.lists(st.builds(Run, ANY, st.sampled_from(sorted(SIZES))), max_size=3).map(tuple), max_size=3)


def finished(diagram: Diagram, **how: object) -> ElementTree.Element:
    drawn = render(dot.write(diagram, labels=False), "svg")
    return ElementTree.fromstring(svg.finish(drawn, diagram, **how))


def words(root: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in root.iter(f"{NAMESPACE}text")]


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_text_arrives(label: str) -> None:
    diagram = labelled(label, "harmless")
    seen = words(finished(diagram))
    assert seen == [readable(label), "harmless", "harmless"]
    allowed = {"svg", "title", "desc", "g", "path", "polygon", "text", "tspan", "rect", "ellipse"}
    assert {element.tag.removeprefix(NAMESPACE) for element in finished(framed(diagram)).iter()} <= allowed


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_text_is_set_by_graphviz_too(label: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MissingGlyphs)
        for format in ("svg", "png", "pdf"):
            assert render(dot.write(framed(labelled(label, "harmless"))), format)
    parsed = ElementTree.fromstring(render(dot.write(labelled(label)), "svg"))
    assert "".join(words(parsed)).split() == readable(label).split()


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_text_in_mixed_styles_is_set_by_graphviz_too(label: str) -> None:
    sheet = Sheet()
    sheet.node("n", text([Run(label), Run("end", "bold")]), "op", 0, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MissingGlyphs)
        parsed = ElementTree.fromstring(render(dot.write(sheet.diagram(**TEXTS)), "svg"))
    assert "".join(words(parsed)).split() == f"{readable(label)}end".split()


@given(STYLED.map(tuple), st.sampled_from(["center", "left"]), st.sampled_from(["plain", "box", "circle", "diamond"]))
@example(((Run("", "bold"),), ()), "center", "box")
@example(((), (Run("x", "sub"),)), "left", "plain")
@max_examples(60)
def test_any_label_fits_its_node_and_is_no_error(label: Text, align: str, shape: str) -> None:
    """Graphviz says so if a label is larger than the node made for it, and that raises."""
    clean = tuple(tuple(Run(readable(run.text), run.style) for run in line) for line in label)
    sheet = Sheet()
    sheet.node("n", clean, "op", 0, 0, shape=shape, align=align)
    diagram = sheet.diagram(**TEXTS)
    render(dot.write(diagram), "svg")
    lines = ["".join(run.text for run in line) for line in clean]
    assert words(finished(diagram)) == [line for line in lines if line]


PROSE = "AVATAR Wave To. Ty fi ffl LT “Té” 1,234,567 ⊙ c[t−1] → (None, 128) return_sequences=True"


@pytest.mark.parametrize("style", SIZES)
def test_words_are_no_wider_than_measured(style: str) -> None:
    for word in [*PROSE.split(), PROSE]:
        wide, high = measure(text(Run(word, style)))
        node = Node("n", text(Run(word, style), Run("x")), "note", 0, 0, wide, high + 18, "plain")
        render(dot.write(Diagram(nodes=(node,), edges=(), **TEXTS)), "svg")


def test_a_label_too_large_for_its_node_raises() -> None:
    node = Node("n", text("far too long"), "op", 0, 0, 20, 20)
    with pytest.warns(LabelOverflow, match="too small for label"):
        render(dot.write(Diagram(nodes=(node,), edges=(), **TEXTS)), "svg")


@given(st.text(alphabet="ab =×+1", max_size=60), st.integers(20, 400))
def test_wrapping_loses_nothing(content: str, width: int) -> None:
    lines = [run.text for run in wrap(content, width)]
    assert "".join(lines).replace(" ", "") == content.replace(" ", "")
    assert all(measure(text(line))[0] <= width for line in lines)


def test_a_sum_stays_on_one_line() -> None:
    assert [run.text for run in wrap("it has 4 × 3 × (2 + 3 + 1) = 72 weights", 230)] == [
        "it has",
        "4 × 3 × (2 + 3 + 1) = 72",
        "weights",
    ]


def test_lines_of_a_label_stand_below_each_other_at_even_distances() -> None:
    sheet = Sheet()
    sheet.node("n", text("one", "two", "three"), "op", 0, 0)
    root = finished(sheet.diagram(**TEXTS))
    heights = [float(line.get("y", "")) for line in root.iter(f"{NAMESPACE}text")]
    assert [b - a for a, b in pairwise(heights)] == [18, 18]
    assert re.fullmatch("(one|two|three)+", "".join(words(root)))


@pytest.mark.parametrize("format", ["svg", "png", "pdf"])
def test_a_line_without_text_is_set_in_every_format(format: str) -> None:
    sheet = Sheet()
    sheet.node("n", ((Run("a", "bold"), Run("b")), (Run("", "small"),)), "op", 0, 0)
    assert render(dot.write(sheet.diagram(**TEXTS)), format)
