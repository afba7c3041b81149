"""The forward-mode reading: every operation has a rule, and every rule is what small differences say."""

from itertools import product

import numpy as np
import pytest

from lstmdiag.cells.derivatives import RULES, STILL, moved
from lstmdiag.cells.expr import ALPHABET, LEAVES, Expr, Window, parse
from lstmdiag.cells.numbers import NUMBERS, Array, evaluate

TINY = 1e-6
EXPRESSIONS = {
    **{op: f"{op}(u)" for op in RULES if op in ALPHABET},
    "add": "u + v", "sub": "u - v", "mul": "u * v", "div": "u / v", "neg": "-u",
    "matmul": "M @ (u * v)", "concat": "concat(u, v, u)", "max": "max(u) * v + max(u, v)",
    "min": "min(u) * v + min(u, v)", "number": "1 - 0.5 * u", "name": "v",
    "option": "tanh(M @ u + p * v)", "conv": "tanh(M @ u)",
}  # fmt: skip
POSITIVE = frozenset({"sqrt", "log", "div"})


def test_every_operation_has_a_rule() -> None:
    assert set(ALPHABET) - {*LEAVES, "option", "conv"} == set(RULES) == set(NUMBERS)
    assert set(EXPRESSIONS) == set(ALPHABET)


def differences(expr: Expr, names: dict[str, Array], way: dict[str, Array]) -> Array:
    """The move of the value, by a small step to either side."""
    there, back = (
        evaluate(expr, {**names, **{name: names[name] + side * TINY * move for name, move in way.items()}})
        for side in (1, -1)
    )
    return (there - back) / (2 * TINY)


@pytest.mark.parametrize("op", EXPRESSIONS)
@pytest.mark.parametrize("seed", range(4))
def test_rules_are_what_small_differences_say(op: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    names = {name: random.normal(size=(1, 4)) * (3 if seed else 0.5) for name in ("u", "v")}
    if op in POSITIVE:
        names = {name: np.abs(value) + 0.1 for name, value in names.items()}
    names |= {"M": random.normal(size=(3, 4)) if op == "matmul" else random.normal(size=(4, 4)), "p": names["v"][0]}
    ways = {name: random.normal(size=(5, 4)) for name in ("u", "v")}
    expr = parse(EXPRESSIONS[op])
    value, move = moved(expr, names, ways)
    assert np.array_equal(value, evaluate(expr, names))
    for index in range(5):
        by_steps = differences(expr, names, {name: way[index : index + 1] for name, way in ways.items()})
        assert np.allclose(move[index], by_steps[0], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("strides", "padding"), [*product([(1, 1), (2, 1)], ["same", "valid"])])
def test_convolution(strides: tuple[int, int], padding: str) -> None:
    random = np.random.default_rng(1)
    maps = (Expr("name", name="K"), Expr("name", name="u"))
    expr = Expr("tanh", (Expr("conv", maps, window=Window(strides, padding=padding)),))
    names = {"K": random.normal(size=(2, 3, 3, 2)), "u": random.normal(size=(1, 5, 4, 3))}
    ways = random.normal(size=(3, 5, 4, 3))
    _, move = moved(expr, names, {"u": ways})
    for way, found in zip(ways, move, strict=True):
        assert np.allclose(found, differences(expr, names, {"u": way[None]})[0], rtol=1e-5, atol=1e-7)


def test_what_does_not_depend_on_it_stands_still() -> None:
    names = {"u": np.ones((1, 2)), "v": np.ones((1, 2))}
    assert moved(parse("tanh(u) + 1"), names, {"v": np.eye(2)})[1] is STILL
    _, move = moved(parse("concat(u, v)"), names, {"v": np.eye(2)})
    assert move.tolist() == [[0, 0, 1, 0], [0, 0, 0, 1]]


def test_corners() -> None:
    """relu stands still at 0, and of two equal numbers each has half a say, as in PyTorch."""
    names = {"u": np.zeros((1, 1)), "v": np.zeros((1, 1))}
    ways = {"u": np.full((1, 1), 1.0)}
    assert moved(parse("relu(u)"), names, ways)[1] == 0
    assert moved(parse("abs(u)"), names, ways)[1] == 0
    assert moved(parse("max(u, v)"), names, ways)[1] == 0.5
