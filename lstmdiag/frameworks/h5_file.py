"""Keras's weights in HDF5, as Keras 3 saves them, or as Keras 2 and `model.save("x.h5")` do.

No link inside a file is followed, and every object is visited once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.frameworks.held import Contents, Group, Held

_MOST = 100_000  # names in a list


def contents(h5py: Any, file: Any) -> Contents:
    """Layers by name, their arrays in order."""
    walk = _Walk(h5py)
    top = walk.child(file, "model_weights") or file
    config, version = walk.text(file, "model_config"), walk.text(file, "keras_version")
    if "layer_names" in top.attrs:
        return Contents("keras", groups=tuple(walk.keras_2(top)), ordered=True, config=config, version=version)
    return Contents("keras", groups=tuple(walk.keras_3(file)), config=config, version=version)


class _Walk:
    def __init__(self, h5py: Any) -> None:
        self.h5py = h5py
        self.seen: set[int] = set()

    def child(self, group: Any, name: str) -> Any:
        """Of a group what it holds itself, else None: links may lead out of the file, or in a circle."""
        held = isinstance(group, self.h5py.Group)
        if not held or not isinstance(group.get(name, getlink=True), self.h5py.HardLink):
            return None
        return group[name]

    def children(self, group: Any) -> Iterator[tuple[str, Any]]:
        """Each object of the file once: two names for one would be met twice as often at every level."""
        for name in group if isinstance(group, self.h5py.Group) else ():
            found = self.child(group, name)
            if found is None:
                continue
            address = self.h5py.h5o.get_info(found.id).addr
            if address in self.seen:
                raise LstmdiagError(f"{found.name} stands in it twice, under two names")
            self.seen.add(address)
            yield name, found

    def keras_2(self, top: Any) -> Iterator[Group]:
        for name in self.texts(top, "layer_names"):
            layer = self.inside(top, name)
            names = self.texts(layer, "weight_names")
            arrays = {str(i): self.dataset(self.inside(layer, each)) for i, each in enumerate(names)}
            if arrays:
                yield Group(name, arrays)

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
        if len(about.shape) != 1 or about.shape[0] > _MOST or not self.h5py.check_string_dtype(about.dtype):
            raise ValueError(f"the attribute {name} of {group.name} is no list of texts")
        return [_text(each) for each in group.attrs[name]]

    def inside(self, group: Any, path: str) -> Any:
        for part in path.split("/"):
            group = self.child(group, part)
            if group is None:
                raise ValueError(f"{path} is not in it, or it is a link")
        return group

    def keras_3(self, top: Any, inside: bool = False) -> Iterator[Group]:
        """`layers/lstm/cell/vars/0`, and at `layers/lstm/vars`, since Keras 3.6, the layer's name."""
        for key, layer in self.children(self.child(top, "layers")):
            if self.child(layer, "layers") is not None:
                yield from self.keras_3(layer, True)
                continue
            own = self.child(layer, "vars")
            name = "" if own is None else self.text(own, "name")
            arrays = {str(i): held for i, held in enumerate(self.variables(layer))}
            if arrays:
                yield Group(name, arrays, key="" if inside else key)

    def variables(self, group: Any) -> Iterator[Held]:
        held = dict(self.children(group))
        for _, data in sorted(self.children(held.pop("vars", None)), key=lambda each: (len(each[0]), each[0])):
            yield self.dataset(data)
        held.pop("seed_generator", None)
        for name in sorted(held, key=lambda name: (name != "forward_layer", name)):
            yield from self.variables(held[name])

    def dataset(self, data: Any) -> Held:
        if not isinstance(data, self.h5py.Dataset) or data.external or data.is_virtual or data.dtype.kind not in "fiu":
            raise ValueError(f"{data.name} holds no numbers of its own")
        if data.id.get_create_plist().get_nfilters():
            message = f"{data.name} is compressed, and could unpack to any size"
            raise LstmdiagError(Problem(message, hint="h5repack -f NONE writes it as Keras does"))
        return Held(tuple(data.shape), lambda: data[()])


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)
