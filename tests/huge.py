"""Sizes beyond all reason in every place that takes a whole number: an answer or a refusal, soon and in little memory.

    python -m tests.huge            # every place with every size
    python -m tests.huge --some     # every place with one of them

A finding is a line: the case, and what came of it.
"""

from __future__ import annotations

import argparse
import json
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from lstmdiag.drawing import Ink, inked, pictured, views_of
from lstmdiag.errors import LstmdiagError
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from lstmdiag.running.effort import PICTURE
from lstmdiag.running.tracing import values
from lstmdiag.views.selection import Selection
from lstmdiag.views.tables import NAMES as TABLES
from lstmdiag.views.tables import table
from lstmdiag.writers.tables import write
from tests import fuzz
from tests.models import model

HUGE = (10**6, 10**9, 10**18)
Document = dict[str, Any]

NEEDED: dict[str, Document] = {
    "Reshape": {"target_shape": [2, 4]},
    "Permute": {"dims": [2, 1]},
    "Bidirectional": {"layer": {"LSTM": 2}},
    "TimeDistributed": {"layer": {"Dense": 2}},
    "Dropout": {"rate": 0.5},
    "SpatialDropout1D": {"rate": 0.5},
    "Activation": {"activation": "tanh"},
}
INPUTS: dict[str, Document] = {
    "ConvLSTM2D": {"shape": [2, 4, 4, 1]},
    "Embedding": {"steps": 4, "dtype": "int"},
    "RepeatVector": {"shape": [2]},
}


def numeric(kind: str) -> Iterator[tuple[str, int]]:
    """Options that are whole numbers, and how many of them each takes."""
    for name, given in KINDS[kind].options.model_fields.items():
        told = str(given.annotation)
        if "int" in told and name != "axis":
            yield name, 2 if "tuple" in told.lower() and kind == "ConvLSTM2D" else 1


def plain(kind: str) -> tuple[Document, Document]:
    """An input, and options of a layer that reads it."""
    fields = KINDS[kind].options.model_fields
    options = {name: 2 for name, given in fields.items() if given.is_required() and "int" in str(given.annotation)}
    options |= NEEDED.get(kind, {})
    if KINDS[kind].inputs != (1, 1):
        options["from"] = ["input", "input"]
    return dict(INPUTS.get(kind, {"steps": 4, "features": 2})), options


def cases() -> Iterator[tuple[str, list[Document]]]:
    """The place that is huge, and the documents with each size there."""
    for kind in KINDS:
        source, options = plain(kind)
        for name, many in numeric(kind):
            made = [{**options, name: [n] * many if many > 1 else n} for n in HUGE]
            if isinstance(options.get(name), list):
                made = [{**options, name: [n, *options[name][1:]]} for n in HUGE]
            yield f"{kind}.{name}", [document(source, {kind: each}) for each in made]
        for axis in source:
            if isinstance(source[axis], int):
                yield f"{kind}: input {axis}", [document({**source, axis: n}, {kind: options}) for n in HUGE]
        for axis in range(len(source.get("shape", ()))):
            shapes = [[*source["shape"][:axis], n, *source["shape"][axis + 1 :]] for n in HUGE]
            yield f"{kind}: input axis {axis}", [document({"shape": each}, {kind: options}) for each in shapes]
    for name in ("units", "projection"):
        yield f"a cell's {name}", [projected({"units": 3, "projection": 2, name: n}) for n in HUGE]
        lstm = [{"LSTM": {"units": 3, "projection": 2, name: n}} for n in HUGE]
        yield f"a projected LSTM's {name}", [document({"steps": 4, "features": 2}, each) for each in lstm]


PROJECTED: Document = {
    "state": {"h": ["projection"], "c": ["units"]},
    "weights": {"V_f": ["units", "projection"], "V_c": ["units", "projection"], "R": ["projection", "units"]},
    "equations": {
        "f": "sigmoid(W_f @ x + V_f @ h_prev + b_f)",
        "c": "f * c_prev + (1 - f) * tanh(W_c @ x + V_c @ h_prev)",
        "h": "R @ c",
    },
}


def projected(sizes: Document) -> Document:
    return {"cells": {"Projected": PROJECTED}, **document({"steps": 4, "features": 2}, {"Projected": sizes})}


def document(source: Document, layer: Document) -> Document:
    return {"version": 1, "input": source, "layers": [layer]}


def answers(made: Model) -> Iterator[tuple[str, Callable[[], object]]]:
    """Tables, views without numbers, views of a pass, and the pass."""
    for name in TABLES:
        yield f"table {name}", lambda name=name: write(table(made, name), "json")
    for view in (each for each in views_of(made) if each in ("model", "time", "trace", "gradient")):
        yield (
            f"view {view}",
            lambda view=view: [inked(each, "json", Ink()) for each in pictured(made, view, Selection())],
        )
    yield "trace", lambda: values(made, bounds=PICTURE)


def asked(text: str) -> Iterator[str]:
    """The findings of one spec."""
    try:
        made, seconds = fuzz.timed(lambda: model(text))
    except LstmdiagError:
        return
    assert isinstance(made, Model)
    if seconds > fuzz.LIMIT:
        yield f"read: {seconds:.1f} s"
    for name, ask in answers(made):
        try:
            _, seconds = fuzz.timed(ask)
        except LstmdiagError as error:
            assert error.problems
        except Exception:
            yield f"{name}: {traceback.format_exc(limit=-3)}"
        else:
            if seconds > fuzz.LIMIT:
                yield f"{name}: {seconds:.1f} s"


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--some", action="store_true")
    options = given.parse_args()
    [*asked(fuzz.EVERYDAY)]  # what is imported once is not the answer's
    fuzz.limit_memory()
    found, number = False, 0
    for number, (place, documents) in enumerate(cases()):
        for each in [documents[number % len(documents)]] if options.some else documents:
            for finding in asked(json.dumps(each)):
                found = True
                print(f"{place}: {json.dumps(each)}: {finding}", flush=True)
    print(f"{number + 1} places")
    raise SystemExit(found)


if __name__ == "__main__":
    main()
