"""Keras's weights in HDF5, as Keras 3 saves them, or as Keras 2 and `model.save("x.h5")` do.

No link inside a file is followed, every object is visited once, and no number is read yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lstmdiag.errors import LstmdiagError, Problem

Layer = tuple[str, str, list[Any]]
"""(name, key of Keras 3, its datasets in order)."""


@dataclass(frozen=True)
class File:
    """What `lstmdiag.hdf5` is told of a file, and the datasets that it may ask for by number."""

    about: dict[str, Any]
    datasets: tuple[Any, ...]


def walk(h5py: Any, file: Any, most: int, config: str = "", version: str = "") -> File:
    """Layers by name, their arrays in order; at most so many objects. Raises LstmdiagError and ValueError."""
    walking = _Walk(h5py, most)
    top = walking.child(file, "model_weights") or file
    ordered = "layer_names" in top.attrs
    layers = list(walking.keras_2(top) if ordered else walking.keras_3(file))
    about = {
        "ordered": ordered,
        "config": config or walking.text(file, "model_config"),
        "version": version or walking.text(file, "keras_version"),
        "groups": [(name, key, [data.shape for data in found]) for name, key, found in layers],
    }
    return File(about, tuple(data for _, _, found in layers for data in found))


class _Walk:
    def __init__(self, h5py: Any, most: int) -> None:
        self.h5py, self.most = h5py, most
        self.seen: set[int] = set()

    def child(self, group: Any, name: str) -> Any:
        """Of a group what it holds itself, else None: links may lead out of the file, or in a circle."""
        if not isinstance(group, self.h5py.Group):
            return None
        links, stored = group.id.links, name.encode("utf-8", "surrogateescape")
        if not stored or not links.exists(stored) or links.get_info(stored).type != self.h5py.h5l.TYPE_HARD:
            return None
        return group[name]

    def children(self, group: Any) -> Iterator[tuple[str, Any]]:
        """Each object of the file once: two names for one would be met twice as often at every level."""
        if not isinstance(group, self.h5py.Group):
            return
        if len(self.seen) + len(group) > self.most:
            raise LstmdiagError(f"it holds more than {self.most:,} groups and arrays, too many for this model")
        for name in group:
            found = self.child(group, name)
            if found is None:
                continue
            address = self.h5py.h5o.get_info(found.id).addr
            if address in self.seen:
                raise LstmdiagError(f"{found.name} stands in it twice, under two names")
            self.seen.add(address)
            yield name, found

    def keras_2(self, top: Any) -> Iterator[Layer]:
        left = self.most
        for name in self.texts(top, "layer_names"):
            layer = self.inside(top, name)
            names = self.texts(layer, "weight_names")
            left -= 1 + len(names)
            if left < 0:
                raise LstmdiagError(f"it names more than {self.most:,} layers and arrays, too many for this model")
            arrays = [self.dataset(self.inside(layer, each)) for each in names]
            if arrays:
                yield name, "", arrays

    def text(self, group: Any, name: str) -> str:
        """An attribute that is one text; "" where there is none."""
        if name not in group.attrs:
            return ""
        about = group.attrs.get_id(name)
        if about.shape != () or not self.h5py.check_string_dtype(about.dtype):
            raise ValueError(f"the attribute {name} of {group.name} is no text")
        return _text(group.attrs[name])

    def texts(self, group: Any, name: str) -> list[str]:
        """An attribute that is a list of texts; Keras 2 writes an empty one as numbers."""
        about = group.attrs.get_id(name)
        if not all(about.shape):
            return []
        if len(about.shape) != 1 or about.shape[0] > self.most or not self.h5py.check_string_dtype(about.dtype):
            raise ValueError(f"the attribute {name} of {group.name} is no list of texts, or too long a one")
        return [_text(each) for each in group.attrs[name]]

    def inside(self, group: Any, path: str) -> Any:
        for part in path.split("/"):
            group = self.child(group, part)
            if group is None:
                raise ValueError(f"{path} is not in it, or it is a link")
        return group

    def keras_3(self, top: Any, inside: bool = False) -> Iterator[Layer]:
        """`layers/lstm/cell/vars/0`, and at `layers/lstm/vars`, since Keras 3.6, the layer's name."""
        for key, layer in self.children(self.child(top, "layers")):
            if self.child(layer, "layers") is not None:
                yield from self.keras_3(layer, True)
                continue
            own = self.child(layer, "vars")
            name = "" if own is None else self.text(own, "name")
            arrays = list(self.variables(layer))
            if arrays:
                yield name, "" if inside else key, arrays

    def variables(self, group: Any) -> Iterator[Any]:
        held = dict(self.children(group))
        for _, data in sorted(self.children(held.pop("vars", None)), key=lambda each: (len(each[0]), each[0])):
            yield self.dataset(data)
        held.pop("seed_generator", None)
        for name in sorted(held, key=lambda name: (name != "forward_layer", name)):
            yield from self.variables(held[name])

    def dataset(self, data: Any) -> Any:
        """The dataset itself, if its numbers lie in the file as they are."""
        if not isinstance(data, self.h5py.Dataset) or data.shape is None or data.dtype.kind not in "fiu":
            raise ValueError(f"{data.name} holds no numbers of its own")
        made = data.id.get_create_plist()
        if made.get_layout() == self.h5py.h5d.VIRTUAL or made.get_external_count():
            raise ValueError(f"{data.name} holds no numbers of its own")
        if made.get_nfilters():
            message = f"{data.name} is compressed, and could unpack to any size"
            raise LstmdiagError(Problem(message, hint="h5repack -f NONE writes it as Keras does"))
        return data


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)
