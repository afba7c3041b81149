"""Which layer of a file is which layer of the spec, by the graphs of both: structure, names, or order in a chain.

Layers that hand on what they read at prediction, such as Dropout, are left out on both sides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from lstmdiag.frameworks.keras_config import FileLayer, FileModel, Tensor
from lstmdiag.frameworks.keras_options import IDLE
from lstmdiag.layer import Layer
from lstmdiag.layers import KINDS
from lstmdiag.model import Model, ModelInput

MOST_PAIRS = 250_000
"""Chains whose lengths multiply to more are not aligned."""

K = TypeVar("K")
V = TypeVar("V")


class Pairs(dict[K, V], Generic[K, V]):
    """What belongs together, each side once."""

    def __init__(self) -> None:
        self.back: dict[V, K] = {}

    def bind(self, ours: K, theirs: V) -> bool:
        """Whether these two belong together, or can from now on."""
        if ours not in self and theirs not in self.back:
            self[ours], self.back[theirs] = theirs, ours
        return self.get(ours) == theirs


@dataclass
class Matched:
    """What has been matched: layers that have weights or could have, uses of them, inputs."""

    layers: Pairs[str, str] = field(default_factory=Pairs)  # name in the spec → name in the file
    uses: Pairs[str, tuple[str, int]] = field(default_factory=Pairs)  # in the spec → in the file, and which call
    inputs: Pairs[str, str] = field(default_factory=Pairs)
    whole: bool = False  # the graphs are the same, but for options


class Sides:
    """Both graphs; what has no partner there is left out, and its first input stands for it."""

    def __init__(self, model: Model, file: FileModel) -> None:
        self.model, self.file = model, file
        used = _reached(file)
        self.ours = {layer.name: layer for layer in model.layers if layer.innermost.kind not in IDLE}
        self.theirs = {
            name: each for name, each in file.layers.items()
            if name in used and innermost(each).kind not in ("InputLayer", *IDLE)
        }  # fmt: skip
        self.again: dict[str, list[str]] = {}  # layer of the spec → where its weights are used again
        for layer in self.ours.values():
            if layer.shared:
                self.again.setdefault(layer.shared, []).append(layer.name)

    def our_source(self, reference: str, kept: Collection[str] = ()) -> tuple[ModelInput | Layer, int]:
        """What a reference means: an input or a layer that computes, and which of its outputs. `kept` narrows these."""
        owner, _ = self.model.owner(reference)
        while isinstance(owner, Layer) and owner.name == reference and not self._has(owner.name, self.ours, kept):
            reference = owner.inputs[0]
            owner, _ = self.model.owner(reference)
        return owner, 0 if isinstance(owner, ModelInput) else _number(owner, reference)

    def their_source(self, tensor: Tensor, kept: Collection[str] = ()) -> Tensor | None:
        """The same in the file; None where nothing is read."""
        for _ in range(len(self.file.layers) + 1):
            layer = self.file.layers[tensor.layer]
            if layer.kind == "InputLayer":
                return tensor
            if tensor.output or self._has(tensor.layer, self.theirs, kept):
                same = tensor.output == 1 and _has_state(layer.kind) and not layer.options.get("return_sequences")
                return Tensor(tensor.layer, tensor.call, 0) if same else tensor
            inputs = layer.calls[tensor.call].inputs
            if not inputs:
                return None
            tensor = inputs[0]
        return None

    @staticmethod
    def _has(name: str, side: Collection[str], kept: Collection[str]) -> bool:
        return name in side and (not kept or name in kept)

    def uses_of(self, name: str) -> list[str]:
        """A layer of the spec, and where it is used again."""
        return [name, *self.again.get(name, ())]


def _has_state(kind: str) -> bool:
    """Whether a layer of this kind gives, without sequences, its first state: recurrent ones do, wrappers join two."""
    return kind in KINDS and KINDS[kind].recurrent and not KINDS[kind].wraps


def _number(layer: Layer, reference: str) -> int:
    """Which output it is, as Keras counts them: the output or both directions', then the states."""
    every = [f"{layer.name}.{part}" for part in layer.parts] or [layer.name]
    every += [f"{layer.name}.{state}" for state in layer.states]
    number = every.index(reference)
    return 0 if number == 1 and _has_state(layer.kind) and not layer.returns_sequences else number


def innermost(layer: FileLayer) -> FileLayer:
    """Of a wrapper the layer that computes."""
    return innermost(layer.inner) if layer.inner else layer


def _reached(file: FileModel) -> set[str]:
    """The layers that numbers come from: Keras 3 has operations on masks among its layers."""
    seen: set[Tensor] = set()
    ahead = list(file.outputs)
    while ahead:
        tensor = ahead.pop()
        use = Tensor(tensor.layer, tensor.call)
        if use not in seen:
            seen.add(use)
            calls = file.layers[tensor.layer].calls
            ahead += [each for call in calls[tensor.call : tensor.call + 1] for each in (*call.inputs, *call.states)]
    return {tensor.layer for tensor in seen}


