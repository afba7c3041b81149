"""What a framework is to lstmdiag, as fields of `Framework`: each framework fills them in a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lstmdiag.frameworks.storage import FrameworkRow
from lstmdiag.layer import Layer
from lstmdiag.model import Model

if TYPE_CHECKING:  # it needs NumPy, which drawing does without
    from lstmdiag.frameworks.file_contents import FileArray, Group


@dataclass(frozen=True, slots=True)
class Stack:
    """Recurrent layers that follow each other and are alike, where a framework makes them as one."""

    layers: tuple[Layer, ...]  # from the lowest on, two at least
    call: str  # torch.nn.LSTM(4, 8, num_layers=2, batch_first=True)
    states: str  # a sentence on which of its final states are whose


@dataclass(frozen=True, slots=True)
class Returned:
    """Return values of a recurrent layer in a framework that has no `return_sequences` and `return_state`."""

    tensors: Callable[[Layer, bool, bool], str]
    """(layer, return_sequences, return_state) → expressions that give the same tensors."""
    words: str
    """A file of words: `note` on what such a layer gives; on `backwards`, which is `go_backwards`, and on `masks`."""
    facts: Callable[[Layer], Mapping[str, object]]  # what `note` needs beside the layer and its name there


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long states and weights live under one way of calling a framework: words for each moment."""

    key: str
    title: str
    steps: str  # the states, from step to step of a sequence
    samples: str  # from sample to sample of a batch
    batches: str  # from batch to batch
    epochs: str  # from epoch to epoch
    predict: str  # when predict starts
    weights: str  # the weights, from step to step of a sequence
    training: str  # the weights, in training


@dataclass(frozen=True)
class Framework:
    """A row of FRAMEWORKS. What a framework leaves empty is said nowhere."""

    key: str  # in JSON, in names of files and columns
    title: str
    rows: Mapping[str, FrameworkRow]  # kind → how it calls and stores such a layer
    sizes: Mapping[str, str] = field(default_factory=dict)  # size → the framework's word for it
    transposed: bool = False  # matrices are stored as (in, out)
    layer_by_layer: bool = False  # a recurrent layer takes all its steps before the next layer takes its first
    source: Callable[[Model], str] | None = None  # source text of a model; None: lstmdiag writes none
    stacks: Callable[[Model], tuple[Stack, ...]] | None = None  # the layers of a model that it makes as one
    stacks_note: str = ""  # a sentence on how the arrays of such layers are called
    returned: Returned | None = None
    lifetimes: tuple[Lifetime, ...] = ()
    lifetimes_note: str = ""
    groups: Callable[[Mapping[str, FileArray]], tuple[Group, ...]] | None = None
    """Arrays by name, of a file of any framework → by layer; empty where the names are not this framework's."""
    numbered_arrays: bool = False  # its files number the arrays of a layer, and do not name them
    weights_alone: bool = False  # its files hold weights, and say nothing of what the layers compute with them
    naming_hint: str = ""  # what to do where a file of it does not name its layers
