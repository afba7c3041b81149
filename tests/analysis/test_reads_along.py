"""Along every axis: what a layer says that a place reads, against a pass in which one place of its input is changed."""

from math import prod

import numpy as np
import pytest

from lstmdiag.layers.reads import ALL, OWN, elementwise
from lstmdiag.running import run
from tests.analysis.test_reads import CASES, DRAWS, weights_of
from tests.models import model

MORE = {
    "dense": ("[3, 4]", "Dense: 2"),
    "dense, at each place of an image": ("[3, 2, 4]", "Dense: {units: 2, activation: tanh}"),
    "a normalization of features": ("[3, 2, 4]", "LayerNormalization: -1"),
    "a normalization of rows": ("[3, 2, 4]", "LayerNormalization: {axis: 2}"),
    "softmax": ("[3, 4]", "Activation: softmax"),
    "a function": ("[3, 4]", "Activation: tanh"),
    "a convolution in groups": ("[6, 4]", "Conv1D: {filters: 6, kernel_size: 2, groups: 2}"),
    "features of each step regrouped": ("[2, 6, 2]", "Reshape: [2, 4, 3]"),
    "two axes of each step become one": ("[2, 3, 4]", "Reshape: [2, 12]"),
    "one axis of each step becomes two": ("[2, 12]", "Reshape: [2, 3, 4]"),
    "rows and columns that change places": ("[2, 3, 4]", "Permute: [2, 1, 3]"),
    "all axes move": ("[2, 3, 4]", "Permute: [3, 1, 2]"),
    "maps": ("[1, 6, 5, 2]", "ConvLSTM2D: {filters: 2, kernel_size: [3, 2]}"),
    "maps, strides": ("[1, 7, 6, 2]", "ConvLSTM2D: {filters: 2, kernel_size: 3, strides: [2, 1], padding: same}"),
    "maps, dilation": ("[1, 7, 6, 2]", "ConvLSTM2D: {filters: 2, kernel_size: [2, 3], dilation_rate: [3, 2]}"),
    "maps at every step": ("[1, 5, 6, 2]", "ConvLSTM2D: {filters: 2, kernel_size: [1, 3], return_sequences: true}"),
    "inside a wrapper": ("[2, 5, 3]", "TimeDistributed: {layer: {Conv1D: {filters: 2, kernel_size: 2}}}"),
    "dense inside a wrapper": ("[2, 5, 3]", "TimeDistributed: {layer: {Dense: 2}}"),
    "an LSTM's features": ("[1, 3]", "LSTM: {units: 2, return_sequences: true}"),
    "an LSTM's features, its last step": ("[1, 3]", "LSTM: 2"),
}


@pytest.mark.parametrize("case", [*CASES, *MORE])
def test_a_changed_place_changes_what_reads_it(case: str) -> None:
    shape, layer_text = {**CASES, **MORE}[case]
    found = model(f"version: 1\ninput: {{shape: {shape}}}\nlayers:\n  - {layer_text}\n")
    layer, random = found.layers[0], np.random.default_rng(3)
    compared = 0
    for axis, made in enumerate(layer.output):
        before = layer.axis_before(axis)
        if before is None:
            continue
        given = layer.input[before]
        assert given is not None and made is not None
        (reads,) = layer.reads_along(axis)
        told = np.array([[n in reads.places(place, given) for place in range(made)] for n in range(given)])
        seen = np.zeros_like(told)
        for _ in range(4 * DRAWS):
            size = tuple(n or 1 for n in layer.input)
            batch = np.repeat(random.normal(0, 1, (1, *size)), given + 1, axis=0)
            for n in range(given):
                np.moveaxis(batch[n + 1], before, 0)[n] = random.normal(0, 1, prod(size) // given).reshape(
                    size[:before] + size[before + 1 :]
                )
            out = run(found, [batch], weights_of(found, random))[f"{layer.name}.output"]
            moved = np.abs(out[1:] - out[:1]) > 1e-13
            seen |= np.moveaxis(moved, axis + 1, 1).reshape(given, made, -1).any(-1)
        assert (seen == told).all(), f"axis {axis} of {layer.call}"
        compared += 1
    assert compared or layer.axis_before(0) is None


JOINED = {
    "attention": "Attention: {from: [a, b]}",
    "attention with a key": "Attention: {from: [a, b, b]}",
    "number by number": "Add: {from: [a, b]}",
    "rows": "Concatenate: {axis: 1, from: [a, b]}",
    "features": "Concatenate: {from: [a, b]}",
}


@pytest.mark.parametrize("case", JOINED)
def test_of_two_inputs(case: str) -> None:
    found = model(f"version: 1\ninputs: {{a: {{shape: [4, 3]}}, b: {{shape: [4, 3]}}}}\nlayers:\n  - {JOINED[case]}\n")
    layer, random = found.layers[0], np.random.default_rng(3)
    for axis, made in enumerate(layer.output):
        for name, size in (("a", (4, 3)), ("b", (4, 3))):
            told = np.zeros((size[axis], made or 0), bool)
            for reads, reference in zip(layer.reads_along(axis), layer.inputs, strict=True):
                for place in range(made or 0) if reference == name else ():
                    told[list(reads.places(place, size[axis])), place] = True
            inputs = {each: np.repeat(random.normal(0, 1, (1, *size)), size[axis] + 1, axis=0) for each in "ab"}
            for n in range(size[axis]):
                np.moveaxis(inputs[name][n + 1], axis, 0)[n] += random.normal(0, 1, size[1 - axis])
            out = run(found, list(inputs.values()), {})[f"{layer.name}.output"]
            moved = np.moveaxis(np.abs(out[1:] - out[:1]) > 1e-13, axis + 1, 1)
            assert (moved.reshape(size[axis], made or 0, -1).any(-1) == told).all(), f"axis {axis}, {name}"


def test_an_input_without_an_axis_is_read_whole_along_it() -> None:
    """A vector joined to a sequence has no axis of steps: each step of the sum reads all of it."""
    assert elementwise(0, (4, 5, 3), (3,), (4, 5, 3)) == (ALL, OWN)
