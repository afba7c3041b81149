"""Values as files: one array a signal, keyed `encoder.c`, time first; and the record that pages take numbers from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from zipfile import ZipFile

import numpy as np

from lstmdiag import __version__
from lstmdiag.cells.numbers import Array
from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.layer import Layer
from lstmdiag.running.signals import signals
from lstmdiag.running.values import Values


def arrays(values: Values) -> dict[str, Array]:
    """The signals that were kept, in the order of the data: (steps, units), or (samples, steps, units) where the input
    had a batch axis.
    """
    found = values.trace.signals
    return {name: found[name] if values.batched else found[name][0] for name in signals(values.model) if name in found}


WRITTEN = 3_000_000
"""Numbers that are written out as text, some twenty bytes each."""


def _check_written(values: Values) -> None:
    """Raises LstmdiagError where text of all numbers would be too long."""
    if (total := sum(array.size for array in arrays(values).values())) > WRITTEN:
        message = f"these are {total:,} numbers, {WRITTEN:,} can be written as text"
        raise LstmdiagError(Problem(message, hint="--format npz, or fewer with --signals, --layer and --steps"))


def as_json(values: Values) -> bytes:
    """Signal → nested lists. Raises LstmdiagError where that is more text than WRITTEN numbers make."""
    _check_written(values)
    return as_text({name: array.tolist() for name, array in arrays(values).items()})


def as_npz(values: Values) -> bytes:
    """As np.savez, which cannot take every name, such as `file`."""
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        for name, array in arrays(values).items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as out:
                np.lib.format.write_array(out, np.asarray(array), allow_pickle=False)
    return file.getvalue()


def as_csv(values: Values) -> bytes:
    """A number a line. Samples, steps and units count from 1; in maps, unit is row.column.filter."""
    _check_written(values)
    known = signals(values.model)
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(("signal", "sample", "step", "unit", "value"))
    for name in arrays(values):
        array, timed = values.trace.signals[name], known[name].timed
        steps = values.trace.steps.get(name, ())
        for index in np.ndindex(array.shape):
            rest = index[2:] if timed else index[1:]
            step = steps[index[1]] + 1 if timed else ""
            value = array[index].item()
            lines.writerow(
                (name, index[0] + 1, step, ".".join(str(n + 1) for n in rest), repr(+value))  # +True is 1
            )
    return out.getvalue().encode()


def record(values: Values) -> dict[str, Any]:
    """All that is known of a pass, as plain JSON values with every digit. There is no clock in it."""
    trace = values.trace
    held = {name: array.tolist() for name, array in arrays(values).items()}
    made = {
        "model": values.model.name,
        "title": values.model.title,
        "badge": values.badge,
        "origin": values.origin,
        "steps": {name: [step + 1 for step in trace.steps[name]] for name in held if name in trace.steps},
        "inputs": [source.name for source in values.model.inputs],
        "layers": [_layer(layer) for layer in values.model.layers],
        "outputs": {ref: _rows(values, array) for ref, array in zip(values.model.outputs, trace.outputs, strict=True)},
        "start": {name: _rows(values, array) for name, array in trace.start.items()},
        "signals": held,
        "weights": {name: array.tolist() for name, array in values.weights.items()},
    }
    versions = {"lstmdiag": __version__, "numpy": np.__version__}
    return {**made, "versions": versions, "hash": sha256(as_text(made)).hexdigest()}


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "call": layer.call,
        "input": list(layer.input),
        "output": list(layer.output),
        "parameters": layer.params,
    }


def _rows(values: Values, array: Array) -> Any:
    return (array if values.batched else array[0]).tolist()


def as_text(data: Mapping[str, Any]) -> bytes:
    """JSON in one line; the same data gives the same bytes."""
    return json.dumps(data, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
