"""Ranges: a reading of a cell as intervals. Between which bounds can each quantity lie?

Previous states start at 0, as they do unless the caller gives others.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import exp, inf, isinf, log, log1p, sqrt
from types import MappingProxyType

from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.cells.expr import ACTIVATIONS, SELU_ALPHA, SELU_SCALE, Expr


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`; an end is open where the value is approached but never reached."""

    low: float
    high: float
    open_low: bool = True
    open_high: bool = True

    @property
    def bounded(self) -> bool:
        """Whether at least one end was found."""
        return not (isinf(self.low) and isinf(self.high))

    def __str__(self) -> str:
        if not self.bounded:
            return "no bound found"
        left, right = "(" if self.open_low else "[", ")" if self.open_high else "]"
        return f"{left}{_number(self.low)}, {_number(self.high)}{right}"


def _number(value: float) -> str:
    if isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:.3g}".replace("-", "−")


EVERYTHING = Interval(-inf, inf)
LARGEST = sys.float_info.max
_ZERO = Interval(0, 0, False, False)

End = tuple[float, bool]  # value, open


def _from(ends: list[End]) -> Interval:
    """The hull of candidate ends; an end that several reach is closed if one of them is."""
    low, high = min(v for v, _ in ends), max(v for v, _ in ends)
    return Interval(
        low,
        high,
        isinf(low) or all(is_open for v, is_open in ends if v == low),
        isinf(high) or all(is_open for v, is_open in ends if v == high),
    )


def _ends(a: Interval) -> list[End]:
    return [(a.low, a.open_low), (a.high, a.open_high)]


def _add(a: Interval, b: Interval) -> Interval:
    return Interval(a.low + b.low, a.high + b.high, a.open_low or b.open_low, a.open_high or b.open_high)


def _neg(a: Interval) -> Interval:
    return Interval(-a.high, -a.low, a.open_high, a.open_low)


def _sub(a: Interval, b: Interval) -> Interval:
    return _add(a, _neg(b))


def _times(a: End, b: End) -> End:
    if (a[0] == 0 and not a[1]) or (b[0] == 0 and not b[1]):
        return 0.0, False
    value = 0.0 if 0 in (a[0], b[0]) else a[0] * b[0]
    return value, a[1] or b[1]


def _mul(a: Interval, b: Interval) -> Interval:
    ends = [_times(p, q) for p in _ends(a) for q in _ends(b)]
    for inside in (a, b):  # 0 itself is reached where it lies inside
        if inside.low < 0 < inside.high:
            ends.append((0.0, False))
    return _from(ends)


def _div(a: Interval, b: Interval) -> Interval:
    if b.low < 0 < b.high or (0 in (b.low, b.high)):
        return EVERYTHING if a.low < 0 or b.low < 0 else Interval(0, inf, a.low > 0 or a.open_low)
    return _mul(a, Interval(1 / b.high, 1 / b.low, b.open_high, b.open_low))


def _max(a: Interval, b: Interval | None = None) -> Interval:
    """Of two equal lower ends both must be reached, of two equal upper ends one."""
    if b is None:
        return a
    low, open_low = max((a.low, a.open_low), (b.low, b.open_low))
    high, closed = max((a.high, not a.open_high), (b.high, not b.open_high))
    return Interval(low, high, open_low, not closed)


def _min(a: Interval, b: Interval | None = None) -> Interval:
    return a if b is None else _neg(_max(_neg(a), _neg(b)))


def _rising(function: Callable[[float], float]) -> Callable[[Interval], Interval]:
    """An increasing function keeps the ends and whether they are open."""
    return lambda a: Interval(function(a.low), function(a.high), a.open_low, a.open_high)


def _bounded(low: float, high: float, open_low: bool = True, open_high: bool = True) -> Callable[[Interval], Interval]:
    return lambda _: Interval(low, high, open_low, open_high)


def _relu(a: Interval) -> Interval:
    low, high = max(a.low, 0.0), max(a.high, 0.0)
    return Interval(low, high, a.open_low and a.low >= 0, a.open_high and high > 0)


def _abs(a: Interval) -> Interval:
    if a.low < 0 < a.high:
        far = _max(a, _neg(a))
        return Interval(0, far.high, False, far.open_high)
    return a if a.low >= 0 else _neg(a)


def _softplus(value: float) -> float:
    return value if value > 30 else log1p(exp(value))


def _exp(value: float) -> float:
    return inf if value > 700 else exp(value)


_GELU_LOW, _SILU_LOW = -0.17, -0.278464543

RANGES: Mapping[str, Callable[..., Interval]] = {
    "add": _add, "sub": _sub, "mul": _mul, "div": _div, "neg": _neg,
    "matmul": lambda _a, _b: EVERYTHING, "conv": lambda _a, _b: EVERYTHING,
    "option": lambda _a: EVERYTHING,
    "concat": lambda *parts: _from([end for part in parts for end in _ends(part)]),
    "mean": lambda a: a, "sum": lambda _a: EVERYTHING, "max": _max, "min": _min,
    "sqrt": lambda a: Interval(sqrt(max(a.low, 0)), sqrt(max(a.high, 0)), a.low > 0 and a.open_low, a.open_high),
    "log": lambda a: Interval(log(a.low) if a.low > 0 else -inf, log(a.high) if 0 < a.high < inf else inf),
    "abs": _abs,
    "sigmoid": _bounded(0, 1), "hard_sigmoid": _bounded(0, 1, False, False), "tanh": _bounded(-1, 1),
    "relu": _relu, "relu6": _bounded(0, 6, False, False),
    "leaky_relu": lambda a: a, "linear": lambda a: a,
    "elu": _bounded(-1, inf), "selu": _bounded(-SELU_SCALE * SELU_ALPHA, inf),
    "gelu": _bounded(_GELU_LOW, inf, False), "silu": _bounded(_SILU_LOW, inf, False),
    "softplus": _rising(_softplus), "softsign": _bounded(-1, 1), "exp": _rising(_exp), "softmax": _bounded(0, 1),
}  # fmt: skip
"""Operation → the interval of its result, from those of its arguments."""


