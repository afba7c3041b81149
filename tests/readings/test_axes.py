"""What each axis counts: the rows of an image are no steps, and a state has none."""

from __future__ import annotations

import pytest

from lstmdiag.readings.axes import at_places, axes, letters, time_axes
from lstmdiag.running.signals import signals
from lstmdiag.views.model import view
from lstmdiag.views.selection import Selection
from lstmdiag.views.tables import table
from tests.models import PACKAGED, model, packaged

IMAGE = ("rows", "columns", "features")
STEPS = ("steps", "features")
UNKNOWN = ("", "features")  # of steps, or of an image without channels


def axes_of(shape: str, layers: str) -> dict[str, tuple[str, ...]]:
    given = shape if shape.startswith("{") else f"{{shape: {shape}}}"
    return dict(axes(model(f"version: 1\ninput: {given}\nlayers: {layers}\n")))


@pytest.mark.parametrize(("shape", "layers", "named"), [
    ("[8, 8, 3]", "[{Dense: 2}, Flatten]", {"input": IMAGE, "dense": IMAGE, "flatten": ("features",)}),
    ("{steps: 5, features: 3}", "[{Dense: 2}, Flatten]", {"input": STEPS, "dense": STEPS, "flatten": ("features",)}),
    ("[28, 28]", "[{Dense: 2}, Flatten]", {"input": UNKNOWN, "dense": UNKNOWN, "flatten": ("features",)}),
    ("[28, 28]", "[{Dense: 2}, {LSTM: 2}]", {"input": STEPS, "dense": STEPS, "lstm": ("features",)}),
    ("[28, 28]", "[{Conv1D: {filters: 2, kernel_size: 3}}, Flatten]",
     {"input": STEPS, "conv1d": STEPS, "flatten": ("features",)}),
    ("[28, 28]", "[GlobalMaxPooling1D]", {"input": STEPS, "global_max_pooling1d": ("features",)}),
    ("[28, 28]", "[{Reshape: [14, 56]}, Flatten]",
     {"input": UNKNOWN, "reshape": UNKNOWN, "flatten": ("features",)}),
    ("[28, 28]", "[{Reshape: [14, 56]}, {LSTM: 2}]",
     {"input": UNKNOWN, "reshape": STEPS, "lstm": ("features",)}),
    ("{steps: 6, features: 4}", "[{Reshape: [3, 8]}, Flatten]",
     {"input": STEPS, "reshape": UNKNOWN, "flatten": ("features",)}),
    ("[5, 3]", "[{LSTM: 2}, {RepeatVector: 4}]",
     {"input": STEPS, "lstm": ("features",), "repeat_vector": STEPS}),
    ("{steps: 5, features: 3}", "[{Permute: [2, 1]}, Flatten]",
     {"input": STEPS, "permute": ("features", "steps"), "flatten": ("features",)}),
    ("{steps: 5, features: 5}", "[{Permute: [2, 1]}, Flatten]",
     {"input": STEPS, "permute": ("features", "steps"), "flatten": ("features",)}),
    ("[5, 3]", "[{Permute: [2, 1]}, {LSTM: 2}]", {"input": UNKNOWN, "permute": STEPS, "lstm": ("features",)}),
    ("[8, 9, 3]", "[{Permute: [2, 1, 3]}, Flatten]",
     {"input": IMAGE, "permute": ("columns", "rows", "features"), "flatten": ("features",)}),
    ("[4, 8, 8, 3]", "[{ConvLSTM2D: {filters: 2, kernel_size: 3}}]",
     {"input": ("steps", *IMAGE), "conv_lstm2d": IMAGE}),
    ("[4, 8, 3]", "[{TimeDistributed: {Dense: 2}}]",
     {"input": ("steps", "", "features"), "time_distributed": ("steps", "", "features")}),
])  # fmt: skip
def test_every_axis_is_known_by_what_it_counts(shape: str, layers: str, named: dict[str, tuple[str, ...]]) -> None:
    assert axes_of(shape, layers) == named


