"""The signals of a model by name, `encoder.c`, with the shape each has for one sample; and some of them, chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import prod

from lstmdiag.cells.shapes import shapes_in, size
from lstmdiag.errors import LstmdiagError, Problem, UsageError, nearest
from lstmdiag.layers.kind import Shape
from lstmdiag.layers.shapes import place_of
from lstmdiag.model import Layer, Model
from lstmdiag.running.steps import BEFORE, plan

MEMORY = 4 * 2**30
"""How many bytes a pass may hold, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One array of numbers, `layer` is the one that makes it (of a wrapper, the one inside)."""

    name: str
    layer: str
    shape: Shape
    timed: bool  # the first axis of the shape counts steps


def signals(model: Model) -> dict[str, Signal]:
    """Every signal that a pass makes, in the order it makes them."""
    found = [
        Signal(source.name, source.name, source.shape, len(source.shape) > 1 or source.dtype == "int")
        for source in model.inputs
    ]
    for layer in model.layers:
        found += _of(layer)
        found += [_plain(f"{layer.name}.{part}", layer, shape) for part, shape in layer.parts.items()]
        found.append(_plain(f"{layer.name}.output", layer, layer.output))
        if layer.mask_shape is not None:
            found.append(Signal(f"{layer.name}.mask", layer.name, layer.mask_shape, bool(layer.mask_shape)))
    return {signal.name: signal for signal in found}


def _plain(name: str, layer: Layer, shape: Shape) -> Signal:
    return Signal(name, layer.name, shape, len(shape) > 1)


def _of(layer: Layer) -> Iterator[Signal]:
    """What happens inside a layer."""
    if layer.inner and layer.backward:
        yield from (*_of(layer.inner), *_of(layer.backward))
    elif layer.inner:
        for signal in _of(layer.inner):
            yield Signal(signal.name, signal.layer, (layer.input[0], *signal.shape), True)
    elif layer.cell:
        dims = shapes_in(layer.cell)
        for name in plan(layer.cell).signals:
            quantity = name if name in dims else name.removeprefix(BEFORE)
            shape = size(dims[quantity], layer.sizes) or (1,)  # a plain number is a vector of one
            if layer.recurrent:
                yield Signal(f"{layer.name}.{name}", layer.name, (layer.input[0], *shape), True)
            elif name != layer.cell.output:
                yield _plain(f"{layer.name}.{name}", layer, _along_axis(layer, shape))
    elif layer.mask == "query":
        yield _plain(f"{layer.name}.weights", layer, (*layer.input[:-1], layer.input_shapes[1][-2]))


def _along_axis(layer: Layer, shape: tuple[int, ...]) -> Shape:
    """Of every vector along the axis that the layer works on."""
    place = place_of(getattr(layer.options, "axis", -1), layer.input)
    return (*layer.input[:place], *shape, *layer.input[place + 1 :])


def chosen(model: Model, patterns: Sequence[str], layers: Sequence[str]) -> frozenset[str]:
    """The names that fit a pattern, such as `encoder.c`, `*.a_*` or only `c`, of the layers named (none: of all).

    Raises UsageError where a pattern or a layer fits nothing.
    """
    every = signals(model)
    for name in layers:
        if not any(_within(signal, name) for signal in every.values()):
            names = {signal.name.rpartition(".")[0] or signal.name for signal in every.values()}
            raise UsageError(Problem(f"{model.name!r} has no layer {name!r}", hint=nearest(name, names)))
    of_layers = [name for name, signal in every.items() if not layers or any(_within(signal, on) for on in layers)]
    kept: set[str] = set()
    for pattern in patterns or ["*"]:
        fit = [name for name in of_layers if _fits(name, pattern)]
        if not fit:
            raise UsageError(Problem(f"there is no signal {pattern!r} here", hint=nearest(pattern, of_layers)))
        kept.update(fit)
    return frozenset(kept)


def _within(signal: Signal, layer: str) -> bool:
    """Whether it is the layer's own, or that of a layer inside."""
    return layer == signal.layer or signal.name == layer or signal.name.startswith(f"{layer}.")


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(name.rpartition(".")[2], pattern)


