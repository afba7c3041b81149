"""Notation: formulas as they are written, and their three spellings: Unicode text, LaTeX, MathML.

A Mark is a piece of writing, not of maths: `formulas` turns expressions and counts into Marks, and each
spelling is a table from form to function. Parentheses are decided once, for all three.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

from lstmdiag.tables import Formula


@dataclass(frozen=True, slots=True)
class Mark:
    """A `symbol`, such as W with sub ("f",) and index ("j", "k"); a `number`; or a form over other marks."""

    form: str
    args: tuple[Mark, ...] = ()
    text: str = ""  # of a symbol, number or function
    sub: tuple[str, ...] = ()  # what stands below: ("f",), ("t−1",), the letter that a sum runs over
    index: tuple[str, ...] = ()  # in brackets
    upto: Mark | None = None  # where a sum ends
    css: str = ""


_SUM, _PRODUCT, _ATOM = 1, 2, 3
_LEVEL = {
    "equals": 0, "plus": _SUM, "minus": _SUM, "negate": _SUM, "hadamard": _PRODUCT, "times": _PRODUCT,
    "product": _PRODUCT, "divide": _PRODUCT, "convolve": _PRODUCT, "sum": _PRODUCT, "over": _PRODUCT,
}  # fmt: skip
"""How tightly a form holds together; forms not named here need no parentheses."""

_CHAINS = frozenset({"hadamard", "times", "product"})  # may stand in a row: a ⊙ b ⊙ c
_ENCLOSING = frozenset({"apply", "root", "bars", "stack", "entry", "equals"})


def _needs_parentheses(outer: Mark, position: int, inner: Mark, fractions: bool) -> bool:
    """Whether `inner` must be enclosed as argument number `position` of `outer`."""
    level = _LEVEL.get(inner.form, _ATOM)
    if outer.form in _ENCLOSING or level == _ATOM:
        return False
    if fractions and "divide" in (outer.form, inner.form):
        return False
    if outer.form in ("plus", "minus"):
        if inner.form == "negate":
            return position > 0
        return level == _SUM and position > 0 and outer.form == "minus"
    if outer.form == "negate":
        return level == _SUM
    if outer.form in ("sum", "over"):
        return level == _SUM
    return not (outer.form == inner.form and outer.form in _CHAINS)


Spell = Callable[[Mark, list[str]], str]


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way of writing marks: form → function from a mark and its written arguments to text.

    `enclose` puts parentheses around text.
    """

    forms: Mapping[str, Spell]
    enclose: Callable[[str], str]
    fractions: bool  # division is drawn as a bar, which needs no parentheses


def spell(mark: Mark, spelling: Spelling) -> str:
    """A mark as text in one spelling, with the parentheses that it needs and no others."""
    parts = []
    for position, arg in enumerate(mark.args):
        part = spell(arg, spelling)
        enclosed = _needs_parentheses(mark, position, arg, spelling.fractions)
        parts.append(spelling.enclose(part) if enclosed else part)
    return spelling.forms[mark.form](mark, parts)


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


def _joined(sign: str) -> Spell:
    return lambda mark, parts: sign.join(parts)


def number_text(value: float) -> str:
    """1,000; 0.5; 1e-06; ∞. A whole number is exact."""
    if isinstance(value, int):
        return f"{value:,}"
    if math.isinf(value):
        return "∞"
    return f"{int(value):,}" if value.is_integer() and abs(value) < 1e15 else repr(value)


def number_mark(value: float) -> Mark:
    """A number as a mark, written as `number_text` does."""
    return Mark("number", text=number_text(value))


# Unicode text

_FUNCTIONS = {"sigmoid": "σ"}  # the others are written out


def _text_symbol(mark: Mark, _parts: list[str]) -> str:
    below = ",".join(mark.sub)
    if below and not below.replace("_", "").isalnum():
        below = f"{{{below}}}"
    index = f"[{','.join(mark.index)}]" if mark.index else ""
    return mark.text + (f"_{below}" if below else "") + index


