"""Names of Python variables for the tensors and layers of a model, in source text that people read."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Mapping
from keyword import iskeyword

from lstmdiag.model import Model


def variables(model: Model, taken: Iterable[str]) -> Mapping[str, str]:
    """A variable of its own for each reference, and for a layer itself under `NAME layer`."""
    references = [source.name for source in model.inputs]
    for layer in model.layers:
        references += [layer.name, *(f"{layer.name}.{part}" for part in (*layer.parts, *layer.states))]
    references += [f"{layer.name} layer" for layer in model.layers]
    found: dict[str, str] = {}
    known = {*taken, *dir(builtins)}
    for reference in references:
        name = identifier(reference)
        while name in known:
            name += "_"
        known.add(name)
        found[reference] = name
    return found


def identifier(name: str) -> str:
    found = re.sub(r"\W", "_", name)
    if not found.isidentifier():
        found = f"_{found}"
    return f"{found}_" if iskeyword(found) else found
