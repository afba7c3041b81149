"""Names of Python variables for the tensors and layers of a model, in source text that people read."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Mapping
from keyword import iskeyword

from lstmdiag.model import Model

BESIDE = ("_scale", "_score_weight", "_dropout", "_state")
"""What names of variables end in that are made beside a layer."""


def variables(model: Model, taken: Iterable[str]) -> Mapping[str, str]:
    """A variable of its own for each reference, and for a layer itself under `NAME layer`."""
    references = [source.name for source in model.inputs]
    for layer in model.layers:
        references += [layer.name, *(f"{layer.name}.{part}" for part in (*layer.parts, *layer.states))]
    references += [f"{layer.name} layer" for layer in model.layers]
    return unique(references, taken)


def unique(names: Iterable[str], taken: Iterable[str]) -> Mapping[str, str]:
    """A variable for each name, none of them `taken`, built in, or like what is made beside a layer."""
    found: dict[str, str] = {}
    known = {*taken, *dir(builtins)}
    for each in names:
        name = identifier(each)
        while name in known or name.endswith(BESIDE):
            name += "_"
        known.add(name)
        found[each] = name
    return found


def identifier(name: str) -> str:
    found = re.sub(r"\W", "_", name)
    if not found.isidentifier():
        found = f"_{found}"
    return f"{found}_" if iskeyword(found) else found
