"""The alphabet: every expression is one of these operations over names and numbers.

Equations are written as text (`o * activation(c)`), for built-in cells and for a user's own alike.
Column vectors, as in the textbooks: `W_f @ x` is a matrix-vector product, `*` is elementwise.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from lstmdiag.errors import nearest

ACTIVATIONS = (
    "sigmoid", "hard_sigmoid", "tanh", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu",
    "softplus", "softsign", "exp", "linear", "softmax",
)  # fmt: skip
"""Elementwise functions (softmax alone looks across the vector); the names are Keras's."""

LEAK = 0.2  # slope of leaky_relu below 0, as Keras's function of that name has it (its layer LeakyReLU: 0.3)
HARD_REACH = 3  # hard_sigmoid is 0 to so far below 0 and 1 from as far above; in between a straight line
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al. 2017

FUNCTIONS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(ACTIVATIONS, (1, 1)),
    "sqrt": (1, 1), "log": (1, 1), "abs": (1, 1), "mean": (1, 1), "sum": (1, 1),
    "max": (1, 2), "min": (1, 2), "concat": (2, 8), "conv": (2, 2),
}  # fmt: skip
"""Function name → (fewest, most) arguments. `max` and `min` of two are elementwise.

`conv(kernel, maps)` slides a kernel (out, in, rows, columns) over maps (rows, columns, in), which keep their places."""

_BINARY = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.MatMult: "matmul"}
OPERATORS = ("add", "sub", "mul", "div", "matmul", "neg")
LEAVES = ("name", "number")
ALPHABET = (*LEAVES, *OPERATORS, "option", *FUNCTIONS)
"""Every operation there is; a reading that lacks one is named by a test."""

_ACROSS = ("matmul", "conv", "concat", "softmax", "mean", "sum")

MAX_LENGTH = 2_000
MAX_DEPTH = 60


@dataclass(frozen=True, slots=True)
class Window:
    """How a kernel moves over rows and columns, where the result has other places than the maps it reads."""

    strides: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    padding: str = "same"  # or "valid"


@dataclass(frozen=True, slots=True)
class Expr:
    """One operation. `name` is the name of a leaf, or of the option that `option` applies."""

    op: str
    args: tuple[Expr, ...] = ()
    name: str = ""
    value: float = 0.0
    column: int = 0  # where it starts in the equation's text, from 0
    length: int = 1
    window: Window | None = None  # of a conv

    def walk(self) -> Iterator[Expr]:
        """This expression and all inside it, outermost first, left to right."""
        yield self
        for arg in self.args:
            yield from arg.walk()

    @property
    def across(self) -> bool:
        """Whether a number of its result depends on numbers elsewhere in what it is of."""
        return self.op in _ACROSS or (self.op in ("max", "min") and len(self.args) == 1)

    def names(self) -> list[str]:
        """The names it uses, in order of first use."""
        return list(dict.fromkeys(part.name for part in self.walk() if part.op == "name"))