@pytest.mark.parametrize(("shape", "layers"), [
    ("[8, 8, 3]", "[{Dense: 2}, {Activation: relu}, Flatten]"),
    ("[5, 3]", "[{Dense: 2}, {LSTM: 2}]"),
    ("[5, 3]", "[{Bidirectional: {layer: {LSTM: {units: 2, return_sequences: true}}, merge_mode: null}}, Add]"),
    ("[5, 3]", "[{Permute: [2, 1]}, {BatchNormalization: {axis: 1}}, Flatten]"),
])  # fmt: skip
def test_a_signal_has_steps_where_the_axes_have(shape: str, layers: str) -> None:
    source = f"version: 1\ninput: {{shape: {shape}}}\nlayers: {layers}\n"
    found = model(source.replace("Add]", "{Add: {from: [bidirectional.forward, bidirectional.backward]}}]"))
    began = time_axes(found)
    known = signals(found)
    assert {name: known[name].timed for name in ("input",)} == {"input": bool(began["input"])}
    for layer in found.layers:
        assert known[f"{layer.name}.output"].timed == bool(began[layer.name])


def test_a_state_has_no_steps() -> None:
    found = model("version: 1\ninput: {steps: 5, features: 3}\nlayers:\n  - LSTM: {units: 2, return_sequences: true}\n"
                  "  - {Dense: {units: 2, from: lstm.h}}\n  - {Dense: {units: 2, from: lstm}}\n"
                  "outputs: [dense, dense_1]\n")  # fmt: skip
    assert [found.is_state(reference) for reference in ("input", "lstm", "lstm.h")] == [False, False, True]
    assert time_axes(found) == {"input": "input", "lstm": "input", "dense": "", "dense_1": "input"}


@pytest.mark.parametrize(("shape", "layers", "placed"), [
    ("[8, 8, 3]", "[{Dense: 2}, Flatten, {Dense: 2}]", {"dense"}),
    ("[5, 3]", "[{Dense: 2}, {LSTM: 2}]", set()),
    ("[4, 8, 8, 3]", "[{ConvLSTM2D: {filters: 2, kernel_size: 3, return_sequences: true}}, BatchNormalization]",
     {"batch_normalization"}),
])  # fmt: skip
def test_tables_tell_places_from_steps(shape: str, layers: str, placed: set[str]) -> None:
    found = model(f"version: 1\ninput: {{shape: {shape}}}\nlayers: {layers}\n")
    assert at_places(found) == placed
    rows = table(found, "shapes").rows
    assert {row[0] for row in rows if "each place on its own, with the same weights" in row} == placed
    assert any("at each place" in note for note in table(found, "cost").notes) == bool(placed)


@pytest.mark.parametrize(("given", "layers", "last"), [
    ("{steps: 5, features: 3}", "[{LSTM: {units: 4, projection: 2, return_sequences: true}}]", "P"),
    ("{steps: 5, features: 3}", "[{Bidirectional: {LSTM: {units: 4, projection: 2}}}]", "2P"),
    ("{steps: 5, features: 3}", "[{Bidirectional: {LSTM: 4}}, {Dropout: 0.5}]", "2H"),
    ("{steps: 5, features: 3}", "[{Bidirectional: {layer: {LSTM: 4}, merge_mode: sum}}]", "H"),
    ("{steps: 5, features: 3}", "[LayerNormalization]", "F"),
    ("{steps: 5, features: 5}", "[{Permute: [2, 1]}]", ""),
    ("{shape: [4, 5, 6]}", "[{TimeDistributed: {Permute: [1, 2]}}]", "F"),
    ("{shape: [4, 6, 6]}", "[{TimeDistributed: {Permute: [2, 1]}}]", ""),
    ("{shape: [1]}", "[{Reshape: []}, {Reshape: [1]}]", ""),
    ("{steps: 5, dtype: int}", "[{Embedding: [9, 2]}, {TimeDistributed: {Dropout: 0.5}}]", "E"),
])  # fmt: skip
def test_the_last_axis_has_one_letter(given: str, layers: str, last: str) -> None:
    found = model(f"version: 1\ninput: {given}\nlayers: {layers}\n".replace("[9, 2]", "{input_dim: 9, output_dim: 2}"))
    assert letters(found)[found.layers[-1].name][-1] == last


def test_pictures_and_tables_name_it_alike() -> None:
    """Where a layer gives its own units, its projection or its table; both ask the same reading."""
    for name in PACKAGED:
        found = packaged(name)
        shown = {row[0]: str(cell) for row in table(found, "shapes").rows for cell in row if "→" in str(cell)}
        for layer in found.layers:
            if layer.maths.recurrent:
                letter = letters(found)[layer.name][-1].partition("_")[0]
                assert shown[layer.name].endswith(letter), (name, layer.name)


def test_what_a_number_alone_counts_is_true_of_a_projection() -> None:
    made = model("version: 1\ninput: {steps: 5, features: 3}\nlayers: [{LSTM: {units: 4, projection: 2}}]\n")
    assert "not recurrent" not in str(view(made, Selection()).reading)
