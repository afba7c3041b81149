"""What a framework is to lstmdiag, as fields of `Framework`: each framework fills them in a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lstmdiag.frameworks.packing import Packing
from lstmdiag.model import Layer, Model


@dataclass(frozen=True, slots=True)
class Stack:
    """Recurrent layers that follow each other and are alike, where a framework makes them as one."""

    layers: tuple[Layer, ...]  # from the lowest on, two at least
    call: str  # torch.nn.LSTM(4, 8, num_layers=2, batch_first=True)


@dataclass(frozen=True)
class Framework:
    """A row of FRAMEWORKS."""

    key: str  # in JSON, in names of files and columns
    title: str
    rows: Mapping[str, Packing]  # kind → how it calls and stores such a layer
    source: Callable[[Model], str] | None = None  # source text of a model; None: lstmdiag writes none
    stacks: Callable[[Model], tuple[Stack, ...]] | None = None  # the layers of a model that it makes as one
