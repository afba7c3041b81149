"""What reaches one unit: a reading of a cell's equations, weight by weight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import prod

from lstmdiag.analysis.cells import projects
from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.cells.expr import Expr
from lstmdiag.cells.shapes import shapes_in, size
from lstmdiag.layer import CellLayer, Weight


@dataclass(frozen=True, slots=True)
class Source:
    """A vector, or a stack of maps, that every unit reads in whole: `x`, or a state of the last step."""

    name: str  # x, or the state's name
    size: int  # how many numbers it holds
    weights: tuple[Weight, ...]  # each gives one scalar weight to every (unit, number) pair

    @property
    def vector(self) -> str:
        """As equations call it: x, h_prev."""
        return _vector(self.name)

    @property
    def per_number(self) -> int:
        return sum(prod(weight.shape[2:]) for weight in self.weights)


def _vector(source: str) -> str:
    """x, or a state as of the last step: h_prev."""
    return source if source == "x" else source + PREVIOUS


@dataclass(frozen=True)
class FanIn:
    """All that one unit reads, and through how many weights."""

    sources: tuple[Source, ...]
    biases: tuple[Weight, ...]
    own: tuple[Weight, ...]  # elementwise weights on the unit's own values (peepholes)
    within: tuple[Weight, ...]  # matrices on values of the same step alone
    exchanged: tuple[str, ...]  # values of the same step that pass between units
    private: tuple[str, ...]  # states that no other unit reads
    projection: tuple[Weight, ...]  # weights of a state made from this step's values of all units: no unit's own

    @property
    def inputs(self) -> int:
        """F + H + 1 where there is a bias: how many numbers a unit reads."""
        return sum(source.size for source in self.sources) + bool(self.biases)

    @property
    def weights(self) -> int:
        """Scalar weights of one unit."""
        drawn = sum(source.size * source.per_number for source in self.sources) + len(self.biases)
        return drawn + len(self.own) + sum(prod(weight.shape[1:]) for weight in self.within)

    @property
    def per_line(self) -> int | None:
        """Weights, or kernels, that join each number, or map, to a unit, if it is the same for all of them."""
        counts = {len(source.weights) for source in self.sources} | ({len(self.biases)} if self.biases else set())
        return counts.pop() if len(counts) == 1 else None

    @property
    def per_input(self) -> int | None:
        """Scalar weights of each number that is read, if it is the same for all of them."""
        counts = {count for count, _ in self._terms()}
        return counts.pop() if len(counts) == 1 else None

    def _terms(self) -> list[tuple[int, int]]:
        """(weights for each number, numbers)"""
        terms = [(source.per_number, source.size) for source in self.sources]
        return terms + ([(len(self.biases), 1)] if self.biases else [])

    def derivation(self) -> str:
        """`4 × (1 + 3 + 1)`, and what else the unit owns; a sum of products where numbers differ in their weights."""
        terms, each = self._terms(), self.per_input
        counts = {source.per_number for source in self.sources}
        if len(counts) == 1 and len(self.biases) % (count := counts.pop()) == 0 and self.biases:
            terms, each = [*terms[:-1], (count, len(self.biases) // count)], count  # two biases a gate: 3 × (F + H + 2)
        area = self.sources[0].per_number // len(self.sources[0].weights) if self.sources else 1
        if self.per_line and area > 1:  # kernels of this many weights
            sizes = " + ".join(f"{source.size:,}" for source in self.sources)
            inner = f"{area} × ({sizes})" if len(self.sources) > 1 else f"{area} × {sizes}"
            return f"{self.per_line} × ({inner}{' + 1' if self.biases else ''})"
        parts = [f"{count} × {size:,}" for count, size in terms]
        if each:
            sizes = " + ".join(f"{size:,}" for _, size in terms)
            brackets = f"({sizes})" if len(terms) > 1 else sizes
            parts = [sizes if each == 1 else f"{each} × {brackets}"]
        parts += [f"{prod(weight.shape[1:]):,}" for weight in self.within]
        return " + ".join(parts + ([str(len(self.own))] if self.own else []))


def fan_in(layer: CellLayer) -> FanIn:
    """Read the layer's equations: which vector each matrix multiplies, which maps each kernel slides over."""
    return _fan_in(layer.cell, layer.weights, tuple(layer.sizes.items()))


@lru_cache(
    maxsize=256
)  # several parts of a picture ask it of one layer; alike layers have one cell and the same weights
def _fan_in(cell: Cell, weights: tuple[Weight, ...], sizes: tuple[tuple[str, int], ...]) -> FanIn:
    shapes, numbers = shapes_in(cell), dict(sizes)
    read: dict[str, list[Weight]] = {}
    within: list[Weight] = []
    exchanged: dict[str, None] = {}
    matrices: dict[str, list[str]] = {}
    projection = tuple(w for w in weights if w.quantity in cell.state and projects(cell, w.quantity))
    for name, vector in _products(cell):
        matrices.setdefault(name, []).extend(vector.names())
    for weight in weights:
        if weight.name not in matrices or weight in projection:
            continue
        names = list(dict.fromkeys(matrices[weight.name]))
        sources = [n.removesuffix(PREVIOUS) for n in names if n == "x" or n.removesuffix(PREVIOUS) != n]
        exchanged.update(dict.fromkeys(n for n in names if n in cell.equations))
        for source in sources:
            read.setdefault(source, []).append(weight)
        if not sources:
            within.append(weight)
    vectors = [w for w in weights if w.name not in matrices and w not in projection]
    return FanIn(
        sources=tuple(
            Source(name, size(shapes[_vector(name)], numbers)[-1], tuple(read[name]))
            for name in ("x", *cell.state)
            if name in read
        ),
        biases=tuple(w for w in vectors if w.part == "b"),
        own=tuple(w for w in vectors if w.part != "b"),
        within=tuple(within),
        exchanged=tuple(exchanged),
        private=tuple(
            state
            for state, dims in cell.state.items()
            if dims[-1:] == ("units",) and state not in read and state != cell.output and state not in exchanged
        ),
        projection=projection,
    )


def _products(cell: Cell) -> Iterator[tuple[str, Expr]]:
    """(weight, the vector it multiplies) for every matrix product of the cell."""
    for expr in cell.equations.values():
        for part in expr.walk():
            if part.op in ("matmul", "conv") and part.args[0].name in cell.weights:
                yield part.args[0].name, part.args[1]