def matched(sides: Sides) -> Matched | None:
    """Names first, if all fit and the classes do; then structure, if both graphs are the same; then the order of chains
    that can be aligned in one way; then the names of all layers of one side. None where nothing is sure.
    """
    ours, theirs = ({name: layer.kind for name, layer in side.items()} for side in (sides.ours, sides.theirs))
    ours = {name: kind for name, kind in ours.items() if not sides.ours[name].shared}
    named = _named(sides, ours) if ours == theirs else None
    whole = _by_structure(sides)
    if whole and (named is None or named.layers == whole.layers):
        return whole
    if named:
        return named
    aligned = _by_order(sides)
    if aligned:
        return aligned
    shared = {name for name in ours if ours[name] == theirs.get(name)}
    return _named(sides, shared) if shared in (ours.keys(), theirs.keys()) or ours.keys() == theirs.keys() else None


def _named(sides: Sides, names: Collection[str]) -> Matched:
    found = Matched()
    for name in names:
        _add(found, sides, name, name)
    return found


def _add(found: Matched, sides: Sides, ours: str, theirs: str) -> None:
    found.layers.bind(ours, theirs)
    for call, use in enumerate(sides.uses_of(ours)):
        if call < len(sides.theirs[theirs].calls):
            found.uses.bind(use, (theirs, call))


def _by_structure(sides: Sides) -> Matched | None:
    """From the outputs back to the inputs, step by step on both sides. None where the graphs differ."""
    found = Matched(whole=True)
    model, file = sides.model, sides.file
    if len(model.outputs) != len(file.outputs):
        return None
    ahead = list(zip(model.outputs, file.outputs, strict=True))
    while ahead:
        reference, tensor = ahead.pop()
        (ours, number), source = sides.our_source(reference), sides.their_source(tensor)
        if source is None:
            return None
        theirs = file.layers[source.layer]
        if isinstance(ours, ModelInput):
            if theirs.kind != "InputLayer" or not found.inputs.bind(ours.name, theirs.name):
                return None
            continue
        if ours.kind != theirs.kind or number != source.output:
            return None
        known = ours.name in found.uses
        owner = ours.shared or ours.name
        if not found.layers.bind(owner, theirs.name) or not found.uses.bind(ours.name, (theirs.name, source.call)):
            return None
        call = theirs.calls[source.call]
        if len(call.inputs) != len(ours.inputs) or len(call.states) != len(ours.initial_state):
            return None
        if not known:
            ahead += zip(ours.inputs, call.inputs, strict=True)
            ahead += zip(ours.initial_state, call.states, strict=True)
    return found


def _by_order(sides: Sides) -> Matched | None:
    """Of two chains, aligned by classes; one layer that stands in place of one other is its partner too."""
    ours, theirs = list(sides.ours.values()), list(_chain(sides))
    if not sides.model.chain or not theirs or len(ours) * len(theirs) > MOST_PAIRS:
        return None
    pairs = aligned([layer.kind for layer in ours], [layer.kind for layer in theirs])
    if pairs is None:
        return None
    found = Matched()
    before = (-1, -1)
    for pair in (*pairs, (len(ours), len(theirs))):
        if pair[0] - before[0] == pair[1] - before[1] == 2:
            _add(found, sides, ours[before[0] + 1].name, theirs[before[1] + 1].name)
        if pair[0] < len(ours):
            _add(found, sides, ours[pair[0]].name, theirs[pair[1]].name)
        before = pair
    return found


def _chain(sides: Sides) -> Iterator[FileLayer]:
    """The layers of the file, if each reads the one before it and nothing else; else none."""
    order: list[FileLayer] = []
    tensor = sides.their_source(sides.file.outputs[0]) if len(sides.file.outputs) == 1 else None
    while tensor and sides.file.layers[tensor.layer].kind != "InputLayer" and len(order) <= len(sides.theirs):
        layer = sides.theirs[tensor.layer]
        order.append(layer)
        call = layer.calls[0]
        tensor = sides.their_source(call.inputs[0]) if len(call.inputs) == len(layer.calls) == 1 else None
        if call.states:
            return
    if tensor and len(order) == len(sides.theirs):
        yield from reversed(order)


def aligned(ours: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int]] | None:
    """The longest common subsequence, as pairs of places; None where there are several such, or nothing in common."""
    rows, columns = len(ours), len(theirs)
    longest = [[0] * (columns + 1) for _ in range(rows + 1)]
    number = [[1] * (columns + 1) for _ in range(rows + 1)]  # of different ones that are as long
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            down, right, both = (i + 1, j), (i, j + 1), (i + 1, j + 1)
            same = ours[i] == theirs[j]
            length = max(longest[i + 1][j], longest[i][j + 1], longest[i + 1][j + 1] + same)
            longest[i][j] = length
            ways = [(down, 1, 0), (right, 1, 0), (both, -1, 0), *([(both, 1, 1)] if same else [])]
            number[i][j] = sum(sign * number[x][y] for (x, y), sign, more in ways if longest[x][y] + more == length)
    if not longest[0][0] or number[0][0] != 1:
        return None
    pairs, i, j = [], 0, 0
    while i < rows and j < columns:
        if ours[i] == theirs[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] == longest[i][j]:
            i += 1
        else:
            j += 1
    return pairs
