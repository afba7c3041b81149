"""Title, legend and caption, and the frames of a build-up."""

from dataclasses import replace
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from lstmdiag.diagrams import Diagram, Key, Node
from lstmdiag.diagrams.frame import NARROWEST, SEEN, WIDEST, framed
from lstmdiag.diagrams.frames import frames
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import measure, plain, text
from lstmdiag.rendering import render
from lstmdiag.writers import dot
from tests.examples import max_examples
from tests.ink.pictures import KEYS, TEXTS, everything

WORDS = st.lists(st.text("abcdef ×=", min_size=1, max_size=14), max_size=30).map(" ".join)


def added(diagram: Diagram) -> list[Node]:
    return [node for node in diagram.nodes if node.id.startswith(("frame-", "legend-"))]


def box(node: Node) -> tuple[float, float, float, float]:
    return node.x - node.width / 2, node.y - node.height / 2, node.x + node.width / 2, node.y + node.height / 2


def overlap(one: Node, other: Node) -> bool:
    a, b = box(one), box(other)
    return min(a[2], b[2]) - max(a[0], b[0]) > 0.1 and min(a[3], b[3]) - max(a[1], b[1]) > 0.1


def wide(width: float) -> Diagram:
    sheet = Sheet()
    sheet.node("one", text("1"), "op", 0, 0, width=width)
    return sheet.diagram(legend=KEYS, **TEXTS)


@given(st.integers(10, 5000), WORDS, WORDS, st.lists(WORDS, max_size=8))
@max_examples(60)
def test_nothing_around_a_picture_overlaps(width: int, title: str, claim: str, meanings: list[str]) -> None:
    shapes = ["line", "circle", "slab", "box", "diamond", "pill", "point", "hatched"]
    legend = [Key("state.private", words, "c", shape) for words, shape in zip(meanings, shapes, strict=False)]
    whole = framed(replace(wide(width), title=title, claim=claim, legend=tuple(legend)))
    for one, other in combinations([*added(whole), whole.nodes[0]], 2):
        assert not overlap(one, other), (one, other)
    for node in added(whole):
        size = measure(node.label)
        assert size[0] <= node.width + 0.1 and size[1] <= node.height + 0.1
        assert box(node)[2] <= box(whole.nodes[0])[0] + max(width if width <= SEEN else WIDEST, NARROWEST) + 1


def test_the_texts_of_a_very_wide_picture_stay_where_they_are_seen() -> None:
    whole = framed(wide(40_000))
    assert all(box(node)[2] < -20_000 + WIDEST + 1 for node in added(whole))


def test_samples_look_like_what_they_stand_for() -> None:
    whole = framed(everything())
    nodes = {node.id: node for node in whole.nodes}
    for number, key in enumerate(KEYS, 1):
        assert plain(nodes[f"legend-{number}-text"].label) == key.text
        if key.shape != "line":
            sample = nodes[f"legend-{number}"]
            assert (sample.role, sample.shape, sample.mark) == (key.role, key.shape, key.mark)
    lines = {edge.id: edge.role for edge in whole.edges if edge.id.startswith("legend-")}
    assert lines == {"legend-3-line": "state.private", "legend-4-line": "gate.write"}


def test_caption_is_claim_in_bold_then_reading() -> None:
    nodes = {node.id: node for node in framed(everything()).nodes}
    claim, reading = nodes["frame-claim"], nodes["frame-reading"]
    assert plain(claim.label).replace("\n", " ") == TEXTS["claim"] and claim.label[0][0].style == "bold"
    assert plain(reading.label).replace("\n", " ") == TEXTS["reading"] and reading.label[0][0].style == ""
    assert claim.y > reading.y


def test_no_word_of_a_caption_stands_alone() -> None:
    reading = "word " * 40 + "end"
    node = next(n for n in framed(replace(wide(600), reading=reading)).nodes if n.id == "frame-reading")
    lengths = [measure((line,))[0] for line in node.label]
    assert len(lengths) > 1 and min(lengths) > 0.8 * max(lengths)


def test_without_a_legend_there_is_none() -> None:
    assert [node.id for node in added(framed(replace(wide(9), legend=())))] == [
        "frame-title",
        "frame-claim",
        "frame-reading",
    ]


def test_frames_fade_what_is_not_reached() -> None:
    first, second, third, last = frames(everything())
    marks = [{part.id: part.mark for part in (*f.nodes, *f.edges)} for f in (first, second, third, last)]
    assert [m["g"] for m in marks] == ["faded", "focus", "", ""]
    assert [m["f"] for m in marks] == ["faded", "faded", "focus", ""]
    assert [m["c-to-f"] for m in marks] == ["faded", "faded", "focus", ""]
    assert [m["first"] for m in marks] == ["", "", "", ""]
    assert [m["again"] for m in marks] == ["again"] * 4
    assert replace(last, title=everything().title) == everything()


def test_frames_say_which_they_are() -> None:
    titles = [next(n for n in frame.nodes if n.id == "frame-title") for frame in frames(framed(everything()))]
    assert [plain(node.label).splitlines()[-1] for node in titles] == [
        "1 of 4: inputs",
        "2 of 4: content",
        "3 of 4: keep",
        "4 of 4: all",
    ]


def test_frames_have_one_geometry() -> None:
    sequence = frames(framed(everything()))
    for one, other in pairwise(sequence):
        places = [[(p.id, p.x, p.y, p.width, p.height) for p in (*f.nodes, *f.groups)] for f in (one, other)]
        assert places[0] == places[1]
        assert [edge.points for edge in one.edges] == [edge.points for edge in other.edges]
    sizes = {render(dot.write(frame), "png")[16:24] for frame in sequence}
    assert len(sizes) == 1


def test_a_picture_without_states_is_one_frame() -> None:
    assert frames(framed(wide(9))) == (framed(wide(9)),)
