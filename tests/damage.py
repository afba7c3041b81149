"""Damage to the documents that specs hold: to their values, their structure, their wiring, and their cells."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import yaml

from lstmdiag.layers import KINDS
from lstmdiag.spec.reader import examples
from tests import mutants
from tests.generator import text
from tests.spec.test_mutations import mutated, seeds

Document = Any
"""A mapping, until damage makes it something else."""

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 7, 100, 1000, 10**6, 10**9, 10**18, 10**19, 0.5, -0.0, 1e300, "", "a", "lstm",
    "input", "input.h", "lstm.h", "lstm.c", "b.forward", "h", "relu", "softmax", "int", [], {}, [[]], [1], [None],
    ["input"], ["input", "input"], [-1], [1, 2], [2, 1], {"units": 3}, {"a": {"steps": None, "features": 1}},
)  # fmt: skip
HUGE = (10**6, 10**9, 10**12, 10**18)
SOME = (1, 2, 3, 7, 40, 300, 5000)
KEYS = (
    "units", "from", "initial_state", "use", "layer", "name", "return_sequences", "return_state", "stateful", "axis",
    "target_shape", "dims", "steps", "features", "shape", "dtype", "batch", "merge_mode", "activation", "kernel_size",
    "strides", "groups", "projection", "go_backwards", "trainable", "outputs", "inputs", "input", "cells", "state",
    "equations", "weights", "example", "compare", "views", "group", "tags", "mask_zero", "filters", "pool_size",
)  # fmt: skip
FUNCTIONS = ("relu", "tanh", "sigmoid", "softmax", "linear", "gelu", "selu", "softsign")
ALIKE = ("LSTM", "GRU", "SimpleRNN", "PeepholeLSTM", "Dense")
EQUATIONS = (
    "x", "h_prev", "W @ x", "tanh(W @ x + U @ h_prev + b)", "softmax(W @ x)", "h / 0", "exp(exp(exp(x)))", "W @ W @ x",
    "mean(x)", "p * h_prev", "concat(x, h_prev)", "-" * 300 + "x", "(" * 300, "h", "W @ h", "1", "sqrt(-1)", "R @ x",
)  # fmt: skip
FLAGS = ("return_sequences", "return_state", "go_backwards", "stateful")


@lru_cache(maxsize=1)
def packaged() -> tuple[Document, ...]:
    return tuple(yaml.safe_load(path.read_text(encoding="utf-8")) for path in examples().values())


@lru_cache(maxsize=1)
def written() -> tuple[str, ...]:
    """Specs as people write them."""
    return tuple(seeds())


@lru_cache(maxsize=1)
def cells() -> tuple[mutants.Cell, ...]:
    return mutants.seeds()


def damaged(chance: random.Random, documents: Sequence[Document]) -> str:
    """A spec, usually broken, sometimes by a hair. `documents` are models made at random."""
    way = chance.choice(["text", "structure", "both", "cell", "cell", "cell", "wiring", "sizes"])
    if way == "text":
        number = chance.randrange(len(written()) + 40)  # so often one made at random
        source = written()[number] if number < len(written()) else text(chance.choice(documents))
        return mutated(source, chance)
    document = copy.deepcopy(chance.choice(documents if chance.random() < 0.8 else packaged()))
    if isinstance(document.get("example"), dict):
        document["example"].pop("weights", None)  # a file that is not there
    if way == "cell":
        document = own_cell(chance)
    changes = {"sizes": [_sized], "wiring": [_rewired, _rewired, _tuned], "cell": [_tuned, _rewired, _sized]}
    again = [0, 0, 0, 1, 2] if way == "cell" else [1, 1, 2, 3, 6]
    for _ in range(chance.choice(again)):
        document = chance.choice(changes.get(way, [_tuned, _tuned, _bent]))(document, chance)
    made = text(document) if isinstance(document, dict) else json.dumps(document)
    return mutated(made, chance) if way == "both" else made


def own_cell(chance: random.Random) -> Document:
    """A model around a mutant of a cell: alone, stacked, both ways, in every step of another, masked, with numbers."""
    cell = mutants.mutated(chance.choice(cells()), chance)
    options: dict[str, Any] = {"units": chance.choice([1, 2, 3, 4, 16, 100])}
    options |= {flag: True for flag in FLAGS if chance.random() < 0.15}
    named = {size for sizes in (*cell["state"].values(), *cell.get("weights", {}).values()) for size in sizes}
    options |= {"projection": chance.choice([1, 2, 3, 10**9])} if "projection" in named else {}
    layer: Any = {"Own": options}
    steps, features = chance.choice([1, 2, 3, 5, 50, None]), chance.choice([1, 2, 3, 10])
    source: dict[str, Any] = {"steps": steps, "features": features}
    layers: list[Any] = [layer]
    around = chance.random()
    if around < 0.15:
        layers = [{"Bidirectional": {"layer": layer, "merge_mode": chance.choice(["concat", "sum", None])}}, "Flatten"]
    elif around < 0.25:
        source, layers = {"shape": [3, steps, features]}, [{"TimeDistributed": {"layer": layer}}]
    elif around < 0.4:
        first = {"Own": {**options, "return_sequences": True, "name": "first"}}
        layers = [first, {"Own": {**options, **chance.choice([{}, {"initial_state": "first"}])}}, {"Dense": 2}]
    elif around < 0.5:
        layers = ["Masking", layer, {"RepeatVector": 3}, {"Own": options}]
    document = {"version": 1, "input": source, "cells": {"Own": cell}, "layers": layers}
    if "stateful" in options:
        source["batch"] = 2
    if chance.random() < 0.2 and steps and around >= 0.25:
        numbers = [[chance.choice([0, 1, -2, 0.5, 70, 10**20]) for _ in range(features)] for _ in range(steps)]
        document["example"] = {"input": numbers, "seed": chance.randrange(9)}
    return document


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every (holder, key) in a document."""
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(value, dict | list):
            yield from _places(value)


