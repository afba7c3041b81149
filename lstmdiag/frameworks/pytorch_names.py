"""Names in a state_dict of PyTorch: `lstm.weight_ih_l1_reverse` is of the second layer of a stack called lstm."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lstmdiag.frameworks.file_contents import FileArray, Group
from lstmdiag.frameworks.storage import FrameworkRow

_NAME = re.compile(r"(?:(?P<path>.*)\.)?(?P<name>\w+?)(?:_l(?P<number>\d+)(?P<way>_reverse)?)?", re.DOTALL)


def groups(flat: Mapping[str, FileArray], rows: Mapping[str, FrameworkRow]) -> tuple[Group, ...]:
    """The arrays of each layer by their names in it, layers in the order of their names.

    A group may be any of the kinds whose arrays fit. Empty where no parameter has a name that is in the rows.
    """
    known = {_parts(array.name)["name"] for row in rows.values() for array in row.arrays}
    return tuple(_groups(flat, rows)) if any(_parts(name)["name"] in known for name in flat) else ()


def _parts(name: str) -> dict[str, Any]:
    found = _NAME.fullmatch(name)
    return found.groupdict() if found else {"path": "", "name": "", "number": None, "way": None}


def _groups(flat: Mapping[str, FileArray], rows: Mapping[str, FrameworkRow]) -> Iterator[Group]:
    layers: dict[str, dict[str, FileArray]] = {}
    stacks: dict[str, str] = {}
    for name, held in flat.items():
        parts = _parts(name)
        if parts["name"] == "num_batches_tracked":
            continue
        number = parts["number"]
        layer = (parts["path"] or "") + (f"_l{number}" if number and int(number) else "")
        if number:
            stacks[layer] = parts["path"] or "?"
        own = parts["name"] + (f"_l0{parts['way'] or ''}" if number else "")
        layers.setdefault(layer, {})[own] = held
    for name in sorted(layers, key=lambda name: (stacks.get(name, name), len(name), name)):  # _l10 comes after _l2
        shapes = {own: held.shape for own, held in layers[name].items()}
        kinds = tuple(kind for kind, row in rows.items() if row.fits and row.fits(shapes))
        yield Group(name, layers[name], kinds, stack=stacks.get(name, ""))
