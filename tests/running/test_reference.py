"""The forward pass gives the numbers that Keras, PyTorch and ONNX Runtime gave (tests/reference).

The second half are tests of the tests: a row of a framework's table that is wrong in any likely way has to be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations
from typing import Any, cast

import numpy as np
import pytest

from lstmdiag.cells.numbers import Array
from lstmdiag.frameworks import FRAMEWORKS, arrays
from lstmdiag.frameworks.storage import FrameworkRow
from lstmdiag.frameworks.values import weights_in_array
from lstmdiag.layer import Layer
from lstmdiag.model import Model
from lstmdiag.running import run
from tests.frameworks.stored import array_of_weights
from tests.models import model
from tests.reference import CASES, NEAR, case, read

Weights = dict[str, Array]


def opened(name: str) -> tuple[dict[str, Array], str, Model]:
    held = dict(case(name))
    return held, str(held["framework"]), model(str(held["spec"]))


def owner(layer: Layer) -> str:
    """A TimeDistributed's weights bear the name of what it wraps."""
    return owner(layer.inner) if layer.inner and not layer.backward else layer.name


def weights(held: dict[str, Array], framework: str, of: Model) -> Weights:
    """The framework's arrays, taken apart by our rows; a second bias is added to the first."""
    found: Weights = {}
    for layer in of.layers:
        shapes = {weight.name: weight.shape for weight in layer.weights}
        for stored in arrays(layer, framework) or ():
            value = held[f"weights/{layer.name}/{stored.name}"]
            assert value.shape == stored.shape
            for name, part in weights_in_array(stored, value.astype(float), shapes):
                whole = f"{owner(layer)}.{name}"
                found[whole] = found[whole] + part if whole in found else part
    return found


def compare(held: dict[str, Array], framework: str, of: Model, with_weights: Weights) -> None:
    """Every output and final state of every call."""
    carried: Any = {}
    for call in range(1 + max(int(name.split("/")[1]) for name in held if name.startswith("found/"))):
        given = [held[f"input/{call}/{source.name}"].astype(float) for source in of.inputs]
        trace = run(of, given, with_weights, start=carried)
        carried = trace.carried
        start = f"found/{call}/"
        refs = [name.removeprefix(start) for name in held if name.startswith(start)]
        for ref in refs:
            ours, theirs = read(of, trace, ref), held[start + ref]
            assert ours.shape == theirs.shape
            np.testing.assert_allclose(ours, theirs, **NEAR[framework], err_msg=ref)


def test_there_are_cases_of_every_kind() -> None:
    kinds = {(name.split("-")[0], layer.innermost.kind) for name in CASES for layer in opened(name)[2].layers}
    recurrent = {"LSTM", "GRU", "SimpleRNN"}
    assert kinds >= {("keras", kind) for kind in (*recurrent, "ConvLSTM2D")}
    assert kinds >= {(framework, kind) for framework in ("pytorch", "onnx") for kind in recurrent}
    assert ("onnx", "PeepholeLSTM") in kinds


@pytest.mark.parametrize("name", CASES)
def test_the_numbers_are_the_framework_s(name: str) -> None:
    held, framework, of = opened(name)
    compare(held, framework, of, weights(held, framework, of))


@pytest.mark.parametrize("name", CASES)
def test_what_is_put_together_gives_the_same_weights(name: str) -> None:
    held, framework, of = opened(name)
    wanted = weights(held, framework, of)
    again = dict(held)
    for layer in of.layers:
        shapes = {weight.name: weight.shape for weight in layer.weights}
        own = {name: wanted[f"{owner(layer)}.{name}"] for name in shapes}
        again |= {f"weights/{layer.name}/{stored.name}": array_of_weights(stored, own, shapes)
                  for stored in arrays(layer, framework) or ()}  # fmt: skip
    found = weights(again, framework, of)
    assert found.keys() == wanted.keys()
    assert all(np.array_equal(found[name], wanted[name]) for name in wanted)


# Wrong rows of the tables, and what else one gets wrong.


def reordered(row: FrameworkRow, order: dict[str, str], only: str = "") -> FrameworkRow:
    """The row with other gates in the places of its own: in all arrays that have them, or in one."""
    parts = ("blocks", "second", "own")
    new = []
    for array in row.arrays:
        made = replace(
            array, **{part: tuple(_with_gate(name, order) for name in getattr(array, part)) for part in parts}
        )
        right = only in ("", array.name) and {*made.blocks} == {*array.blocks}  # there is no p_g
        new.append(made if right else array)
    return replace(row, arrays=tuple(new))


