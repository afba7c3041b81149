"""Which tensor a name means: the wiring of a model, and every way in which it can be wrong."""

from __future__ import annotations

from collections.abc import Sequence

from lstmdiag.errors import Problem, nearest
from lstmdiag.layer import Layer, show_shapes
from lstmdiag.layers.kind import Shape
from lstmdiag.model import ModelInput, shape_of, split
from lstmdiag.spec import LayerSpec, Ref, Spec

Tensors = tuple[str, ...]


class Wiring:
    """The inputs and layers that are known so far, by name; None where what it gives is not known.

    Problems that do not follow from earlier ones are added to `problems`; `asked` are the layers of which a
    state is named.
    """

    def __init__(self, spec: Spec, names: Sequence[str], problems: list[Problem]) -> None:
        self.problems = problems
        self.asked: set[str] = set()
        self.read: set[str] = set()
        self.known: dict[str, ModelInput | Layer | None] = {
            source.name: ModelInput.of(source) for source in spec.inputs
        }
        self.masks: dict[str, Shape] = {}  # of what carries a mask, its shape
        self._specs = dict(zip(reversed(names), reversed(spec.layers), strict=True))  # of a name given twice, the first
        self._specs = dict(reversed(self._specs.items()))
        self._all_named = all(names)  # else a reference may mean a layer that could not be read
        self._inputs = list(self.known)
        self._last = self._inputs[0] if len(self._inputs) == 1 else ""
        self._begun = False  # whether there is a layer before

    def add(self, name: str, layer: Layer | None) -> None:
        """A layer is bound; None where it cannot be."""
        first = name not in self.known
        if name:
            self.known.setdefault(name, layer)
        self._last, self._begun = name, True
        if first and layer and layer.mask_shape is not None:
            self.masks |= dict.fromkeys((name, *(f"{name}.{part}" for part in layer.parts)), layer.mask_shape)

    def sources(self, spec: LayerSpec, name: str) -> Tensors | None:
        """What the layer reads; None where that is not known."""
        if spec.sources is None:
            if self._begun or len(self._inputs) < 2:
                return self._tensors(self._last)
            message = f"{name!r} is the first layer and there are {len(self._inputs)} inputs: which does it read?"
            self.problems.append(Problem(message, spec.at, f"from: {self._inputs[0]}"))
            return None
        found = [self._find(ref, name) for ref in spec.sources]
        return None if None in found else tuple(tensor for tensors in found for tensor in tensors or ())

    def used(self, spec: LayerSpec, name: str) -> Layer | None:
        """The earlier layer that `use:` names; None where there is none, or it is not known."""
        try:
            owner, part = split(spec.use, self.known)
        except KeyError:
            if self._all_named:
                self.problems.append(self._dangling(Ref(spec.use, spec.at), name))
            return None
        if part or isinstance(owner, ModelInput):
            hint = f"use: {spec.use.removesuffix(f'.{part}')}" if part else f"from: {spec.use} reads it"
            self.problems.append(Problem(f"{spec.use!r} is no layer, and only layers are used again", spec.at, hint))
            return None
        return owner

    def _find(self, ref: Ref, asking: str) -> Tensors | None:
        try:
            owner, part = split(ref.text, self.known)
        except KeyError:
            if self._all_named:
                self.problems.append(self._dangling(ref, asking))
            return None
        name = ref.text.removesuffix(f".{part}") if part else ref.text
        self.read.add(name)
        if owner is None:
            return None
        if not part:
            return self._tensors(name)
        states, parts = (owner.states, owner.parts) if isinstance(owner, Layer) else ({}, {})
        if part not in states and part not in parts:
            self.problems.append(_no_part(ref, name, part, [*states, *parts], owner))
            return None
        if part in states:
            self.asked.add(name)
        return (ref.text,)

    def _tensors(self, name: str) -> Tensors | None:
        """What a bare name means: the output, or each of several outputs."""
        owner = self.known.get(name)
        if owner is None:
            return None
        self.read.add(name)
        if isinstance(owner, Layer) and owner.parts:
            return tuple(f"{name}.{part}" for part in owner.parts)
        return (name,)

    def _dangling(self, ref: Ref, asking: str) -> Problem:
        """A name that is not there, or not yet, or its own."""
        try:
            later, _ = split(ref.text, self._specs)
        except KeyError:
            return Problem(f"there is nothing called {ref.text!r}", ref.at, nearest(ref.text, self.known))
        circle = self._circle(later, asking)
        if circle:
            message = f"these layers need each other: {' → '.join(circle)}" if len(circle) > 2 else (
                f"{asking!r} reads itself"
            )  # fmt: skip
            return Problem(message, ref.at, "data flows one way; a layer's own past is in its states")
        message = f"{ref.text!r} comes later (line {later.at.line})"
        return Problem(message, ref.at, f"layers stand in the order the data flows: move {ref.text!r} up")

    def _circle(self, start: LayerSpec, asking: str) -> list[str]:
        """asking → … → asking, where what is read leads back to who reads; [] where it does not."""
        names = {id(spec): name for name, spec in self._specs.items()}
        order = list(self._specs)
        ways, seen = [[names[id(start)]]], {asking}
        while ways:
            way = ways.pop()
            at = self._specs[way[-1]]
            if way[-1] == asking:
                return [*reversed(way), way[0]]
            if way[-1] in seen:
                continue
            seen.add(way[-1])
            given = [*(at.sources or ()), *(at.initial_state or ())]
            before = order.index(way[-1]) - 1
            reads = [ref.text for ref in given] if at.sources is not None else [order[before]] if before >= 0 else []
            for text in reads:
                try:
                    spec, _ = split(text, self._specs)
                except KeyError:
                    continue
                if names[id(spec)] == asking:
                    return [asking, *reversed(way), asking]
                ways.append([*way, names[id(spec)]])
        return [asking, asking] if names[id(start)] == asking else []

    def initial_state(self, spec: LayerSpec, layer: Layer) -> Tensors:
        """A reference for each state of the layer; () for zeros. What does not fit is told."""
        refs = spec.initial_state
        if refs is None:
            return ()
        found = self._states_of(refs[0], layer) if spec.starts_as_one else None
        if found is None:
            each = [self._find(ref, layer.name) for ref in refs]
            if None in each:
                return ()
            found = tuple(tensor for tensors in each for tensor in tensors or ())
        if not found:
            return ()
        wanted = list(layer.states.items())
        given = [(reference, self.shape(reference)) for reference in found]
        if [shape for _, shape in wanted] != [shape for _, shape in given]:
            self.problems.append(_misfit_states(layer, wanted, given, refs[0]))
            return ()
        return found

    def _states_of(self, ref: Ref, layer: Layer) -> Tensors | None:
        """All states of a layer, by its name alone; () where it is not known, None where it is no such name."""
        owner = self.known.get(ref.text)
        if not isinstance(owner, Layer) or not owner.states:
            return () if ref.text in self.known and owner is None else None
        self.read.add(ref.text)
        self.asked.add(ref.text)
        return tuple(f"{ref.text}.{state}" for state in owner.states)

    def shape(self, reference: str) -> Shape:
        owner, part = split(reference, self.known)
        assert owner is not None
        return shape_of(owner, part)

    def mask(self, reference: str) -> Shape | None:
        return self.masks.get(reference)

    def outputs(self, refs: tuple[Ref, ...] | None) -> Tensors:
        """What the model gives out: the last layer's output where nothing is said."""
        if refs is None:
            return self._tensors(self._last) or ()
        found = [self._find(ref, "") for ref in refs]
        return tuple(tensor for tensors in found for tensor in tensors or ())

    def unread(self) -> list[str]:
        """Inputs and layers that lead nowhere."""
        return [name for name in self.known if name not in self.read]

    def line(self, name: str) -> str:
        spec = self._specs.get(name)
        return f" (line {spec.at.line})" if spec else ""


def _no_part(ref: Ref, name: str, part: str, allowed: list[str], owner: ModelInput | Layer) -> Problem:
    what = f"a {owner.kind}" if isinstance(owner, Layer) else "an input"
    if not allowed:
        return Problem(f"{name!r} is {what} and has no state {part!r}", ref.at, f"its output is {name}")
    return Problem(f"{name!r} has no state {part!r}", ref.at, nearest(part, allowed))


def _misfit_states(
    layer: Layer, wanted: Sequence[tuple[str, Shape]], given: Sequence[tuple[str, Shape]], ref: Ref
) -> Problem:
    message = f"{layer.name!r} starts with {show_shapes(wanted)}, but is given {show_shapes(given)}"
    hint = f"one for each, in this order: {', '.join(name for name, _ in wanted)}"
    if [shape[:-1] for _, shape in wanted] == [shape[:-1] for _, shape in given]:
        hint = f"make both as wide, or put a Dense of {wanted[0][1][-1]} between"
    return Problem(message, ref.at, hint)
