"""Which layers answer to each other: in order, by kind, by what runs inside, by name."""

from __future__ import annotations

from collections.abc import Sequence

from lstmdiag.layer import Layer
from lstmdiag.model import Model

Slot = tuple[Layer | None, ...]
"""One layer of each model, None where a model has none in this place."""

LARGEST = 250_000
"""Pairs of layers to look at; beyond it layers answer to each other by their place alone."""


def aligned(models: Sequence[Model]) -> list[Slot]:
    """The layers of all models, each once, in their order."""
    slots: list[Slot] = [(layer,) for layer in models[0].layers]
    for number, model in enumerate(models[1:], 1):
        slots = _joined(slots, model.layers, number)
    return slots


def likeness(a: Layer, b: Layer) -> int:
    """0 where they have nothing to do with each other."""
    if a.kind == b.kind:
        alike = 4
    elif a.recurrent and b.recurrent:
        alike = 3
    elif a.innermost.kind == b.innermost.kind:
        alike = 2
    else:
        return 0
    return alike + (a.name == b.name)


def _joined(slots: list[Slot], layers: Sequence[Layer], width: int) -> list[Slot]:
    """The slots with one model more: the choice of pairs, none crossing another, that are most alike in sum."""
    if len(slots) * len(layers) > LARGEST:
        return _by_place(slots, layers, width)
    best = [[0] * (len(layers) + 1) for _ in range(len(slots) + 1)]
    alike = [[max(likeness(each, layer) for each in slot if each) for layer in layers] for slot in slots]
    for i in reversed(range(len(slots))):
        for j in reversed(range(len(layers))):
            pair = alike[i][j] and alike[i][j] + best[i + 1][j + 1]
            best[i][j] = max(pair, best[i + 1][j], best[i][j + 1])
    found: list[Slot] = []
    i = j = 0
    while i < len(slots) or j < len(layers):
        inside = i < len(slots) and j < len(layers)
        if inside and alike[i][j] and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            found.append((*slots[i], layers[j]))
            i, j = i + 1, j + 1
        elif j == len(layers) or (inside and best[i][j] == best[i + 1][j]):
            found.append((*slots[i], None))
            i += 1
        else:
            found.append((*(None,) * width, layers[j]))
            j += 1
    return found


def _by_place(slots: list[Slot], layers: Sequence[Layer], width: int) -> list[Slot]:
    nothing: Slot = (None,) * width
    longest = range(max(len(slots), len(layers)))
    return [(*(slots[i] if i < len(slots) else nothing), layers[i] if i < len(layers) else None) for i in longest]
