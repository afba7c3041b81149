"""The algebra of boxes: sizes add up, nothing overlaps, what lies inside says so."""

from collections.abc import Callable
from itertools import combinations, count

from hypothesis import given
from hypothesis import strategies as st

from lstmdiag.diagrams import Node
from lstmdiag.diagrams.boxes import (
    Box,
    band,
    cell,
    column,
    grid,
    inside,
    labelled,
    loose,
    node,
    note,
    picture,
    raised,
    room,
    row,
    stack,
    strut,
    wired,
)
from lstmdiag.diagrams.lines import meet
from lstmdiag.diagrams.sheet import Sheet, wire

NEAR = 1e-6
lengths = st.integers(1, 60).map(float)
gaps = st.integers(0, 9).map(float)
sides = st.sampled_from([-1, 0, 1])
ids = count()


def leaf(width: float, height: float) -> Box:
    return node(f"n{next(ids)}", (), "op", width=width, height=height)


leaves = st.builds(leaf, lengths, lengths)


def composed(parts: st.SearchStrategy[Box]) -> st.SearchStrategy[Box]:
    several = st.lists(parts, min_size=1, max_size=3)

    def of(make: Callable[..., Box], **how: st.SearchStrategy[float]) -> st.SearchStrategy[Box]:
        return st.builds(lambda boxes, how: make(*boxes, **how), several, st.fixed_dictionaries(how))

    return st.one_of(
        of(row, gap=gaps, valign=sides),
        of(column, gap=gaps, align=sides),
        of(stack),
        st.builds(lambda box, *size: room(box, *size), parts, lengths, lengths),
        st.builds(lambda box, over, under: labelled(room(box, max(over.width, under.width)), over=over, under=under),
                  parts, parts, parts),
        st.builds(lambda box, pad: inside(f"n{next(ids)}", "unit", box, pad), parts, gaps),
    )  # fmt: skip


boxes = st.recursive(leaves, composed, max_leaves=6)


def nodes(box: Box, x: float = 0, y: float = 0) -> list[Node]:
    return [part for part in box.draw(x, y, "") if isinstance(part, Node)]


def corners(part: Node, smaller: float = 0) -> tuple[float, float, float, float]:
    wide, high = part.width / 2 - smaller, part.height / 2 - smaller
    return part.x - wide, part.y - high, part.x + wide, part.y + high


@given(boxes, lengths, lengths)
def test_everything_stands_in_the_room_that_is_taken(box: Box, x: float, y: float) -> None:
    for part in nodes(box, x, y):
        left, bottom, right, top = corners(part, NEAR)
        assert x - box.width / 2 <= left and right <= x + box.width / 2
        assert y - box.down <= bottom and top <= y + box.up


@given(boxes)
def test_nothing_overlaps_but_what_lies_inside_and_says_so(box: Box) -> None:
    parts = {part.id: part for part in nodes(box)}

    def around(part: Node) -> set[str]:
        return {part.inside} | around(parts[part.inside]) if part.inside else set()

    for one, other in combinations(parts.values(), 2):
        contained = one.id in around(other) or other.id in around(one)
        assert meet(corners(one, NEAR), corners(other, NEAR)) == contained


@given(boxes, lengths, lengths)
def test_a_box_is_the_same_in_every_place(box: Box, x: float, y: float) -> None:
    moved = [(part.x - x, part.y - y) for part in nodes(box, x, y)]
    assert all(abs(part.x - dx) + abs(part.y - dy) < NEAR for part, (dx, dy) in zip(nodes(box), moved, strict=True))


@given(st.lists(boxes, min_size=1, max_size=3), gaps)
def test_sizes_add_up(parts: list[Box], gap: float) -> None:
    between = gap * (len(parts) - 1)
    assert abs(row(*parts, gap=gap).width - sum(part.width for part in parts) - between) < NEAR
    assert abs(column(*parts, gap=gap).height - sum(part.height for part in parts) - between) < NEAR
    assert row(*parts).up == max(part.up for part in parts)
    assert stack(*parts).height == column(*parts).height


@given(st.lists(leaves, min_size=2, max_size=3), gaps)
def test_axes_tops_and_bottoms_are_in_line(parts: list[Box], gap: float) -> None:
    lines = {0: lambda part: part.y, 1: lambda part: corners(part)[3], -1: lambda part: corners(part)[1]}
    for valign, line in lines.items():
        first, *others = map(line, nodes(row(*parts, gap=gap, valign=valign)))
        assert all(abs(other - first) < NEAR for other in others)


def test_a_stack_is_drawn_from_the_bottom() -> None:
    first, second = nodes(stack(leaf(1, 1), leaf(1, 1)))
    assert first.y < second.y


def test_cells_of_a_grid_are_alike() -> None:
    rows = [[leaf(1, 1), leaf(9, 9)], [leaf(1, 1), leaf(1, 1)]]
    assert [(part.x, part.y) for part in nodes(grid(rows, 20, 10))] == [(-5, 2.5), (5, 2.5), (-5, -2.5), (5, -2.5)]
    assert cell(leaf(9, 9), 3, 3).width == 3


def test_what_is_loose_takes_no_room() -> None:
    box = row(leaf(4, 4), loose(leaf(30, 30), dx=100), leaf(4, 4))
    assert (box.width, [part.x for part in nodes(box)]) == (8, [-2, 100, 2])


def test_room_may_be_empty() -> None:
    assert row().width == column().height == note("n", ()).width == 0
    assert nodes(row(strut(3, 3), note("n", ()))) == []


def test_a_picture_is_a_box_and_a_band_lies_behind_it() -> None:
    sheet, other = Sheet(), Sheet()
    sheet.put(band("panel", (), "note", row(leaf(4, 4), leaf(6, 2)), 3), 100, 100)
    box = picture(sheet.diagram(view="", title="", claim="", reading=""))
    assert (box.width, box.height) == (16, 10)
    other.add(box, 0, 10)
    (panel,) = other.groups.values()
    assert (panel.x, panel.y, panel.width, panel.height) == (8, 5, 16, 10)
    assert [(part.x, part.y) for part in other.nodes.values()] == [(5, 5), (10, 5)]


def test_what_is_raised_reaches_further_up_and_less_down() -> None:
    box = raised(leaf(4, 4), 3)
    assert (box.up, box.down, nodes(box)[0].y) == (5, -1, 3)


def test_wires_join_what_has_its_place() -> None:
    first, second = leaf(4, 4), leaf(4, 4)
    box = wired(row(first, second, gap=6), lambda found: [wire(*found.values(), "op")])
    sheet = Sheet()
    placed = sheet.put(box, 0, 0)
    (edge,) = sheet.edges.values()
    assert [part.id for part in placed] == [edge.tail, edge.head]
    assert edge.points == ((-3, 0), (3, 0))
