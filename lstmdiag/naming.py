"""Names of layers: as given, or Keras's default ones in a fresh session."""

from __future__ import annotations

import re
from collections import Counter

from lstmdiag.errors import Place, Problem
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


def snake_case(kind: str) -> str:
    """LSTM → lstm, RepeatVector → repeat_vector: Keras's rule (keras.src.utils.naming.to_snake_case)."""
    name = re.sub(r"\W+", "", kind)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
