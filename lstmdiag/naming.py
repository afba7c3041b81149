"""Names of layers, as given or Keras's default ones in a fresh session; and the call that makes a layer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from lstmdiag.errors import Place, Problem
from lstmdiag.layer import Layer, inside
from lstmdiag.layers.kind import shown_options
from lstmdiag.spec import LayerSpec, Spec


class Names:
    """`given[i]` are the names of layer i and of the layers it wraps; `problems` tells names given twice."""

    def __init__(self, spec: Spec) -> None:
        self.problems: list[Problem] = []
        self._first: dict[str, Place] = {source.name: source.at for source in spec.inputs}
        self._counts: Counter[str] = Counter()
        self.given = [self._of(layer) for layer in spec.layers]
        # Keras lets what is wrapped have the name of another layer; here weights and signals bear it
        often = Counter(name for names in self.given for name in names)
        self.given = [
            (own, *(f"{own}.{name}" if often[name] > 1 else name for name in inside)) for own, *inside in self.given
        ]

    def _of(self, spec: LayerSpec) -> tuple[str, ...]:
        name, *inside = self._own(spec)
        if not name:
            return ("",)
        if name in self._first:
            at = spec.option_at.get("name", spec.at)
            message = f"the name {name!r} is taken already (line {self._first[name].line})"
            self.problems.append(Problem(message, at, "names are unique in a model"))
        self._first.setdefault(name, spec.at)
        return (name, *inside)

    def _own(self, spec: LayerSpec) -> tuple[str, ...]:
        """Keras makes, and so counts, what is wrapped before its wrapper."""
        inside = self._own(spec.inner) if spec.inner else ()
        name = spec.options.name
        if name is None and (spec.readable or spec.use):
            name = self._default(f"{spec.use}_again" if spec.use else snake_case(spec.kind.name))
        return (name or "", *inside)

    def _default(self, base: str) -> str:
        number = self._counts[base]
        self._counts[base] += 1
        return f"{base}_{number}" if number else base


def ambiguous(names: Mapping[str, Place], layers: Collection[Layer]) -> Iterator[Problem]:
    """Names of inputs and layers, with where they stand, that mean a part of another layer too: `lstm.h`."""
    owners: dict[str, Layer] = {}
    parts = [(layer, [*_parts(layer)]) for layer in layers]
    for layer, own in parts:
        for part in own:
            owners.setdefault(part, layer)
    yield from (_twice(name, at, owners[name]) for name, at in names.items() if name in owners)
    for layer, own in parts:  # of layers inside
        part = next((part for part in own if owners[part] is not layer), "")
        if part and not {layer.name, owners[part].name} & owners.keys():
            yield _twice(part, names[layer.name], owners[part])


def _parts(layer: Layer) -> Iterator[str]:
    """What bears the layer's name and a dot: layers inside, states, signals."""
    yield from (each.name for each in inside(layer))
    for each in (layer, *inside(layer)):
        made = each.cell.equations if each.cell else {}
        signals = {*each.states, *each.parts, *made, *(f"a_{name}" for name in made), "output", "mask", "weights"}
        yield from (f"{each.name}.{part}" for part in sorted(signals))


def _twice(name: str, at: Place, other: Layer) -> Problem:
    line = f" (line {other.at.line})" if other.at else ""
    hint = f"another name, such as {name.replace('.', '_')}"
    return Problem(f"the name {name!r} means a part of {other.name!r} too{line}", at, hint)


def snake_case(kind: str) -> str:
    """LSTM → lstm, RepeatVector → repeat_vector: Keras's rule (keras.src.utils.naming.to_snake_case)."""
    name = re.sub(r"\W+", "", kind)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def call(spec: LayerSpec, inner: str = "") -> str:
    """The layer as one would write it in Python, with the options that were set."""
    parts: list[str] = [inner] if inner else []
    for option in shown_options(spec.kind.options):
        if option in spec.kind.hidden or option not in spec.options.model_fields_set or (inner and option == "layer"):
            continue
        value = getattr(spec.options, option)
        if value == spec.kind.options.model_fields[option].default:
            continue
        shown = f'"{value}"' if isinstance(value, str) else repr(value)
        parts.append(shown if option == spec.kind.first else f"{option}={shown}")
    parts.sort(key=lambda part: "=" in part.partition("(")[0])
    return f"{spec.kind.name}({', '.join(parts)})"