def _tuned(document: Document, chance: random.Random) -> Document:
    """One change that may well leave it valid: a number, a function, a layer of the same arguments, a layer twice."""
    places = list(_places(document)) if isinstance(document, dict | list) else []
    for holder, key in chance.sample(places, len(places)):
        value = holder[key]
        if isinstance(value, bool):
            holder[key] = not value
        elif isinstance(value, int) and key != "version":
            holder[key] = chance.choice([*SOME, *HUGE])
        elif isinstance(value, str) and value in FUNCTIONS:
            holder[key] = chance.choice(FUNCTIONS)
        elif isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ALIKE:
            holder[key] = {chance.choice(ALIKE): value[next(iter(value))]}
        elif isinstance(value, list) and value and key == "layers":
            value.insert(chance.randrange(len(value)), copy.deepcopy(chance.choice(value)))
        elif key == "cells" and isinstance(value, dict) and value:
            name = chance.choice([*value])
            value[name] = mutants.mutated(value[name], chance) if isinstance(value[name], dict) else value[name]
        else:
            continue
        return document
    return document


def _sized(document: Document, chance: random.Random) -> Document:
    """Several sizes at once, most of them huge."""
    places = list(_places(document)) if isinstance(document, dict | list) else []
    whole = [
        (holder, key) for holder, key in places
        if isinstance(holder[key], int) and not isinstance(holder[key], bool) and key != "version"
    ]  # fmt: skip
    for holder, key in chance.sample(whole, min(len(whole), chance.choice([1, 1, 2, 5]))):
        holder[key] = chance.choice([*HUGE, *HUGE, *SOME])
    return document


