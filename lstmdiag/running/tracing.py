"""From a model to its numbers: an input, weights and one pass. What is not given is made, and told in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from lstmdiag.cells.numbers import Array
from lstmdiag.errors import LstmdiagError, Place, Problem, UsageError, nearest
from lstmdiag.files import named
from lstmdiag.model import Model
from lstmdiag.running import Trace, initial, run
from lstmdiag.running.effort import PASS, Bounds, check_effort, check_making
from lstmdiag.running.fitting import fitting, narrowed
from lstmdiag.running.inputs import any_length, model_inputs, with_input_shapes
from lstmdiag.running.memory import check_memory
from lstmdiag.running.readable import readable
from lstmdiag.running.signals import chosen, signals
from lstmdiag.running.twin import twin
from lstmdiag.running.values import Values


def values(
    model: Model,
    input: Any = None,
    weights: Mapping[str, Any] | str | Path | None = None,
    seed: int | None = None,
    *,
    toy: bool = False,
    ignore_config: bool = False,
    keep: Sequence[str] = (),
    layers: Sequence[str] = (),
    at: Collection[int] | None = None,
    dtype: str = "float64",
    after: Values | None = None,
    bounds: Bounds = PASS,
) -> Values:
    """One forward pass at prediction.

    `input` is an array or nested lists, with the batch axis or without, a mapping of them where there are several
    inputs; `weights` a mapping `encoder.W_i` → (out, in) or a file. Without them: the spec's example, else made ones.
    A file that describes another model is an error; with `ignore_config` that is one of the notes.
    `keep` and `layers` name signals as patterns (`c`, `encoder.*`), `at` steps from 0 (−1: the last). Stateful layers
    go on where they were `after` another pass.
    Raises LstmdiagError with everything that does not fit, and where the pass would take more than `bounds`.
    """
    if dtype not in ("float64", "float32"):
        raise UsageError(Problem(f"there is no dtype {dtype!r}", hint=nearest(dtype, ("float64", "float32"))))
    if weights is not None and seed is not None:
        raise UsageError(Problem("weights and a seed are given", hint="a seed is for where there are no weights"))
    at = None if at is None else frozenset(at)  # there may be millions, and many signals ask
    badge = ""
    notes: list[Problem] = []
    if toy:
        original = model
        model, badge = twin(model)
        if weights is not None and model is not original:
            raise UsageError(
                Problem("these weights are for the model, not for its toy twin", hint="leave out one of both")
            )
    written = model  # with the sizes that the spec leaves open
    if input is None and (model.example is None or model.example.input is None):
        model = any_length(model)
        _check(model, keep, layers, at, 1, dtype, bounds)  # before a made input is allocated
    inputs = model_inputs(model, input, dtype, lambda samples: _check(model, keep, layers, at, samples, dtype, bounds))
    model = with_input_shapes(model, [array.shape[1:] for array in inputs.arrays])
    kept = _check(model, keep, layers, at, len(inputs.arrays[0]), dtype, bounds)
    path, named_at = _file(model, weights, seed)
    with np.errstate(all="ignore"), _memory_errors():  # what is not finite in the end is told
        if path is not None:
            from lstmdiag.running.loading import load

            with placing_errors(named_at):
                held = load(written, path, ignore_config=ignore_config, notes=notes)
            origin = f"weights: {path.name}"
        else:
            held, origin = _weights(model, weights, seed, inputs.arrays if toy else None, bounds)
        held = narrowed(held, dtype)
        trace = run(
            model, inputs.arrays, held, keep=kept.__contains__, at=at, start=_start(after, len(inputs.arrays[0]))
        )
    _check_finite(trace, dtype)
    return Values(
        model, held, trace, "; ".join([origin, inputs.origin, *_asides(model)]), badge, inputs.batched, tuple(notes)
    )


@contextmanager
def _memory_errors() -> Iterator[None]:
    """What the system does not give is a sentence, whatever was counted before."""
    try:
        yield
    except MemoryError as error:
        message = f"there is not enough memory for this pass: {error}"
        hint = "fewer steps, samples or units, or the toy twin"
        raise LstmdiagError(Problem(message, hint=hint)) from None


def _check(
    model: Model,
    keep: Sequence[str],
    layers: Sequence[str],
    at: Collection[int] | None,
    samples: int,
    dtype: str,
    bounds: Bounds,
) -> frozenset[str]:
    """The signals to keep, once it is known that they fit."""
    kept = chosen(model, keep, layers)
    every = {name: signal for name, signal in signals(model).items() if name in kept}
    check_memory(model, every, at, samples, np.dtype(dtype).itemsize, bounds.memory)
    check_effort(model, samples, bounds)
    return kept


def _file(
    model: Model, given: Mapping[str, Any] | str | Path | None, seed: int | None
) -> tuple[Path | None, Place | None]:
    """The file that the weights are read from, and where the spec names it: the one that is given, or the example's."""
    if given is None and seed is None and model.example is not None:
        return example_weights(model, Path(model.path).parent), model.example.at
    return (Path(given) if isinstance(given, str | Path) else None), None


def _weights(
    model: Model, given: Any, seed: int | None, toy: Sequence[Array] | None, bounds: Bounds
) -> tuple[dict[str, Array], str]:
    """Every weight by name, of no file, and where they come from."""
    if given is not None:
        return fitting(model, given), "weights: given"
    if seed is None and model.example is not None:
        seed = model.example.seed
    seed = seed or 0
    if toy is not None:
        return readable(model, toy, seed), f"weights: multiples of 0.1, drawn with seed {seed} to be easy to follow"
    check_making(model, bounds)
    return initial.weights(model, seed), f"weights: untrained, Keras's initializers, seed {seed}"


def example_weights(model: Model, folder: Path) -> Path | None:
    """The file of weights that the spec's example names, which lies in the spec's folder. Raises LstmdiagError."""
    example = model.example
    return named(folder, example.weights, example.at) if example and example.weights else None


@contextmanager
def placing_errors(at: Place | None) -> Iterator[None]:
    """Problems raised inside that have no place are told at this one. Raises what was raised, so completed."""
    try:
        yield
    except LstmdiagError as error:
        raise type(error)(replace(each, at=each.at or at) for each in error.problems) from None


def _start(after: Values | None, samples: int) -> Mapping[str, Array]:
    """The states that stateful layers were left in. Raises LstmdiagError for another number of samples."""
    carried = after.trace.carried if after else {}
    for name, state in carried.items():
        if len(state) != samples:
            message = f"{name} was left for {len(state)} samples, this batch has {samples}"
            raise LstmdiagError(Problem(message, hint="row i of a batch continues row i of the batch before"))
    return carried


def _check_finite(trace: Trace, dtype: str) -> None:
    """Numbers may grow out of a float's range in a layer without bounds, such as relu over many steps."""
    for name, array in chain(trace.signals.items(), trace.states.items()):
        if not np.isfinite(array).all():
            raise LstmdiagError(
                Problem(f"{name} leaves the range of {dtype}", hint="smaller numbers or weights, fewer steps")
            )
    if not all(np.isfinite(output).all() for output in trace.outputs):
        raise LstmdiagError(Problem(f"the output leaves the range of {dtype}", hint="smaller numbers or weights"))


def _asides(model: Model) -> list[str]:
    drops = [layer.name for layer in model.layers if layer.innermost.drops]
    return [f"dropout: none at prediction ({', '.join(drops)})"] if drops else []
