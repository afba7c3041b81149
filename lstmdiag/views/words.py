"""Words and small labels that several views share, so that a thing is called the same at every level."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lstmdiag.analysis.cells import gate_role, projects, role, singles
from lstmdiag.analysis.elision import Gap, shown
from lstmdiag.analysis.layers import kernel, weights_in
from lstmdiag.cells.cell import PREVIOUS, VALVES, Cell
from lstmdiag.cells.circuit import GLYPHS, Affine
from lstmdiag.cells.expr import Expr
from lstmdiag.diagrams import Key, Run
from lstmdiag.diagrams.text import sub
from lstmdiag.layer import CellLayer, Layer
from lstmdiag.model import Model
from lstmdiag.naming import snake_case
from lstmdiag.words import Words

WORDS = Words("pictures")
ROLE_WORDS: Mapping[str, str] = Words("roles").phrases

Facts = dict[str, Any]
"""What the words of a picture say: by the names that its file of words has for them."""

NOW, BEFORE = "t", "t−1"
LISTED = 3  # products of one kind that a sum lists before it elides


def symbol(name: str, index: object = None, style: str = "") -> list[Run]:
    """A quantity with its time: c → c_t, h_prev → h_t−1; with a unit's index in brackets."""
    base, when = (name[: -len(PREVIOUS)], BEFORE) if name.endswith(PREVIOUS) else (name, NOW)
    runs = [Run(base, style), sub(when)]
    return runs if index is None else [*runs, Run(f"[{index}]", style)]


def weight_symbol(name: str, index: str = "", style: str = "") -> list[Run]:
    """W_f → W with f lowered."""
    base, _, lower = name.partition("_")
    runs = [Run(base, style)]
    if lower:
        runs.append(sub(lower))
    return [*runs, Run(index, style)] if index else runs


def pattern_of(letter: str) -> str:
    """What tells weights apart beside their place, by their letter; all matrices on states are hatched."""
    return {"W": "box", "b": "dotted", "p": "dotted"}.get(letter, "hatched")


def vector_symbol(expr: Expr, index: int | None = None, style: str = "", single: Collection[str] = ()) -> list[Run]:
    """The vector that a matrix multiplies, or one number of it: h_t−1, (f_t[3] ⊙ h_t−1[3]).

    What looks across a vector is written of whole ones; of its result, where that is a vector, one number is taken.
    `single` are the names without an index.
    """
    if expr.op == "name":
        return symbol(expr.name, None if expr.name in single else index, style)
    if expr.op == "number":
        return [Run(f"{expr.value:g}", style)]
    one_number = expr.op in ("mean", "sum") or (expr.op in ("max", "min") and len(expr.args) == 1)
    if index is not None and expr.op in ("softmax", "concat"):
        return [*vector_symbol(expr, None, style, single), Run(f"[{index}]", style)]
    first, *rest = (vector_symbol(arg, None if one_number else index, style, single) for arg in expr.args)
    if not rest:
        return [Run(f"{function_name(expr.op)}(", style), *first, Run(")", style)]
    before, between, after = _AROUND.get(expr.op, ("(", f" {glyph(expr.op)} ", ")"))
    others = (run for other in rest for run in (Run(between, style), *other))
    return [Run(before, style), *first, *others, Run(after, style)]


_AROUND = {"concat": ("[", " ; ", "]"), "max": ("max(", ", ", ")"), "min": ("min(", ", ", ")")}
"""How functions of several vectors are written: before, between and after them."""


def formula_runs(written: str, style: str = "") -> list[Run]:
    """A formula's Unicode text with its subscripts lowered: `h_{t−1}[m]`, `Σ_k`."""
    pieces = re.split(r"_(?:\{([^}]*)\}|(\w+))", written)
    return [Run(piece, "sub" if index % 3 else style) for index, piece in enumerate(pieces) if piece]


