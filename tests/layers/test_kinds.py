"""Kinds of layers alone: shapes, counts and misfits as Keras has them; what options mean."""

from __future__ import annotations

from math import prod
from typing import Any, get_args

import pytest

from lstmdiag.cells.shapes import shapes_in, size
from lstmdiag.layers import KINDS
from lstmdiag.layers.kind import Mask, Shape, ShapeMisfit
from tests.layers.cases import CASES, MISFITS, Options


def weights(kind: str, options: Options, *shapes: Shape) -> dict[str, tuple[int, ...]]:
    row, chosen = KINDS[kind], KINDS[kind].options(**options)
    found = row.cell(chosen).weights if row.cell else row.weights(chosen) if row.weights else {}
    sizes = row.sizes(chosen, *shapes) if row.sizes else {}
    return {name: size(dims, sizes) for name, dims in found.items()}


def output(kind: str, options: Options, *shapes: Shape) -> Shape:
    row = KINDS[kind]
    return row.output(row.options(**options), *shapes)


@pytest.mark.parametrize(("kind", "options", "shapes", "gives", "trained", "frozen"), CASES)
def test_shapes_and_counts(
    kind: str, options: Options, shapes: tuple[Shape, ...], gives: Shape, trained: int, frozen: int
) -> None:
    assert output(kind, options, *shapes) == gives
    found = weights(kind, options, *shapes)
    counts = [
        sum(prod(found[name]) for name in found if (name in KINDS[kind].frozen) is kept) for kept in (False, True)
    ]
    assert counts == [trained, frozen]


@pytest.mark.parametrize(("kind", "options", "shapes", "needs"), MISFITS)
def test_misfits(kind: str, options: Options, shapes: tuple[Shape, ...], needs: str) -> None:
    with pytest.raises(ShapeMisfit) as raised:
        output(kind, options, *shapes)
    assert raised.value.needs == needs


def test_the_shapes_of_weights() -> None:
    assert weights("Embedding", {"input_dim": 7, "output_dim": 3}, (5,)) == {"E": (7, 3)}
    assert weights("Conv1D", {"filters": 8, "kernel_size": 3}, (5, 6)) == {"W": (8, 6, 3), "b": (8,)}
    assert weights("Conv1D", {"filters": 8, "kernel_size": 3, "groups": 2}, (5, 6))["W"] == (8, 3, 3)
    assert weights("Attention", {"use_scale": True, "score_mode": "concat"}, (5, 6), (4, 6)) == {
        "scale": (),
        "concat_score_weight": (),
    }


@pytest.mark.parametrize(
    ("kind", "options", "shapes", "times"),
    [
        ("Embedding", {"input_dim": 7, "output_dim": 3}, ((5,),), 5),
        ("Embedding", {"input_dim": 7, "output_dim": 3}, ((None,),), None),
        ("Conv1D", {"filters": 8, "kernel_size": 3}, ((5, 6),), 3),
        ("Conv1D", {"filters": 8, "kernel_size": 3}, ((None, 6),), None),
        ("LayerNormalization", {}, ((5, 6),), 5),
        ("LayerNormalization", {"axis": 1}, ((5, 6),), 6),
        ("LayerNormalization", {"axis": 1}, ((5, None),), None),
        ("BatchNormalization", {}, ((6,),), 1),
        ("AdditiveAttention", {}, ((3, 4), (5, 4)), 15),
        ("AdditiveAttention", {}, ((3, 4), (None, 4)), None),
    ],
)
def test_how_often_weights_are_used(kind: str, options: Options, shapes: tuple[Shape, ...], times: int | None) -> None:
    row = KINDS[kind]
    assert row.uses is not None
    assert row.uses(row.options(**options), *shapes, output(kind, options, *shapes)) == times


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_says_what_becomes_of_a_mask(kind: str) -> None:
    told = KINDS[kind].mask
    options: list[dict[str, Any]] = [{"input_dim": 2, "output_dim": 2, "mask_zero": zero} for zero in (True, False)]
    found = [told(KINDS[kind].options(**each)) for each in options] if callable(told) else [told]
    assert set(found) <= set(get_args(Mask))
    assert not callable(told) or found == ["makes", "ends"]


@pytest.mark.parametrize("kind", ["LayerNormalization", "BatchNormalization"])
@pytest.mark.parametrize("options", [{}, {"epsilon": 1e-07}, {"scale": False}, {"center": False}])
def test_the_equations_of_normalizations_fit(kind: str, options: Options) -> None:
    row = KINDS[kind]
    assert row.cell is not None
    cell = row.cell(row.options(**options))
    assert shapes_in(cell)["y"] == ("features",)
    assert ("gamma" in cell.weights, "beta" in cell.weights) == (
        options.get("scale", True),
        options.get("center", True),
    )
    assert cell is row.cell(row.options(**options)), "made anew"


@pytest.mark.parametrize(
    ("mode", "gives"), [("concat", (5, 16)), ("sum", (5, 8)), ("mul", (5, 8)), ("ave", (5, 8)), (None, (5, 8))]
)
def test_two_directions_are_merged(mode: str | None, gives: Shape) -> None:
    kind = KINDS["Bidirectional"]
    options = kind.options(layer=None, merge_mode=mode)
    assert kind.inside is not None
    assert kind.inside(options, (5, 3)) == (5, 3)
    assert kind.output(options, (5, 3), (5, 8)) == gives
    assert kind.output(options, (None, 3), (8,)) == gives[1:]