class ExprError(Exception):
    """The text is no expression of the alphabet; `column` and `length` say where, from 0."""

    def __init__(self, message: str, column: int = 0, length: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.column, self.length, self.hint = message, column, length, hint


_TOKEN = re.compile(r"\s+|(?P<number>[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?|\.[0-9]+)|[A-Za-z_][A-Za-z0-9_]*|[-+*/@(),]")
_LARGEST = 1e30


def parse(text: str) -> Expr:
    """Text → Expr. Calls to names outside FUNCTIONS become `option` (an activation set elsewhere).

    Raises ExprError. Nothing is evaluated: Python's own parser reads, a whitelist decides.
    """
    if len(text) > MAX_LENGTH:
        raise ExprError(f"an equation may have {MAX_LENGTH:,} characters, this one has {len(text):,}")
    _check_characters(text)
    line = re.sub(r"\s", " ", text)  # an equation may be folded; every character keeps its column
    blank = len(line) - len(line.lstrip())
    try:
        tree = ast.parse(line.strip() or " ", mode="eval")
    except SyntaxError as error:
        column = blank + max((error.offset or 1) - 1, 0)
        raise ExprError("this is not an expression", min(column, max(len(line.rstrip()) - 1, 0))) from None
    except (RecursionError, MemoryError):
        raise ExprError(f"an equation may nest {MAX_DEPTH} deep") from None
    return _convert(tree.body, blank, 0)


def _check_characters(text: str) -> None:
    """All tokens belong to the alphabet. After this the text is ASCII, so that ast's bytes are characters."""
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise ExprError(f"{text[at]!r} is not in the alphabet of equations", at, hint=_ALLOWED)
        if token["number"] and re.match(r"[A-Za-z0-9_.]", text[token.end() : token.end() + 1]):
            raise ExprError("a number runs into a name", at, token.end() - at + 1)
        if token["number"] and float(token["number"]) > _LARGEST:
            raise ExprError("this number is too large", at, token.end() - at)
        at = token.end()


_ALLOWED = "allowed: names, numbers, + - * / @ and calls"


def _convert(node: ast.expr, blank: int, depth: int) -> Expr:
    column, length = blank + node.col_offset, (node.end_col_offset or 0) - node.col_offset
    if depth > MAX_DEPTH:
        raise ExprError(f"an equation may nest {MAX_DEPTH} deep", column, length)
    match node:
        case ast.Name(id=name):
            return Expr("name", name=name, column=column, length=length)
        case ast.Constant(value=value) if isinstance(value, int | float) and not isinstance(value, bool):
            return Expr("number", value=value, column=column, length=length)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Expr("neg", (_convert(operand, blank, depth + 1),), column=column, length=length)
        case ast.BinOp(op=operator) if type(operator) in _BINARY:
            args = (_convert(node.left, blank, depth + 1), _convert(node.right, blank, depth + 1))
            return Expr(_BINARY[type(operator)], args, column=column, length=length)
        case ast.Call(func=ast.Name(id=name), args=given, keywords=[]):
            parts = tuple(_convert(arg, blank, depth + 1) for arg in given)
            if name not in FUNCTIONS:
                if len(parts) != 1:
                    raise ExprError(f"unknown function {name!r}", column, len(name), nearest(name, FUNCTIONS))
                return Expr("option", parts, name=name, column=column, length=length)
            fewest, most = FUNCTIONS[name]
            if not fewest <= len(parts) <= most:
                wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
                plural = "" if most == 1 else "s"
                raise ExprError(f"{name} takes {wanted} argument{plural}, found {len(parts)}", column, length)
            return Expr(name, parts, column=column, length=length)
    raise ExprError("not in the alphabet of equations", column, length, _ALLOWED)


def rewrite(expr: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """Rebuild bottom-up; `change` returns a replacement or None to leave a part as it is."""
    args = tuple(rewrite(arg, change) for arg in expr.args)
    same = replace(expr, args=args) if args != expr.args else expr
    changed = change(same)
    return same if changed is None else changed


def apply_options(expr: Expr, options: Mapping[str, str]) -> Expr:
    """`activation(z)` → `tanh(z)`, where options say `{"activation": "tanh"}`."""

    def change(part: Expr) -> Expr | None:
        if part.op == "option" and part.name in options:
            return replace(part, op=options[part.name], name="")
        return None

    return rewrite(expr, change)


def move_kernels(expr: Expr, over: str, window: Window) -> Expr:
    """`conv(W_f, x)` → the same with a window, wherever it slides over the maps called `over`."""

    def change(part: Expr) -> Expr | None:
        return replace(part, window=window) if part.op == "conv" and part.args[1].name == over else None

    return rewrite(expr, change)


def drop_terms(expr: Expr, names: frozenset[str]) -> Expr:
    """Leave out added terms that are one of `names` (the biases, where use_bias is false)."""

    def change(part: Expr) -> Expr | None:
        if part.op == "add":
            kept = [arg for arg in part.args if not (arg.op == "name" and arg.name in names)]
            if len(kept) == 1:
                return kept[0]
        return None

    return rewrite(expr, change)
