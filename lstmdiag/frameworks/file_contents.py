"""What files of weights hold, as far as it is known before a number is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.frameworks.values import Values
from lstmdiag.layer import Layer


class Limits(NamedTuple):
    """How much a file of weights may hold: bytes, where they are packed, and arrays."""

    bytes: int
    arrays: int


@dataclass(frozen=True)
class FileArray:
    """One array of a file, not read yet."""

    shape: tuple[int, ...]
    read: Callable[[], Values]


Difference = tuple[str, str, str]
"""(attribute, what the file has, what the spec has)."""


@dataclass(frozen=True)
class Group:
    """The arrays of one layer, by the framework's names, or by their places: "0", "1"."""

    name: str  # "" where the file does not say it
    arrays: Mapping[str, FileArray]
    kinds: tuple[str, ...] = ()  # kinds of layer it may be; empty: any
    stack: str = ""  # of PyTorch's stacks of layers, the name of the stack
    key: str = ""  # of Keras 3: its class, and which of that class it is, lstm_1 the second
    differs: Callable[[Layer], Iterable[Difference]] = lambda layer: ()
    """What it computes otherwise than a layer with such weights, where the file says that."""
    nodes: tuple[Any, ...] = ()  # of an ONNX graph: as many as uses of the same weights


@dataclass(frozen=True)
class FileContents:
    """What a file holds: `flat` arrays by name, or the groups of one framework."""

    framework: str = ""  # "" for flat ones
    flat: Mapping[str, FileArray] | None = None
    groups: tuple[Group, ...] = ()
    ordered: bool = False  # the groups stand in the order of the data
    config: str = ""  # of Keras: the JSON text in which the file describes its own layers; "" where there is none
    version: str = ""  # of Keras
    graph: Any = None  # of an ONNX file, all that it computes: an onnx_graph.Graph


def few_enough(arrays: int, most: int) -> None:
    """Raises LstmdiagError where a file holds more arrays than any weights of this model could."""
    if arrays > most:
        raise LstmdiagError(Problem(f"it holds {arrays:,} arrays, too many for this model", hint=f"at most {most:,}"))


def real(name: str, dtype: np.dtype[Any]) -> None:
    """Raises LstmdiagError where an array holds something else than real numbers."""
    if dtype.hasobject:
        raise LstmdiagError(f"{name} holds pickled objects, which are not read")
    if dtype.kind not in "fiu":
        raise LstmdiagError(f"{name} holds {dtype}, not real numbers")
