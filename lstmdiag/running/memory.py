"""What a pass holds at once, counted before it is made: what is kept, and what each layer needs while it runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from math import prod

from lstmdiag.cells.cell import Cell, Dims
from lstmdiag.cells.expr import ACTIVATIONS, Expr
from lstmdiag.cells.shapes import shape_of, shapes_in, size
from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.layer import Layer, RecurrentLayer
from lstmdiag.model import Model
from lstmdiag.running.effort import pairs, rows
from lstmdiag.running.signals import Signal, numbers_in, places
from lstmdiag.running.steps import AT_ONCE, plan

COPIES = 4
"""Arrays as large as the largest one that are needed while weights are made, read or put together."""

FUNCTION = {"linear": 0, "gelu": 8}
"""Arrays as large as the result that a function needs on the way (gelu: objects of Python); else three."""

Term = tuple[int, str]


def check_memory(
    model: Model, kept: Mapping[str, Signal], at: Collection[int] | None, samples: int, width: int, limit: int
) -> None:
    """Raises LstmdiagError, with the arithmetic, where a pass would hold more than `limit` bytes.

    `width` is the bytes of one number. Counted are the signals to keep, what passes between layers, the weights, and
    of what layers need while they run the most that one of them does.
    """
    terms = [(count * samples * width, f"{text} × {samples:,} sample{'s' * (samples > 1)} × {width} bytes")
             for count, text in _signals(kept, at)]  # fmt: skip
    terms += [(count * samples * width, f"{text} × {samples:,} × {width} bytes") for count, text in _between(model)]
    terms.append(max((count * samples * width, f"{text} × {samples:,} × {width} bytes")
                     for layer in model.layers for count, text in _working(layer)))  # fmt: skip
    terms += [(count * 8, f"{text} × 8 bytes") for count, text in _weights(model)]
    total = sum(count for count, _ in terms)
    if total > limit:
        largest = sorted(terms, reverse=True)[:3]
        message = f"this pass would hold {_bytes(total)}, {_bytes(limit)} are allowed"
        arithmetic = "; ".join(f"{text} = {_bytes(count)}" for count, text in largest)
        hint = "keep less with --signals, --layer and --steps, or take float32, fewer samples, or the toy twin"
        raise LstmdiagError(Problem(f"{message}: {arithmetic}", hint=hint))


def _signals(kept: Mapping[str, Signal], at: Collection[int] | None) -> Iterator[Term]:
    """Those to keep, alike ones together."""
    parts: dict[tuple[str, str], list[int]] = {}
    for signal in kept.values():
        sizes = [n or 0 for n in signal.shape]
        steps = len(places(at, sizes[0])) if signal.timed and at is not None else sizes[0] if signal.timed else 1
        rest = sizes[1:] if signal.timed else sizes
        told = f"{steps:,} steps × {'×'.join(f'{n:,}' for n in rest) or 1} numbers"
        parts.setdefault((signal.layer, told), []).append(steps * prod(rest))
    for (layer, told), group in parts.items():
        yield sum(group), f"{layer}: {len(group)} signal{'s' * (len(group) > 1)} × {told}"


def _between(model: Model) -> Iterator[Term]:
    """What stays until the pass has ended."""
    between = sum(numbers_in(layer.output) for layer in model.layers)
    between += sum(numbers_in(source.shape) for source in model.inputs)
    yield between, f"between layers: {between:,} numbers"
    for layer in model.layers:
        for each in layer.directions:
            if isinstance(each, RecurrentLayer):
                states = sum(map(numbers_in, each.states.values()))
                ends = 2 * rows(layer) * states
                yield ends, f"{each.name}: {ends:,} numbers of states before and after"
            if layer.backward:
                yield numbers_in(each.output), f"{each.name}: {numbers_in(each.output):,} numbers of one direction"


def _weights(model: Model) -> Iterator[Term]:
    yield model.params, f"weights: {model.params:,} numbers"
    most = max(sum(weight.count for weight in each.weights) for layer in model.layers for each in layer.directions)
    yield COPIES * most, f"copies of weights: {COPIES} × {most:,} numbers"


def _working(layer: Layer) -> Iterator[Term]:
    """The numbers of one sample that exist only while the layer runs."""
    for each in layer.directions:
        times = rows(layer)
        if each.cell:
            vectors = (
                times if each.recurrent else times * numbers_in(each.input) // max(each.sizes.get("features", 1), 1)
            )
            count = vectors * _of_cell(each.cell, each.sizes)
            if each.recurrent:  # what x gives is made for many steps at once
                count += min(2 * AT_ONCE, (each.input[0] or 0) * count)
            yield count, f"{each.name}: {count:,} numbers while it runs"
        elif each.mask == "query":
            compared = 4 * pairs(each)
            yield times * compared, f"{each.name}: 4 × {times * pairs(each):,} pairs"
        else:
            count = times * 3 * (sum(map(numbers_in, each.input_shapes)) + numbers_in(each.output))
            yield count, f"{each.name}: {count:,} numbers while it runs"
        if padded := times * _padded(each):
            yield 2 * padded, f"{each.name}: 2 × {padded:,} padded numbers"


def _of_cell(cell: Cell, sizes: Mapping[str, int]) -> int:
    """The numbers of one step: all quantities, states twice, and what the largest equation needs on the way."""
    dims = shapes_in(cell)
    quantities = [name if name in dims else name.removeprefix("a_") for name in plan(cell).signals]
    known = [*quantities, *cell.state, *cell.state, "x"]
    whole = sum(prod(size(dims[name], sizes)) for name in known)
    return whole + max(_evaluating(expr, dims, sizes)[1] for expr in cell.equations.values())


def _evaluating(expr: Expr, dims: Mapping[str, Dims], sizes: Mapping[str, int]) -> tuple[int, int]:
    """(numbers of the result, the most that exist at once until it is there). Names have their numbers elsewhere."""
    if not expr.args:
        return 0, 0
    before, most = 0, 0
    for arg in expr.args:
        result, on_the_way = _evaluating(arg, dims, sizes)
        most = max(most, before + on_the_way)
        before += result
    made = prod(size(shape_of(expr, dims), sizes))
    extra = FUNCTION.get(expr.op, 3) * made if expr.op in ACTIVATIONS else 0
    if expr.op == "conv":
        kernel, maps = (size(shape_of(arg, dims), sizes) for arg in expr.args)
        extra = 2 * prod(maps) + made // max(kernel[0], 1) * prod(kernel[1:])
    return made, max(most, before + extra + made)


def _padded(layer: Layer) -> int:
    """Numbers that a window over steps reads with the padding around them."""
    if layer.window is None or layer.window.padding == "valid":
        return 0
    steps = (layer.input[0] or 0) + layer.window.dilation * layer.window.size
    return steps * prod(n or 0 for n in layer.input[1:])


def _bytes(number: int) -> str:
    power = min((len(str(number)) - 1) // 3, 4)
    return f"{number / 1000**power:,.{min(power, 1)}f} {('bytes', 'kB', 'MB', 'GB', 'TB')[power]}"
