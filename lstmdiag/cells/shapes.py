"""Shapes: the first reading of an expression. (out,) for vectors, () for plain numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from lstmdiag.cells.cell import MAX_SIZE, PREVIOUS, Cell, CellError, Dim, Dims
from lstmdiag.cells.expr import ACTIVATIONS, Expr, ExprError

MAPS = 3
"""Axes of maps: rows, columns, and one number of each for every place."""

_PLACES: Mapping[Dim, Dim] = {"rows": "out_rows", "columns": "out_columns"}
"""Places of the maps that a window moves over → places of the result."""

Reading = Callable[[Expr, list[Dims]], Dims]


def show_dims(dims: Sequence[int | str]) -> str:
    """(3, 100), (units,): as Python prints a tuple, names without quotes."""
    inner = ", ".join(str(dim) for dim in dims)
    return f"({inner},)" if len(dims) == 1 else f"({inner})"


def _alike(expr: Expr, args: list[Dims]) -> Dims:
    """Elementwise: all the same shape; a plain number fits any, and a vector fits every place of maps."""
    shapes = [dims for dims in args if dims != ()]
    _no_matrix(expr, shapes)
    maps = next((dims for dims in shapes if len(dims) == MAPS), ())
    shapes = [maps if dims == maps[-1:] else dims for dims in shapes]
    if any(dims != shapes[0] for dims in shapes[1:]):
        raise ExprError("shapes differ: " + " and ".join(show_dims(dims) for dims in shapes), expr.column, expr.length)
    return shapes[0] if shapes else ()


def _no_matrix(expr: Expr, args: list[Dims]) -> None:
    """Pictures and numbers of a unit know matrices as weights alone."""
    for dims in args:
        if len(dims) == 2:
            message = f"a matrix {show_dims(dims)} can only be multiplied with a vector"
            raise ExprError(message, expr.column, expr.length, "W @ x")


def _matmul(expr: Expr, args: list[Dims]) -> Dims:
    matrix, vector = args
    if len(matrix) != 2 or len(vector) != 1 or matrix[1] != vector[0]:
        raise ExprError(
            f"cannot multiply {show_dims(matrix)} @ {show_dims(vector)}: the inner sizes must be equal",
            expr.column,
            expr.length,
        )
    return (matrix[0],)


def _concat(expr: Expr, args: list[Dims]) -> Dims:
    sizes = [dims[0] for dims in args if len(dims) == 1]
    if len(sizes) != len(args):
        raise ExprError("concat stacks vectors only", expr.column, expr.length)
    terms = Counter[str]()
    for size in sizes:
        terms.update({name: times for times, name in addends(size)})
    times, name = max((times, name) for name, times in terms.items())
    if times > MAX_SIZE:
        many = f"{times:,} × {name}" if name else f"{times:,}"
        message = f"this vector has {many} numbers, a size may be at most {MAX_SIZE:,}"
        raise ExprError(message, expr.column, expr.length)
    return (_sum_of(terms),)


def _sum_of(terms: Mapping[str, int]) -> Dim:
    """A sum of sizes as one: `features+2*units+3`. What comes several times is counted, and written once."""
    written = [name if times == 1 else f"{times}*{name}" for name, times in sorted(terms.items()) if name]
    number = terms.get("", 0)
    if not written:
        return number
    return "+".join([*written, str(number)] if number else written)


def addends(dim: Dim) -> list[tuple[int, str]]:
    """What a size adds up: `features+2*units+3` → (1, "features"), (2, "units"), (3, "")."""
    if isinstance(dim, int):
        return [(dim, "")]
    found = []
    for part in dim.split("+"):
        times, _, name = part.rpartition("*")
        found.append((int(part), "") if part.isdecimal() else (int(times or 1), name))
    return found


def _conv(expr: Expr, args: list[Dims]) -> Dims:
    kernel, maps = args
    if len(kernel) != MAPS + 1 or len(maps) != MAPS or kernel[1] != maps[-1]:
        message = (
            f"cannot slide {show_dims(kernel)} over {show_dims(maps)}: conv takes (out, in, rows, columns) over maps"
        )
        raise ExprError(f"{message} (rows, columns, in)", expr.column, expr.length)
    places = maps[:-1] if expr.window is None else tuple(_PLACES.get(dim, dim) for dim in maps[:-1])
    return (*places, kernel[0])


def _reduce(expr: Expr, args: list[Dims]) -> Dims:
    if len(args) > 1:
        return _alike(expr, args)
    _no_matrix(expr, args)
    return ()


SHAPES: Mapping[str, Reading] = {
    **dict.fromkeys(("add", "sub", "mul", "div", "neg", "option", "sqrt", "log", "abs"), _alike),
    **dict.fromkeys(ACTIVATIONS, _alike),
    **dict.fromkeys(("mean", "sum", "max", "min"), _reduce),
    "matmul": _matmul,
    "concat": _concat,
    "conv": _conv,
}


def shape_of(expr: Expr, names: Mapping[str, Dims]) -> Dims:
    """The shape of an expression, given the shape of every name in it. Raises ExprError."""
    if expr.op == "number":
        return ()
    if expr.op == "name":
        return names[expr.name]
    return SHAPES[expr.op](expr, [shape_of(arg, names) for arg in expr.args])


def size(dims: Dims, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """Symbols → numbers: ("units", "features") → (100, 1)."""
    return tuple(bound(dim, sizes) for dim in dims)


def bound(dim: Dim, sizes: Mapping[str, int]) -> int:
    """A size as a number; `concat` makes sizes such as `features+units`."""
    if isinstance(dim, int):
        return dim
    known = sizes.get(dim)
    if known is not None:
        return known
    return sum(times * sizes[name] if name else times for times, name in addends(dim))


@lru_cache(maxsize=64)
def shapes_in(cell: Cell) -> Mapping[str, Dims]:
    """Every name of the cell → its symbolic shape; raises CellError with all that cannot fit.

    A state's equation must give the state's own shape. What follows from a misfit is not judged.
    """
    names: dict[str, Dims] = {"x": cell.input, **cell.weights}
    for state, dims in cell.state.items():
        names[state + PREVIOUS] = dims
    problems: list[tuple[str, ExprError]] = []
    for quantity, expr in cell.equations.items():
        if any(name not in names for name in expr.names()):
            continue
        try:
            dims = names[quantity] = shape_of(expr, names)
            _no_matrix(expr, [dims])
            wanted = cell.state.get(quantity, dims)
            if dims != wanted:
                message = f"state {quantity!r} has shape {show_dims(wanted)}, its equation gives {show_dims(dims)}"
                raise ExprError(message, expr.column, expr.length)
        except ExprError as error:
            problems.append((quantity, error))
            if quantity in cell.state:
                names[quantity] = cell.state[quantity]
    if problems:
        raise CellError(problems)
    return MappingProxyType(names)