def summands(affine: Affine, layer: CellLayer, unit: int, most: int = LISTED) -> Iterator[list[Run] | Gap]:
    """What one unit's weighted sum adds, term by term: W_f[1,1] x_t[1] ..., b_f[1]; a Gap for those left out."""
    cell = layer.cell
    single = singles(cell)
    for weight, vector in affine.terms:
        for k in shown(layer.shape(weight)[1], most):
            if isinstance(k, Gap):
                yield k
            else:
                sign = " ∗ " if len(layer.shape(weight)) > 2 else " "
                yield [*weight_symbol(weight, f"[{unit},{k}]"), Run(sign), *vector_symbol(vector, k, single=single)]
    for weight, vector in affine.own:
        yield [*weight_symbol(weight, f"[{unit}]"), Run(" "), *vector_symbol(vector, unit, single=single)]
    for bias in affine.biases:
        yield weight_symbol(bias, f"[{unit}]")


def id_of(quantity: str) -> str:
    """Of a quantity in the pictures of its cell: its name, with a dot where ids of pictures begin with that word."""
    return f"{quantity}." if quantity in _BEGINNINGS else quantity


_BEGINNINGS = frozenset((
    "bias", "bus", "equation", "heirs", "in", "inputs", "joint", "margin", "name", "one", "outputs", "range", "scale",
    "size", "stack", "unit", "units", "up", "value",
))  # fmt: skip


def glyph(operation: str) -> str:
    return GLYPHS.get(operation, operation)


def function_name(operation: str) -> str:
    """What stands before the arguments of an operation: σ, tanh, linear; not the sign that its part bears, =."""
    return operation if operation == "linear" else glyph(operation)


def title_of(layer: Layer) -> str:
    """`encoder: LSTM(100)`, the call alone where the name is the default one; which half it is, whose weights."""
    half = layer.name.rpartition(".")[2]
    return WORDS.say(
        "layer_title", layer=layer, half=half if layer.wrapped_by and half in ("forward", "backward") else "",
        unnamed=layer.name.rstrip("0123456789").rstrip("_") == snake_case(layer.kind),
    )  # fmt: skip


def layer_facts(layer: CellLayer) -> Facts:
    """The facts of a layer with a cell that the words of many pictures need."""
    cell = layer.cell
    return {
        "layer": layer,
        "layer_title": title_of(layer),
        "alone": layer.units == 1,
        "maps": bool(kernel(layer)),
        "kernel": kernel(layer),
        "output": cell.output,
        "gates": [gate for gate in cell.gates() if not projects(cell, gate)],
        "weights": weights_in(layer),
    }


def gate_words(cell: Cell, id: str, affine: Affine) -> tuple[list[Run], str, str]:
    """What is printed in a gate's box: its name, the word for its role, its function.

    A weighted sum on the way to a quantity has no name of its own; it goes by its first weight.
    """
    what = gate_role(cell, id)
    named = id in cell.equations and (what != "op" or id not in cell.state)
    name = [Run(id, "bold")] if named else weight_symbol(affine.terms[0][0], style="bold")
    return name, ROLE_WORDS.get(what, ""), function_name(affine.function)


def role_key(cell: Cell, quantity: str) -> Key:
    """The legend's entry for one quantity: `f: keep gate (forget gate)`, the textbooks' name behind ours."""
    what = role(cell, quantity)
    words = WORDS.say(
        "quantity", role=ROLE_WORDS.get(what, what), valve=what in VALVES, textbook=cell.known_as.get(quantity, "")
    )
    if what in ("state.private", "state.public"):
        return Key(what, words, shape="line")
    return Key(what, words, symbol=quantity, shape="box" if what == "gate.content" else "round")


def destination(model: Model, layer: Layer) -> str:
    """Where the layer's output goes, and when: ` to decoder, at every step`, ` out of the model, after step 4 only`."""
    readers = [reader.name for reader in model.readers(layer.top)]
    given = any(model.owner(reference)[0].name == layer.top for reference in model.outputs)
    return " " + WORDS.say("destination", layer=layer, readers=readers + [""] * given, steps=layer.input[0])
