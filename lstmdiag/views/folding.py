"""Equal blocks of layers in a row, of which one is drawn and the others are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lstmdiag.layer import Layer
from lstmdiag.model import Model

REPEATS = 3  # so many equal blocks in a row are drawn once
LONGEST_BLOCK = 8  # layers


@dataclass(frozen=True, slots=True)
class Block:
    """Layers drawn one by one, and the equal ones after them that are not."""

    drawn: tuple[Layer, ...]
    left_out: tuple[Layer, ...]

    @property
    def times(self) -> int:
        return 1 + len(self.left_out) // len(self.drawn)


def blocks(model: Model, *, fold: bool = True) -> Iterator[Block]:
    """All layers, none before those that it reads; of equal blocks in a row, if they `fold`, the first is drawn."""
    if not fold:
        yield from (Block((layer,), ()) for layer in model.layers)
        return
    for row in rows(model):
        looks = [_look(layer) for layer in row]
        start = 0
        while start < len(row):
            size, times = _repeated(looks, start)
            middle, end = start + size, start + size * times
            yield Block(tuple(row[start:middle]), tuple(row[middle:end]))
            start = end


def rows(model: Model) -> list[list[Layer]]:
    """Layers in a row: each but the first reads the one before and nothing else, and nothing else reads that one."""
    read = [reference for layer in model.layers for reference in (*layer.inputs, *layer.initial_state)]
    readers = Counter(model.owner(reference)[0].name for reference in (*read, *model.outputs))
    chains: list[list[Layer]] = []
    ends: dict[str, list[Layer]] = {}
    for layer in model.layers:
        alone = len(layer.inputs) == 1 and not layer.initial_state and readers[layer.inputs[0]] == 1
        row = ends.pop(layer.inputs[0], None) if alone else None
        if row is None:
            row = []
            chains.append(row)
        row.append(layer)
        ends[layer.name] = row
    return chains


def _look(layer: Layer) -> object:
    return layer.call, layer.input_shapes, layer.output, layer.initial_state, layer.shared


def _repeated(looks: Sequence[object], start: int) -> tuple[int, int]:
    """(size of the block that begins here, how often it comes); (1, 1) where that is not often enough."""
    for size in range(1, LONGEST_BLOCK + 1):
        block, times = looks[start : start + size], 1
        while looks[start + times * size : start + (times + 1) * size] == block:
            times += 1
        if times >= REPEATS:
            return size, times
    return 1, 1
