"""MathML of formulas: a row of elements, wrapped in <mrow> only where one element is asked for; and all spellings."""

from __future__ import annotations

import re
from html import escape

from lstmdiag.cells.notation import LATEX, SIGNS, TEXT, Mark, Spelling, joined, spell
from lstmdiag.tables import Formula

_APPLIED_TO, _TIMES = "\u2061", "\u2062"  # invisible, but spoken by screen readers


def _row(part: str) -> str:
    return f"<mrow>{part}</mrow>"


def _operator(sign: str) -> str:
    return f"<mo>{sign}</mo>"


def _with_class(element: str, css: str) -> str:
    return re.sub(r"^<(\w+)", rf'<\1 class="{escape(css)}"', element) if css else element


def _mathml_letter(part: str) -> str:
    if "−" in part:  # t−1
        left, right = part.split("−")
        return _row(f"<mi>{escape(left, quote=False)}</mi>{_operator('−')}<mn>{escape(right, quote=False)}</mn>")
    tag = "mn" if part.replace(",", "").isdecimal() else "mi"
    return f"<{tag}>{escape(part, quote=False)}</{tag}>"


def _mathml_index(mark: Mark) -> str:
    letters = _operator(",").join(_mathml_letter(letter) for letter in mark.index)
    return '<mo stretchy="false">[</mo>' + letters + '<mo stretchy="false">]</mo>'


def _mathml_symbol(mark: Mark, _parts: list[str]) -> str:
    base = _mathml_letter(mark.text)
    if mark.sub:
        below = _operator(",").join(_mathml_letter(part) for part in mark.sub)
        base = f"<msub>{base}{_row(below) if len(mark.sub) > 1 else below}</msub>"
    return _with_class(_row(base + _mathml_index(mark)) if mark.index else base, mark.css)


def _mathml_number(mark: Mark, _parts: list[str]) -> str:
    digits, _, exponent = mark.text.partition("e")
    if not exponent:
        return f"<mn>{digits}</mn>"
    sign = _operator("−") if int(exponent) < 0 else ""
    power = f"<msup><mn>10</mn>{_row(f'{sign}<mn>{abs(int(exponent))}</mn>')}</msup>"
    return _row(f"<mn>{digits}</mn>{_operator('×')}{power}")


def _mathml_enclose(part: str) -> str:
    tall = "<mfrac>" in part or "<munder" in part
    left, right = (_operator(sign) if tall else f'<mo stretchy="false">{sign}</mo>' for sign in "()")
    return _row(left + part + right)


def _mathml_apply(mark: Mark, parts: list[str]) -> str:
    name = SIGNS.get(mark.text, mark.text)
    return f"<mi>{escape(name, quote=False)}</mi>{_operator(_APPLIED_TO)}{_mathml_enclose(_operator(',').join(parts))}"


def _mathml_sum(mark: Mark, parts: list[str]) -> str:
    start = _row(f"<mi>{mark.sub[0]}</mi><mo>=</mo><mn>1</mn>")
    if mark.upto is None:
        return f"<munder><mo>∑</mo>{start}</munder>{parts[0]}"
    return f"<munderover><mo>∑</mo>{start}{_row(spell(mark.upto, MATHML))}</munderover>{parts[0]}"


MATHML = Spelling(
    {
        "symbol": _mathml_symbol,
        "number": _mathml_number,
        "equals": joined(_operator("=")),
        "plus": joined(_operator("+")),
        "minus": joined(_operator("−")),
        "negate": lambda _, parts: _operator("−") + parts[0],
        "hadamard": joined(_operator("⊙")),
        "times": joined(_operator("×")),
        "product": joined(f'<mo lspace="0" rspace="0.17em">{_TIMES}</mo>'),
        "convolve": joined(_operator("∗")),
        "divide": lambda _, parts: f"<mfrac>{_row(parts[0])}{_row(parts[1])}</mfrac>",
        "root": lambda _, parts: f"<msqrt>{parts[0]}</msqrt>",
        "bars": lambda _, parts: _row(f"{_operator('|')}{parts[0]}{_operator('|')}"),
        "stack": lambda _, parts: _row(f"{_operator('[')}{_operator(';').join(parts)}{_operator(']')}"),
        "entry": lambda mark, parts: _row(parts[0] + _mathml_index(mark)),
        "apply": _mathml_apply,
        "sum": _mathml_sum,
        "over": lambda mark, parts: f"<munder><mi>{mark.text}</mi><mi>{mark.sub[0]}</mi></munder>{parts[0]}",
    },
    enclose=_mathml_enclose,
    fractions=True,
)


def formula(mark: Mark) -> Formula:
    """A mark in all three spellings. The MathML carries the LaTeX as its annotation."""
    latex = spell(mark, LATEX)
    inner = spell(mark, MATHML)
    return Formula(
        text=spell(mark, TEXT),
        latex=latex,
        mathml=(
            f'<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow>{inner}</mrow>'
            f'<annotation encoding="application/x-tex">{escape(latex, quote=False)}</annotation></semantics></math>'
        ),
    )