def places(at: Collection[int] | None, length: int) -> list[int]:
    """The steps among `at` (from 0; −1 is the last; None: all) that a sequence of this length has."""
    if at is None:
        return list(range(length))
    if len(at) > length:
        wanted = at if isinstance(at, frozenset) else frozenset(at)
        return [step for step in range(length) if step in wanted or step - length in wanted]
    counted = [step + length if step < 0 else step for step in at]
    return sorted({step for step in counted if 0 <= step < length})


def check_memory(
    model: Model, kept: Mapping[str, Signal], at: Collection[int] | None, samples: int, width: int, limit: int
) -> None:
    """Raises LstmdiagError, with the arithmetic, where a pass would hold more than `limit` bytes.

    `width` is the bytes of one number. Counted are the signals to keep, what passes between layers, and the weights.
    """
    parts: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for signal in kept.values():
        sizes = [n or 0 for n in signal.shape]
        steps = len(places(at, sizes[0])) if signal.timed and at is not None else sizes[0] if signal.timed else 1
        rest = sizes[1:] if signal.timed else sizes
        told = f"{steps:,} steps × {'×'.join(f'{n:,}' for n in rest) or 1} numbers"
        parts.setdefault((signal.layer, told), []).append((signal.name, steps * prod(rest)))
    terms = [
        (len(group) * group[0][1] * samples * width,
         f"{layer}: {len(group)} signal{'s' * (len(group) > 1)} × {told} × {samples:,} "
         f"sample{'s' * (samples > 1)} × {width} bytes")
        for (layer, told), group in parts.items()
    ]  # fmt: skip
    between = sum(prod(n or 0 for n in layer.output) for layer in model.layers)
    between += sum(prod(n or 0 for n in source.shape) for source in model.inputs)
    terms.append((between * samples * width, f"between layers: {between:,} numbers × {samples:,} × {width} bytes"))
    for layer in model.layers:
        if layer.mask == "query":
            pairs = _pairs(layer)
            terms.append((pairs * samples * width, f"{layer.name}: {pairs:,} pairs × {samples:,} × {width} bytes"))
    for layer in model.layers:
        if padded := _padded(layer):
            terms.append(
                (padded * samples * width, f"{layer.name}: {padded:,} padded numbers × {samples:,} × {width} bytes")
            )
    terms.append((model.params * 8, f"weights: {model.params:,} numbers × 8 bytes"))
    total = sum(size for size, _ in terms)
    if total > limit:
        largest = sorted(terms, reverse=True)[:3]
        message = f"this pass would hold {_bytes(total)}, {_bytes(limit)} are allowed"
        arithmetic = "; ".join(f"{text} = {_bytes(size)}" for size, text in largest)
        hint = "keep less with --signals, --layer and --steps, or take float32, fewer samples, or the toy twin"
        raise LstmdiagError(Problem(f"{message}: {arithmetic}", hint=hint))


def _pairs(layer: Layer) -> int:
    """Numbers that attention compares: a score, or a vector of sums, for each query step with each key step."""
    (*queries, features), keys = layer.input, layer.input_shapes[1][-2]
    whole = layer.kind == "AdditiveAttention" or layer.options.score_mode != "dot"
    return prod(n or 0 for n in queries) * (keys or 0) * ((features or 0) if whole else 1)


def _padded(layer: Layer) -> int:
    """Numbers that a window over steps reads with the padding around them."""
    options = layer.maths.options
    reach = getattr(options, "pool_size", None) or getattr(options, "kernel_size", None)
    if getattr(options, "padding", "valid") == "valid" or not isinstance(reach, int):
        return 0
    steps = (layer.input[0] or 0) + getattr(options, "dilation_rate", 1) * reach
    return steps * prod(n or 0 for n in layer.input[1:])


def _bytes(number: int) -> str:
    power = min((len(str(number)) - 1) // 3, 4)
    return f"{number / 1000**power:,.{min(power, 1)}f} {('bytes', 'kB', 'MB', 'GB', 'TB')[power]}"
