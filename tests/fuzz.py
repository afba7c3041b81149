"""Specs with damage: each gives a model, tables and pictures, or an LstmdiagError; nothing else, and in two seconds.

    python -m tests.fuzz --number 20000 --seed 0

Damage is done to the text and to the structure, of packaged specs and of models made at random. A finding is told with
its seed, which alone makes it again: `--seed 4711 --number 1`.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import NonInteractiveExampleWarning

from lstmdiag.binding import read_either
from lstmdiag.drawing import placed, views_of
from lstmdiag.errors import LstmdiagError
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from lstmdiag.spec.reader import examples
from lstmdiag.views.selection import Selection
from lstmdiag.views.tables import NAMES as TABLES
from lstmdiag.views.tables import table
from lstmdiag.writers import problems
from lstmdiag.writers import tables as writers
from tests.generator import documents, text
from tests.spec.test_mutations import mutated, seeds

LIMIT = 2.0  # seconds of this process
VIEWS = ("model", "time", "cell")
GENERATED = 400

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 7, 100, 1000, 10**6, 10**9, 10**18, 10**19, 0.5, -0.0, 1e300, "", "a", "lstm",
    "input", "input.h", "lstm.h", "lstm.c", "b.forward", "h", "relu", "softmax", "int", [], {}, [[]], [1], [None],
    ["input"], ["input", "input"], [-1], [1, 2], [2, 1], {"units": 3}, {"a": {"steps": None, "features": 1}},
)  # fmt: skip
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


@lru_cache(maxsize=1)
def generated() -> tuple[dict[str, Any], ...]:
    """Models made at random, always the same ones."""
    found: list[dict[str, Any]] = []

    @seed(0)
    @settings(max_examples=GENERATED, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(documents())
    def collect(document: dict[str, Any]) -> None:
        found.append(document)

    warnings.simplefilter("ignore", NonInteractiveExampleWarning)
    collect()
    return tuple(found)


@lru_cache(maxsize=1)
def packaged() -> tuple[dict[str, Any], ...]:
    return tuple(yaml.safe_load(path.read_text(encoding="utf-8")) for path in examples().values())


def damaged(chance: random.Random) -> str:
    """A spec, usually broken, sometimes by a hair."""
    way = chance.choice(["text", "structure", "structure", "both"])
    if way == "text":
        source = chance.choice([*seeds(), *(text(document) for document in chance.choices(generated(), k=40))])
        return mutated(source, chance)
    document = copy.deepcopy(chance.choice(generated() if chance.random() < 0.8 else packaged()))
    for _ in range(chance.choice([1, 1, 2, 3, 6])):
        document = chance.choice([_tuned, _tuned, _bent])(document, chance)
    made = text(document) if isinstance(document, dict) else json.dumps(document)
    return mutated(made, chance) if way == "both" else made


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every (holder, key) in a document."""
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(value, dict | list):
            yield from _places(value)


def _tuned(document: Any, chance: random.Random) -> Any:
    """One change that may well leave it valid: a number, a function, a layer of the same arguments, a layer twice."""
    places = list(_places(document)) if isinstance(document, dict | list) else []
    for holder, key in chance.sample(places, len(places)):
        value = holder[key]
        if isinstance(value, bool):
            holder[key] = not value
        elif isinstance(value, int) and key != "version":
            holder[key] = chance.choice([1, 2, 3, 7, 40, 300, 5000, 10**6, 10**12])
        elif isinstance(value, str) and value in FUNCTIONS:
            holder[key] = chance.choice(FUNCTIONS)
        elif isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ALIKE:
            holder[key] = {chance.choice(ALIKE): value[next(iter(value))]}
        elif isinstance(value, list) and value and key == "layers":
            value.insert(chance.randrange(len(value)), copy.deepcopy(chance.choice(value)))
        else:
            continue
        return document
    return document


def _bent(document: Any, chance: random.Random) -> Any:
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


def answer(source: str) -> str:
    """Everything that is asked of a spec; the word for what came of it."""
    try:
        model = read_either(source.encode("utf-8", "surrogatepass"), "spec.yml", "spec")
    except LstmdiagError as error:
        assert error.problems, "an error without a problem"
        for format in problems.FORMATS:
            assert problems.write(error.problems, format).strip()
        return "refused"
    if not isinstance(model, Model):
        return "comparison"
    for name in TABLES:
        assert writers.write(table(model, name), "json")
    for view in VIEWS:
        if view in views_of(model):
            try:
                assert placed(model, view, Selection()).nodes
            except LstmdiagError:
                return "not drawn"
    return "drawn"


def fuzz(first: int, number: int) -> tuple[Counter[str], list[str]]:
    """What came of these seeds, and the findings."""
    found: list[str] = []
    words: Counter[str] = Counter()
    for at in range(first, first + number):
        source = damaged(random.Random(at))
        begin = time.process_time()
        try:
            words[answer(source)] += 1
        except Exception:
            words["traceback"] += 1
            found.append(f"seed {at}\n{traceback.format_exc(limit=-4)}{source[:3000]}")
        spent = time.process_time() - begin
        if spent > LIMIT:
            words["slow"] += 1
            found.append(f"seed {at}: {spent:.1f} s\n{source[:3000]}")
    return words, found


def main() -> None:
    given_options = argparse.ArgumentParser(description=__doc__)
    given_options.add_argument("--number", type=int, default=1000)
    given_options.add_argument("--seed", type=int, default=0)
    given = given_options.parse_args()
    words, found = fuzz(given.seed, given.number)
    print("\n\n".join(found))
    print(dict(words))
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
