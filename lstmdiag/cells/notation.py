"""Notation: formulas as they are written, spelled as Unicode text and LaTeX; in MathML: `mathml`.

A Mark is a piece of writing, not of maths: `formulas` turns expressions and counts into Marks, and each
spelling is a table from form to function. Parentheses are decided once, for all three.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass


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


def joined(sign: str) -> Spell:
    """All arguments with a sign between them."""
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

SIGNS = {"sigmoid": "σ"}  # functions that have one; the others are written out


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
        "equals": joined(" = "),
        "plus": joined(" + "),
        "minus": joined(" − "),
        "negate": lambda _, parts: f"−{parts[0]}",
        "hadamard": joined(" ⊙ "),
        "times": joined(" × "),
        "product": joined(" "),
        "convolve": joined(" ∗ "),
        "divide": joined(" / "),
        "root": lambda _, parts: f"√({parts[0]})",
        "bars": lambda _, parts: f"|{parts[0]}|",
        "stack": lambda _, parts: f"[{'; '.join(parts)}]",
        "entry": lambda mark, parts: f"{parts[0]}[{','.join(mark.index)}]",
        "apply": lambda mark, parts: f"{SIGNS.get(mark.text, mark.text)}({', '.join(parts)})",
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
        "equals": joined(" = "),
        "plus": joined(" + "),
        "minus": joined(" - "),
        "negate": lambda _, parts: f"-{parts[0]}",
        "hadamard": joined(r" \odot "),
        "times": joined(r" \times "),
        "product": joined(r" \, "),
        "convolve": joined(r" \ast "),
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
