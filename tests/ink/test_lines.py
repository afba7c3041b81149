"""Geometry of wires."""

from itertools import pairwise
from math import dist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmdiag.diagrams import Point
from lstmdiag.diagrams.lines import bezier, diagonals, distinct, joints, middle, parallel, shortened

POINT = st.tuples(st.integers(-300, 300), st.integers(-300, 300)).map(lambda p: (float(p[0]), float(p[1])))
WAY = st.lists(POINT, min_size=2, max_size=6).map(distinct)


@given(WAY)
def test_beziers_go_from_end_to_end_in_threes(way: list[tuple[float, float]]) -> None:
    controls = bezier(way)
    assert len(controls) % 3 == 1 and controls[0] == way[0] and controls[-1] == way[-1]


@given(WAY, st.floats(0.1, 20))
def test_bends_stay_near_their_corners(way: list[tuple[float, float]], radius: float) -> None:
    on_the_way = [point for point in bezier(way, radius)[::3] if point not in way]
    assert all(min(dist(point, corner) for corner in way) <= radius + 1e-6 for point in on_the_way)


@given(WAY, st.floats(0.1, 50))
def test_a_shortened_way_ends_earlier(way: list[tuple[float, float]], length: float) -> None:
    """By `length`, except that of the piece it ends in a twentieth stays."""
    pieces = [dist(a, b) for a, b in pairwise(way)]
    rest = sum(dist(a, b) for a, b in pairwise(shortened(way, length)))
    assert rest < sum(pieces)
    assert (
        rest == pytest.approx(sum(pieces) - length)
        or rest <= sum(pieces) - length + max(pieces) / 20
        or (rest == pytest.approx(pieces[0] / 20))
    )


def test_rails_keep_their_distance_around_a_corner() -> None:
    way = [(0.0, 0.0), (100.0, 0.0), (100.0, 80.0)]
    assert parallel(way, 2) == [(0, 2), (98, 2), (98, 80)]
    assert parallel(way, -2) == [(0, -2), (102, -2), (102, 80)]


def test_one_place_is_a_way_too() -> None:
    assert len(distinct([(1.0, 1.0), (1.0, 1.0)])) == 2


def test_the_middle_is_on_the_longest_piece() -> None:
    assert middle([(0.0, 0.0), (10.0, 0.0), (10.0, 90.0)]) == (10, 45)


@given(st.integers(20, 200), st.integers(20, 200), st.integers(0, 18), st.integers(0, 18))
def test_hatching_stays_in_the_box_and_out_of_the_hole(wide: int, high: int, hole_x: int, hole_y: int) -> None:
    strokes = diagonals((10, 20), (wide, high), 8, (hole_x, hole_y))
    for (ax, ay), (bx, by) in strokes:
        assert bx - ax == pytest.approx(by - ay)
        for x, y in ((ax, ay), (bx, by)):
            assert abs(x - 10) <= wide / 2 + 1e-6 and abs(y - 20) <= high / 2 + 1e-6
        for share in (0.25, 0.5, 0.75):
            x, y = ax + (bx - ax) * share, ay + (by - ay) * share
            assert not (abs(x - 10) < hole_x / 2 - 1e-6 and abs(y - 20) < hole_y / 2 - 1e-6)
    assert strokes or hole_x * hole_y > 0.5 * wide * high


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([[(0, 2), (5, 2), (5, 4)]], [((5, 2), 1)]),  # one goes on, the other turns off
        ([[(0, 2), (5, 2), (5, 0)], [(0, 2), (5, 2), (5, 4)]], [((5, 2), 1)]),
        ([[(5, 0), (5, 4)]], []),  # they only cross
        ([[(0, 9), (5, 9), (5, 12)]], []),
        ([], []),
    ],
)
def test_lines_part_where_a_bend_lies_on_another(others: list[list[Point]], expected: list[tuple[Point, int]]) -> None:
    assert joints([[(0.0, 2.0), (10.0, 2.0)], *others]) == expected
