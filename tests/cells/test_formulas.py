"""Formulas say what the equations compute: known spellings, and random expressions read back."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lstmdiag.cells import formulas, mathml, notation
from lstmdiag.cells.cell import Cell, make_cell
from lstmdiag.cells.expr import ALPHABET, Expr, parse
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from tests.cells import written
from tests.examples import max_examples
from tests.models import CELLS, lstm, of_cell

MATHML = "{http://www.w3.org/1998/Math/MathML}"


def cell_of(model: Model) -> Cell:
    cell = model.layers[0].cell
    assert cell is not None
    return cell


@pytest.mark.parametrize("reading", ["MATRIX", "ENTRY"])
def test_every_operation_has_a_reading(reading: str) -> None:
    assert set(getattr(formulas, reading)) == set(ALPHABET)


def test_every_form_has_every_spelling() -> None:
    spellings = [set(spelling.forms) for spelling in (notation.TEXT, notation.LATEX, mathml.MATHML)]
    assert spellings[0] == spellings[1] == spellings[2]


def test_the_equations_of_an_lstm() -> None:
    cell = cell_of(lstm())
    assert [formulas.equation(cell, quantity).text for quantity in cell.equations] == [
        "i_t = σ(W_i x_t + U_i h_{t−1} + b_i)",
        "f_t = σ(W_f x_t + U_f h_{t−1} + b_f)",
        "g_t = tanh(W_g x_t + U_g h_{t−1} + b_g)",
        "o_t = σ(W_o x_t + U_o h_{t−1} + b_o)",
        "c_t = f_t ⊙ c_{t−1} + i_t ⊙ g_t",
        "h_t = o_t ⊙ tanh(c_t)",
    ]


def test_the_equations_of_one_unit() -> None:
    cell = cell_of(lstm(options="activation: relu, use_bias: false"))
    f, h = formulas.unit_equation(cell, "f"), formulas.unit_equation(cell, "h", unit="2")
    assert f.text == "f_t[j] = σ(Σ_k W_f[j,k] x_t[k] + Σ_m U_f[j,m] h_{t−1}[m])"
    assert h.text == "h_t[2] = o_t[2] relu(c_t[2])"
    assert h.latex == r"h_{t}[2] = o_{t}[2] \, \operatorname{relu}(c_{t}[2])"
    assert r"\sum_{k=1}^{F} W_{f}[j,k] \, x_{t}[k]" in f.latex


def test_a_layer_without_time_has_no_step() -> None:
    dense = KINDS["Dense"]
    assert dense.cell is not None
    cell = dense.cell(dense.options(units=2, activation="relu"))
    assert formulas.equation(cell, "y").text == "y = relu(W x + b)"
    assert formulas.equation(cell, "y", timed=True).text == "y_t = relu(W x_t + b)"


def test_a_cell_of_the_users_own() -> None:
    gated, s_like = cell_of(of_cell("minimal-gated")), cell_of(of_cell("s-like"))
    assert formulas.equation(gated, "n").text == "n_t = tanh(W_n x_t + U_n (f_t ⊙ h_{t−1}) + b_n)"
    assert formulas.unit_equation(gated, "h").text == "h_t[j] = (1 − f_t[j]) h_{t−1}[j] + f_t[j] n_t[j]"
    assert formulas.equation(s_like, "i").text == "i_t = exp(W_i x_t + U_i h_{t−1} + b_i)"
    assert formulas.equation(s_like, "h").text == "h_t = o_t ⊙ (c_t / n_t)"
    assert formulas.equation(s_like, "h").latex == r"h_{t} = o_{t} \odot \frac{c_{t}}{n_{t}}"


def test_a_running_letter_never_hides_a_name() -> None:
    cell = make_cell(
        "M", {"m": "tanh(W_m @ x + U_m @ m_prev) / sum(m_prev)", "h": "m"}, {"h": ("units",), "m": ("units",)}
    )
    assert formulas.unit_equation(cell, "m").text == (
        "m_t[j] = tanh(Σ_k W_m[j,k] x_t[k] + Σ_l U_m[j,l] m_{t−1}[l]) / (Σ_l m_{t−1}[l])"
    )


def test_softmax_looks_across_the_vector() -> None:
    cell = make_cell("S", {"h": "softmax(W @ x)"}, {"h": ("units",)})
    assert formulas.unit_equation(cell, "h").text == ("h_t[j] = exp(Σ_k W[j,k] x_t[k]) / (Σ_m exp(Σ_k W[m,k] x_t[k]))")


@pytest.mark.parametrize("name", [*CELLS, "LSTM"])
def test_mathml_is_well_formed_and_every_symbol_has_a_class(name: str) -> None:
    cell = cell_of(lstm() if name == "LSTM" else of_cell(name))
    for quantity in cell.equations:
        for formula in (formulas.equation(cell, quantity), formulas.unit_equation(cell, quantity)):
            math = ET.fromstring(formula.mathml)
            assert math.tag == f"{MATHML}math"
            note = math.find(f"{MATHML}semantics/{MATHML}annotation")
            assert note is not None and note.text == formula.latex and note.get("encoding") == "application/x-tex"
            classes = [element.get("class", "").split() for element in math.iter() if element.get("class")]
            used = {n.removesuffix("_prev") for n in (quantity, *cell.equations[quantity].names())}
            assert {f"sym-{n}" for n in used} <= {c[0] for c in classes}
            for symbol in math.iter(f"{MATHML}msub"):
                assert symbol.get("class") or any(
                    symbol in list(parent) for parent in math.iter() if parent.get("class")
                )


def test_a_role_is_a_class() -> None:
    cell = cell_of(lstm())
    assert 'class="sym-f ld-gate-keep"' in formulas.equation(cell, "f").mathml
    assert 'class="sym-h ld-state-public"' in formulas.symbol(cell, "h_prev").mathml


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a - (b - h_prev)", "a_t − (b_t − h_{t−1})"),
        ("a - (b + h_prev)", "a_t − (b_t + h_{t−1})"),
        ("a + (b - h_prev)", "a_t + b_t − h_{t−1}"),
        ("(a + b) * h_prev", "(a_t + b_t) ⊙ h_{t−1}"),
        ("a * b * h_prev", "a_t ⊙ b_t ⊙ h_{t−1}"),
        ("a / b / h_prev", "(a_t / b_t) / h_{t−1}"),
        ("a / (b / h_prev)", "a_t / (b_t / h_{t−1})"),
        ("a * b / h_prev", "(a_t ⊙ b_t) / h_{t−1}"),
        ("a * (U_r @ b)", "a_t ⊙ (U_r b_t)"),
        ("U_r @ (a * b)", "U_r (a_t ⊙ b_t)"),
        ("U_r @ (a + b)", "U_r (a_t + b_t)"),
        ("a * -b", "a_t ⊙ (−b_t)"),
        ("a + -b", "a_t + (−b_t)"),
        ("-(a + b)", "−(a_t + b_t)"),
        ("-a + b", "−a_t + b_t"),
        ("b * 2", "2 b_t"),
        ("2 * 3 * b", "(2 × 3) b_t"),
        ("sqrt(a + b)", "√(a_t + b_t)"),
        ("abs(a) - 1e-6", "|a_t| − 1e-06"),
        ("linear(a)", "a_t"),
        ("hard_sigmoid(a)", "hard_sigmoid(a_t)"),
        ("activation(a)", "activation(a_t)"),
        ("W_r @ concat(x, a)", "W_r [x_t; a_t]"),
    ],
)
def test_parentheses(source: str, text: str) -> None:
    dims = {"a": ("units",), "b": ("units",), "h_prev": ("units",), "x": ("features",), "U_r": ("units", "units")}
    dims |= {"W_r": ("units", "features+units")}
    writer = formulas._Writer(Cell("R", {}, {"U_r": (), "W_r": ()}, {"h": ("units",)}), True, dims, frozenset(dims))
    assert mathml.formula(writer.matrix(parse(source))).text == text


# Random expressions: what is written, read back by another grammar, has the value of the expression

UNITS, FEATURES = 2, 3
VECTORS = ("a", "b", "h_prev")
NUMBERS = st.integers(0, 3).map(lambda n: Expr("number", value=n))
LEAVES = st.sampled_from(VECTORS).map(lambda name: Expr("name", name=name))
FED = st.just(Expr("matmul", (Expr("name", name="W_r"), Expr("name", name="x"))))


def grown(children: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    vector, either = children, st.one_of(children, NUMBERS)
    two = st.sampled_from(("add", "sub", "mul", "div", "max"))
    one = st.sampled_from(("neg", "relu", "abs", "linear"))
    alone = st.sampled_from(("mean", "sum", "max"))
    mixed = st.builds(lambda op, a, b: Expr(op, (a, b)), two, vector, either)
    turned = st.builds(lambda op, a, b: Expr(op, (b, a)), two, vector, either)
    reduced = st.builds(lambda op, a, b: Expr("mul", (Expr(op, (a,)), b)), alone, vector, vector)
    mixing = vector.map(lambda v: Expr("matmul", (Expr("name", name="U_r"), v)))
    stacking = vector.map(
        lambda v: Expr("matmul", (Expr("name", name="V_r"), Expr("concat", (Expr("name", name="x"), v))))
    )
    return st.one_of(mixed, turned, st.builds(lambda op, a: Expr(op, (a,)), one, vector), reduced, mixing, stacking)


EXPRESSIONS = st.recursive(st.one_of(LEAVES, FED), grown, max_leaves=8)


def computed(expr: Expr, names: dict[str, Any]) -> Any:
    args = [computed(arg, names) for arg in expr.args]
    table: dict[str, Any] = {
        "add": lambda a, b: written.each(lambda p, q: p + q, a, b),
        "sub": lambda a, b: written.each(lambda p, q: p - q, a, b),
        "mul": lambda a, b: written.each(lambda p, q: p * q, a, b),
        "div": lambda a, b: written.each(lambda p, q: p / q, a, b),
        "neg": lambda a: written.each(lambda p: -p, a),
        "abs": lambda a: written.each(abs, a),
        "matmul": lambda a, b: tuple(sum(p * q for p, q in zip(row, b, strict=True)) for row in a),
        "concat": lambda a, b: (*a, *b),
        "linear": lambda a: a,
        **written.FUNCTIONS,
    }
    if expr.op == "name":
        return names[expr.name]
    return Fraction(expr.value) if expr.op == "number" else table[expr.op](*args)


@max_examples(200)
@given(EXPRESSIONS, st.integers(0, 99))
def test_what_is_written_is_what_is_computed(expr: Expr, seed: int) -> None:
    random = Random(seed)

    def vector(size: int) -> tuple[Fraction, ...]:
        return tuple(Fraction(random.randint(-6, 6), 3) for _ in range(size))

    weights = {"W_r": ("units", "features"), "U_r": ("units", "units"), "V_r": ("units", "features+units")}
    cell = Cell("R", {"a": Expr("number"), "b": Expr("number"), "r": expr}, weights, {"h": ("units",)})
    names = {name: vector(UNITS) for name in VECTORS} | {"x": vector(FEATURES)}
    widths = {"W_r": FEATURES, "U_r": UNITS, "V_r": FEATURES + UNITS}
    names |= {name: tuple(vector(width) for _ in range(UNITS)) for name, width in widths.items()}
    try:
        right = computed(expr, names)
    except ZeroDivisionError:
        assume(False)
    shown = {
        "h_{t−1}": names["h_prev"],
        **{f"{n}_t": names[n] for n in ("a", "b", "x")},
        **{n: names[n] for n in widths},
    }
    shown |= {"F": Fraction(FEATURES), "H": Fraction(UNITS)}
    dims = {"x": ("features",), "a": ("units",), "b": ("units",), "h_prev": ("units",), "r": ("units",), **weights}
    writer = formulas._Writer(cell, True, dims, frozenset((*dims, "j")))
    matrix = mathml.formula(writer.matrix(expr)).text
    assert written.value(matrix, shown, {}) == right, matrix
    for unit in range(UNITS):
        entry = mathml.formula(writer.entry(expr, ("j",))).text
        assert written.value(entry, shown, {"j": unit}) == right[unit], entry


@settings(deadline=None)
@given(EXPRESSIONS)
def test_latex_and_mathml_are_balanced(expr: Expr) -> None:
    dims = {"x": ("features",), **dict.fromkeys(VECTORS, ("units",))}
    dims |= {"W_r": ("units", "features"), "U_r": ("units", "units"), "V_r": ("units", "features+units")}
    writer = formulas._Writer(Cell("R", {}, {}, {"h": ("units",)}), True, dims, frozenset((*dims, "j")))
    for mark in (writer.matrix(expr), writer.entry(expr, ("j",))):
        formula = mathml.formula(mark)
        ET.fromstring(formula.mathml)
        assert formula.latex.count("{") == formula.latex.count("}")
        assert formula.latex.count(r"\left") == formula.latex.count(r"\right")


@pytest.mark.parametrize(
    ("value", "text", "latex"),
    [
        (1, "1", "1"),
        (0.5, "0.5", "0.5"),
        (1e-6, "1e-06", r"1 \times 10^{-6}"),
        (1000000, "1,000,000", "1{,}000{,}000"),
        (float("inf"), "∞", r"\infty"),
        (2.0, "2", "2"),
    ],
)
def test_numbers(value: float, text: str, latex: str) -> None:
    formula = mathml.formula(notation.Mark("number", text=notation.number_text(value)))
    assert (formula.text, formula.latex) == (text, latex)
    ET.fromstring(formula.mathml)