def _with_gate(name: str, order: dict[str, str]) -> str:
    """W_i → W_f, b_hz → b_hr."""
    letter, _, gate = name.rpartition("_")
    second = "h" if gate.startswith("h") else ""
    return f"{letter}_{second}{order[gate.removeprefix(second)]}" if letter else name


def holds(held: dict[str, Array], array: str) -> bool:
    names = (name.rpartition("/")[2].rpartition(".")[2] for name in held if name.startswith("weights/"))
    return any(name.removesuffix("_reverse") == array for name in names)


def wrong_rows(row: FrameworkRow, held: dict[str, Array]) -> Iterator[tuple[str, FrameworkRow]]:
    """Every wrong order of the gates, in all arrays and in each alone."""
    for chosen in permutations(row.gates):
        order = dict(zip(row.gates, chosen, strict=True))
        for only in ("", *(array.name for array in row.arrays if holds(held, array.name))):
            made = reordered(row, order, only)
            if made != row:
                yield f"{only or 'all'} in the order {chosen}", made


@pytest.mark.parametrize("name", CASES)
@pytest.mark.sweep(4)
def test_a_wrong_order_of_gates_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    held, framework, of = opened(name)
    kind = next(layer.innermost.kind for layer in of.layers if layer.recurrent)
    rows = FRAMEWORKS[framework].rows
    tried = 0
    for what, row in wrong_rows(rows[kind], held):
        with monkeypatch.context() as changed:
            changed.setitem(cast(dict[str, FrameworkRow], rows), kind, row)
            mistaken = weights(held, framework, of)
        with pytest.raises(AssertionError):
            compare(held, framework, of, mistaken)
            pytest.fail(f"not seen: {what}", pytrace=False)
        tried += 1
    assert tried >= {4: 23, 3: 5, 0: 0}[len(rows[kind].gates)]


def turned(found: Weights, letter: str) -> Weights:
    """Square matrices of one letter the other way round; of kernels their rows and columns."""
    return {
        name: value.swapaxes(-1, -2) if name.rpartition(".")[2][0] == letter and value.ndim > 1 else value
        for name, value in found.items()
    }


def negated(found: Weights, gate: str) -> Weights:
    """σ(−a) = 1 − σ(a): the gate does what 1 − gate did."""
    return {name: -value if name.endswith((f"_{gate}", f"_h{gate}")) else value for name, value in found.items()}


def exchanged(found: Weights, one: str, other: str) -> Weights:
    """What is called one way goes by the name of the other."""

    def renamed(name: str) -> str:
        return name.replace(one, other) if one in name else name.replace(other, one)

    return {name: found[renamed(name)] for name in found}


MISTAKES: dict[str, tuple[Callable[[str], bool], Callable[[Weights], Weights]]] = {
    "W transposed": (lambda name: "square" in name or name == "keras-rnn-relu", lambda found: turned(found, "W")),
    "U transposed": (lambda name: name != "pytorch-lstm-projection", lambda found: turned(found, "U")),
    "z keeps what it should write": (lambda name: "gru" in name, lambda found: negated(found, "z")),
    "z and r exchanged": (lambda name: "gru" in name, lambda found: exchanged(found, "_z", "_r")),
    "biases exchanged": (
        lambda name: name in ("keras-gru", "pytorch-gru", "onnx-gru-after"),
        lambda found: exchanged(found, "b_n", "b_hn"),
    ),
    "directions exchanged": (lambda name: "both" in name, lambda found: exchanged(found, ".forward.", ".backward.")),
}
"""What is wrong → the cases in which it can be, and how."""


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_seen(mistake: str) -> None:
    where, made = MISTAKES[mistake]
    for name in filter(where, CASES):
        held, framework, of = opened(name)
        right = weights(held, framework, of)
        mistaken = made(right)
        assert any(not np.array_equal(mistaken[each], right[each]) for each in right), name
        with pytest.raises(AssertionError):
            compare(held, framework, of, mistaken)
            pytest.fail(f"not seen in {name}", pytrace=False)
    assert any(map(where, CASES))