TEXT = Spelling(
    {
        "symbol": _text_symbol,
        "number": lambda mark, _: mark.text,
        "equals": _joined(" = "),
        "plus": _joined(" + "),
        "minus": _joined(" − "),
        "negate": lambda _, parts: f"−{parts[0]}",
        "hadamard": _joined(" ⊙ "),
        "times": _joined(" × "),
        "product": _joined(" "),
        "convolve": _joined(" ∗ "),
        "divide": _joined(" / "),
        "root": lambda _, parts: f"√({parts[0]})",
        "bars": lambda _, parts: f"|{parts[0]}|",
        "stack": lambda _, parts: f"[{'; '.join(parts)}]",
        "entry": lambda mark, parts: f"{parts[0]}[{','.join(mark.index)}]",
        "apply": lambda mark, parts: f"{_FUNCTIONS.get(mark.text, mark.text)}({', '.join(parts)})",
        "sum": lambda mark, parts: f"Σ_{mark.sub[0]} {parts[0]}",
        "over": lambda mark, parts: f"{mark.text}_{mark.sub[0]} {parts[0]}",
    },
    enclose=lambda part: f"({part})",
    fractions=False,
)

# LaTeX


def _latex_word(word: str, style: str) -> str:
    safe = word.replace("_", r"\_")
    return safe if len(word) == 1 or word.isdecimal() else rf"\{style}{{{safe}}}"


def _latex_sub(part: str) -> str:
    return part.replace("−", "-") if "−" in part else _latex_word(part, "mathrm")


def _latex_symbol(mark: Mark, _parts: list[str]) -> str:
    below = ",".join(_latex_sub(part) for part in mark.sub)
    index = f"[{','.join(mark.index)}]" if mark.index else ""
    return _latex_word(mark.text, "mathit") + (f"_{{{below}}}" if below else "") + index


_LATEX_FUNCTIONS = {"sigmoid": r"\sigma", **{name: f"\\{name}" for name in ("tanh", "exp", "log", "max", "min")}}


def _latex_function(name: str) -> str:
    upright = name.replace("_", r"\_")
    return _LATEX_FUNCTIONS.get(name, rf"\operatorname{{{upright}}}")


def _latex_number(mark: Mark, _parts: list[str]) -> str:
    if mark.text == "∞":
        return r"\infty"
    digits, _, exponent = mark.text.replace(",", "{,}").partition("e")
    return rf"{digits} \times 10^{{{int(exponent)}}}" if exponent else digits


def _latex_enclose(part: str) -> str:
    tall = r"\frac" in part or r"\sum" in part
    return rf"\left({part}\right)" if tall else f"({part})"


def _latex_sum(mark: Mark, parts: list[str]) -> str:
    end = f"^{{{spell(mark.upto, LATEX)}}}" if mark.upto else ""
    return rf"\sum_{{{mark.sub[0]}=1}}{end} {parts[0]}"


LATEX = Spelling(
    {
        "symbol": _latex_symbol,
        "number": _latex_number,
        "equals": _joined(" = "),
        "plus": _joined(" + "),
        "minus": _joined(" - "),
        "negate": lambda _, parts: f"-{parts[0]}",
        "hadamard": _joined(r" \odot "),
        "times": _joined(r" \times "),
        "product": _joined(r" \, "),
        "convolve": _joined(r" \ast "),
        "divide": lambda _, parts: rf"\frac{{{parts[0]}}}{{{parts[1]}}}",
        "root": lambda _, parts: rf"\sqrt{{{parts[0]}}}",
        "bars": lambda _, parts: rf"\left|{parts[0]}\right|",
        "stack": lambda _, parts: rf"\left[{'; '.join(parts)}\right]",
        "entry": lambda mark, parts: f"{parts[0]}[{','.join(mark.index)}]",
        "apply": lambda mark, parts: _latex_function(mark.text) + _latex_enclose(", ".join(parts)),
        "sum": _latex_sum,
        "over": lambda mark, parts: rf"\{mark.text}_{{{mark.sub[0]}}} {parts[0]}",
    },
    enclose=_latex_enclose,
    fractions=True,
)


# MathML: a row of elements, wrapped in <mrow> only where one element is asked for

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
    name = _FUNCTIONS.get(mark.text, mark.text)
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
        "equals": _joined(_operator("=")),
        "plus": _joined(_operator("+")),
        "minus": _joined(_operator("−")),
        "negate": lambda _, parts: _operator("−") + parts[0],
        "hadamard": _joined(_operator("⊙")),
        "times": _joined(_operator("×")),
        "product": _joined(f'<mo lspace="0" rspace="0.17em">{_TIMES}</mo>'),
        "convolve": _joined(_operator("∗")),
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