def _rewired(document: Document, chance: random.Random) -> Document:
    """What layers read, where their states start, which are used again, what the model gives out."""
    layers = document.get("layers") if isinstance(document, dict) else None
    if not isinstance(layers, list) or not layers:
        return document
    for number, layer in enumerate(layers):  # all get names, so that they can be named
        if isinstance(layer, str):
            layers[number] = layer = {layer: {}}
        if isinstance(layer, dict) and len(layer) == 1:
            ((kind, options),) = layer.items()
            if not isinstance(options, dict):
                first = "units" if kind == "Own" or kind not in KINDS else KINDS[kind].first
                layer[kind] = options = {first: options} if first else {}
            options.setdefault("name", f"n{number}")
    names = [_name(layer) for layer in layers]
    inputs = [*document["inputs"]] if isinstance(document.get("inputs"), dict) else ["input"]
    references = [*inputs, *names, *(f"{each}.{state}" for each in names for state in ("h", "c", "forward.h"))]
    way, at = (
        chance.choice(["from", "from", "start", "use", "outputs", "diamond", "mask"]),
        chance.randrange(len(layers)),
    )
    options = next(iter(layers[at].values())) if isinstance(layers[at], dict) and len(layers[at]) == 1 else {}
    if way == "outputs":
        document["outputs"] = [chance.choice(references) for _ in range(chance.choice([1, 2, 5]))]
    elif way == "use":
        layers.insert(at + 1, {"use": chance.choice(names), "name": f"again{len(layers)}",
                               **chance.choice([{}, {"from": chance.choice(references)}])})  # fmt: skip
    elif way == "diamond":  # each layer reads the two before it
        kind, before = chance.choice(["Add", "Multiply", "Concatenate", "Average", "Maximum"]), [names[-1]] * 2
        for _ in range(chance.choice(mutants.MANY)):
            layers.append({kind: {"from": [*before], "name": f"d{len(layers)}"}})
            before = [before[-1], f"d{len(layers) - 1}"]
    elif way == "mask":
        layers.insert(at, {"Masking": {"mask_value": chance.choice([0, 1, -1])}})
    elif isinstance(options, dict):
        many = chance.choice([0, 1, 1, 2, 3])
        given = [chance.choice(references) for _ in range(many)] or chance.choice(references)
        options["from" if way == "from" else "initial_state"] = given
    return document


def _name(layer: Any) -> str:
    if isinstance(layer, dict) and len(layer) == 1:
        options = next(iter(layer.values()))
        return str(options.get("name")) if isinstance(options, dict) else ""
    return str(layer.get("name")) if isinstance(layer, dict) else ""


def _bent(document: Document, chance: random.Random) -> Document:
    """One change of the structure: a value, a key, an order; a layer more, or another kind of it."""
    places = list(_places(document)) if isinstance(document, dict | list) else []
    if not places:
        return chance.choice(VALUES)
    holder, key = chance.choice(places)
    other, elsewhere = chance.choice(places)
    ways: list[Callable[[], Any]] = [
        lambda: holder.__setitem__(key, copy.deepcopy(chance.choice(VALUES))),
        lambda: holder.__setitem__(key, copy.deepcopy(other[elsewhere])),
        lambda: holder.__delitem__(key),
        lambda: holder.__setitem__(key, chance.choice(EQUATIONS)),
    ]
    if isinstance(holder, dict):
        ways += [
            lambda: holder.__setitem__(chance.choice(KEYS), copy.deepcopy(chance.choice(VALUES))),
            lambda: holder.__setitem__(chance.choice([*KINDS, *KEYS]), holder.pop(key)),
            lambda: holder.__setitem__(chance.choice(KEYS), copy.deepcopy(other[elsewhere])),
        ]
    else:
        ways += [
            lambda: holder.insert(key, copy.deepcopy(chance.choice(holder))),
            lambda: chance.shuffle(holder),
            lambda: holder.extend(copy.deepcopy(holder[:20]) * chance.choice([1, 1, 1, 30])),
            lambda: holder.insert(key, {chance.choice([*KINDS]): copy.deepcopy(chance.choice(VALUES))}),
        ]
    chance.choice(ways)()
    return document