def range_of(expr: Expr, names: Mapping[str, Interval]) -> Interval:
    """The interval in which every entry of an expression lies, given those of `names`; others may be anything.

    Interval arithmetic; a mean such as z ⊙ a + (1 − z) ⊙ b lies within the hull of a and b.
    """
    if expr.op == "number":
        return _floats(Interval(expr.value, expr.value, False, False))
    if expr.op == "name":
        return names.get(expr.name, EVERYTHING)  # x and weights may be anything
    if (mixed := _weighted_mean(expr, names)) is not None:
        return _hull(*(range_of(part, names) for part in mixed))
    return _floats(RANGES[expr.op](*(range_of(arg, names) for arg in expr.args)))


def _floats(found: Interval) -> Interval:
    """Whole numbers would grow without a bound; beyond the largest float is only what is infinite, never all of it."""
    low, high = min(float(found.low), LARGEST), max(float(found.high), -LARGEST)
    return Interval(low, high, found.open_low or isinf(low), found.open_high or isinf(high))


def _weighted_mean(expr: Expr, names: Mapping[str, Interval]) -> tuple[Expr, Expr] | None:
    """`(1 - z) * a + z * b` → (a, b), where z is between 0 and 1: it lies between the two, unseen by intervals."""
    if expr.op != "add" or any(arg.op != "mul" for arg in expr.args):
        return None
    for one, other in (expr.args, expr.args[::-1]):
        for rest, a in (one.args, one.args[::-1]):
            for z, b in (other.args, other.args[::-1]):
                if rest.op == "sub" and rest.args[0].value == 1 and z.op == "name" and rest.args[1].name == z.name:
                    share = names.get(z.name, EVERYTHING)
                    return (a, b) if share.low >= 0 and share.high <= 1 else None
    return None


@lru_cache(maxsize=64)
def ranges(cell: Cell) -> Mapping[str, Interval]:
    """Quantity → interval, over all steps, from states that start at 0.

    Step by step the states' intervals grow; a bound that has not settled after a few steps is infinite.
    """
    previous = {state + PREVIOUS: _ZERO for state in cell.state}
    found: dict[str, Interval] = {}
    for step in range(6):
        names = dict(previous)
        for quantity, expr in cell.equations.items():
            names[quantity] = range_of(expr, names)
        found = {quantity: names[quantity] for quantity in cell.equations}
        grown = {s + PREVIOUS: _hull(previous[s + PREVIOUS], names[s]) for s in cell.state}
        if grown == previous:
            break
        if step >= 3:
            grown = {
                key: Interval(
                    -inf if grown[key].low < previous[key].low else grown[key].low,
                    inf if grown[key].high > previous[key].high else grown[key].high,
                    grown[key].open_low or grown[key].low < previous[key].low,
                    grown[key].open_high or grown[key].high > previous[key].high,
                )
                for key in grown
            }
        previous = grown
    return MappingProxyType(found)


def _hull(a: Interval, b: Interval) -> Interval:
    return _from(_ends(a) + _ends(b))


@lru_cache(maxsize=64)
def stays_in(cell: Cell) -> Mapping[str, str]:
    """Quantity → its interval in words; "unbounded" only where some weights and inputs do bring it beyond any bound."""
    return MappingProxyType(
        {
            quantity: "unbounded" if not found.bounded and _grows(cell, quantity) else str(found)
            for quantity, found in ranges(cell).items()
        }
    )


def _grows(cell: Cell, quantity: str) -> bool:
    """Whether it is a sum with a term W x of its own, or `f * c_prev + i * g` of functions of such sums.

    W may be as large as it likes. With f near 1 and a constant i ⊙ g, c grows with every step. Of other quantities,
    such as c / n, intervals cannot tell.
    """
    expr = cell.equations[quantity]
    if _free(cell, expr.args[0] if expr.op == "linear" else expr):
        return True
    terms = [[factor.name for factor in _factors(term)] for term in _summands(expr)]
    kept, added = sorted(terms, key=lambda names: quantity + PREVIOUS not in names) if len(terms) == 2 else ([], [])
    keeps = [name for name in kept if name != quantity + PREVIOUS]
    if quantity not in cell.state or len(kept) != 2 or len(keeps) != 1 or {*kept} & {*added}:
        return False
    (keep,) = keeps
    functions = [cell.equations[name] for name in (keep, *added) if name in cell.equations]
    all_free = len(functions) == 1 + len(added) and all(
        each.op in ACTIVATIONS and _free(cell, each.args[0]) for each in functions
    )
    return all_free and ranges(cell)[keep].high >= 1


def _free(cell: Cell, expr: Expr) -> bool:
    """Whether it has a term W x whose W is nowhere else, so that it can be any number."""
    used = Counter(part.name for each in cell.equations.values() for part in each.walk() if part.op == "name")
    return any(
        term.op in ("matmul", "conv")
        and term.args[0].name in cell.weights
        and term.args[1].name == "x"
        and used[term.args[0].name] == 1
        for term in _summands(expr)
    )


def _summands(expr: Expr) -> list[Expr]:
    return [part for arg in expr.args for part in _summands(arg)] if expr.op == "add" else [expr]


def _factors(expr: Expr) -> list[Expr]:
    return [part for arg in expr.args for part in _factors(arg)] if expr.op == "mul" else [expr]
