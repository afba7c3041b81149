"""Files that Keras saves of models made at random: the spec's own file is no alarm, and every option is compared.

Models come from the generator; Keras builds and saves them (tests/frameworks/keras_models.py).
"""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.frameworks.keras_options import NOTHING
from lstmdiag.model import Model
from lstmdiag.running.config_agreement import agreement
from lstmdiag.running.initial import shapes
from lstmdiag.running.loading import load
from tests.frameworks.keras_models import Built, build
from tests.frameworks.numbers import stored, to_keras
from tests.generator import Document, documents, text
from tests.models import model
from tests.options import OWN

NOT_IN_KERAS = (*OWN, "PeepholeLSTM", "projection")
PARTS, EACH = 4, 60

on_numpy = pytest.mark.skipif(
    keras.backend.backend() != "numpy",
    reason="files are the same on every backend, and models are made fastest with KERAS_BACKEND=numpy",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


def drawn(of: Model, number: int) -> dict[str, Any]:
    random = np.random.default_rng(number)
    return {name: random.normal(size=shape).astype("float32") for name, shape in shapes(of).items()}


def filled(of: Model, built: Built, number: int) -> dict[str, Any]:
    """The weights that Keras's layers now have."""
    weights = drawn(of, number)
    for layer in of.layers:
        if layer.weights and not layer.shared:
            to_keras(built.layers[layer.name], stored(layer, "keras", weights))
    return weights


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name], err_msg=name)


@on_numpy
@pytest.mark.parametrize("part", range(PARTS))
def test_the_file_of_a_spec_agrees_with_it(part: int, folder: Path) -> None:
    """Built in a fresh session, and later in one, where Keras has counted names on."""

    @seed(part)
    @settings(max_examples=EACH // 2, database=None)
    @given(documents(without=NOT_IN_KERAS), st.integers(0, 1_000), st.sampled_from([".keras", ".h5"]))
    def agrees(document: Document, number: int, ending: str) -> None:
        of = model(text(document))
        for fresh in (True, False):
            built = build(document, [layer.name for layer in of.layers], fresh=fresh)
            weights = filled(of, built, number)
            built.model.save(folder / f"m{ending}")
            notes: list[Problem] = []
            same(load(of, folder / f"m{ending}", notes=notes), weights)
            assert {note.level for note in notes} <= {"note"}
            built.model.save_weights(folder / "m.weights.h5")
            try:  # without a config it may not be clear which layer is which, but it is never another one
                same(load(of, folder / "m.weights.h5"), weights)
            except LstmdiagError:
                assert not fresh or not all(layer.options.name for layer in of.layers)

    agrees()


CHANGED: Mapping[str, Any] = {
    "activation": lambda value: "softsign" if value != "softsign" else "tanh",
    "recurrent_activation": lambda value: "softsign" if value != "softsign" else "tanh",
    "merge_mode": lambda value: "sum" if value != "sum" else "mul",
    "padding": lambda value: "same" if value != "same" else "valid",
    "score_mode": lambda value: "concat" if value == "dot" else "dot",
    "data_format": lambda value: "channels_first",
    "axis": lambda value: 7,
    "dims": lambda value: value[::-1] if value != value[::-1] else [*value, len(value) + 1],
    "target_shape": lambda value: [*value, 1],
    "mask_value": lambda value: value + 1,
    "epsilon": lambda value: 2 * value,
    **dict.fromkeys(
        ("use_bias", "go_backwards", "return_sequences", "reset_after", "stateful", "mask_zero", "center", "scale",
         "use_scale", "keepdims", "zero_output_for_mask", "rms_scaling", "renorm", "causal", "time_major"),
        lambda value: not value,
    ),
    **dict.fromkeys(("units", "filters", "input_dim", "output_dim", "n", "groups"), lambda value: value + 1),
    **dict.fromkeys(
        ("kernel_size", "strides", "dilation_rate", "pool_size"), lambda value: [size + 1 for size in value]
    ),
}  # fmt: skip
"""Every option that changes a prediction → another value of it."""

NOT_SAVED = {"quantization_config", "dtype"}
"""Options that say how numbers are stored."""


def configs(layers: list[Any]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Each config of a layer in a file: its class, itself, and whether it stands inside Bidirectional."""
    for entry in layers:
        if ".ops." in entry["module"] or entry["class_name"] == "InputLayer":
            continue
        yield entry["class_name"], entry["config"], False
        wrapped = [entry["config"][name] for name in ("layer", "backward_layer") if name in entry["config"]]
        both = entry["class_name"] == "Bidirectional"
        yield from ((kind, config, both or inside) for kind, config, inside in configs(wrapped))


def is_idle(kind: str, options: dict[str, Any]) -> bool:
    """Whether a layer computes nothing when a model is used, whatever its options: its config is not compared."""
    inner = options.get("layer")
    wrapped = kind == "TimeDistributed" and inner and is_idle(inner["class_name"], inner["config"])
    return kind in ("Dropout", "SpatialDropout1D") or bool(wrapped)


@on_numpy
@pytest.mark.parametrize("part", range(PARTS))
def test_each_option_that_is_changed_is_told(part: int, folder: Path) -> None:
    changed: Counter[str] = Counter()
    unknown: set[str] = set()

    @seed(part)
    @settings(max_examples=EACH, database=None)
    @given(documents(without=NOT_IN_KERAS))
    def told(document: Document) -> None:
        of = model(text(document))
        build(document, [layer.name for layer in of.layers]).model.save(folder / "m.keras")
        config = json.loads(zipfile.ZipFile(folder / "m.keras").read("config.json"))
        assert agreement(of, json.dumps(config), "3.15").problems == ()
        for kind, options, both_ways in configs(config["config"]["layers"]):
            unknown.update(options.keys() - NOTHING - CHANGED.keys() - NOT_SAVED)
            idle = is_idle(kind, options)
            for name, value in [*options.items()]:
                forced = name == "zero_output_for_mask" and both_ways
                if name not in CHANGED or forced or idle:
                    continue
                options[name] = CHANGED[name](value)
                messages = [problem.message for problem in agreement(of, json.dumps(config), "3.15").problems]
                assert any(f": {name} is " in message for message in messages), (kind, name, value, messages)
                changed[name] += 1
                options[name] = value
            options["of_tomorrow"] = 1
            found = agreement(of, json.dumps(config), "3.15").problems
            assert idle or any("of_tomorrow is 1" in problem.message for problem in found)
            del options["of_tomorrow"]

    told()
    assert not unknown, "options that are neither compared nor known to change nothing"
    assert changed["units"] > EACH / 4 and changed["activation"] > EACH / 4


L = keras.layers
CHAIN = "version: 1\ninput: {steps: 3, features: 1}\nlayers:\n"
WRONG: list[tuple[str, list[Any], str]] = [
    ("- SimpleRNN: 3", [L.SimpleRNN(3, activation="relu")], "activation is relu in the file, tanh in the spec"),
    ("- GRU: 3", [L.GRU(3, activation="relu")], "activation is relu in the file, tanh in the spec"),
    ("- LSTM: {units: 3, activation: relu}", [L.LSTM(3)], "activation is tanh in the file, relu in the spec"),
    ("- LSTM: 3", [L.LSTM(3, go_backwards=True)], "go_backwards is true in the file, false in the spec"),
    ("- LSTM: 3", [L.LSTM(3, recurrent_activation="hard_sigmoid")],
     "recurrent_activation is hard_sigmoid in the file, sigmoid in the spec"),
    ("- LayerNormalization", [L.LayerNormalization(epsilon=1e-5)], "epsilon is 1e-05 in the file, 0.001 in the spec"),
    ("- LSTM: 3", [L.LSTM(3), L.LeakyReLU()], "(LeakyReLU, negative_slope 0.3), which the spec lacks"),
    ("- LSTM: 3\n  - Dense: 1", [L.LSTM(3), L.Dense(1, activation="sigmoid")],
     "activation is sigmoid in the file, linear in the spec"),
    ("- Masking\n  - LSTM: 3", [L.LSTM(3)], "masking (Masking) is not in the file"),
    ("- LSTM: 3", [L.LSTM(3), L.Lambda(lambda x: 2 * x, output_shape=(3,))], "(Lambda), which the spec lacks"),
    ("- LSTM: 3\n  - Dense: 1", [L.LSTM(3), L.Dense(1, activation=lambda x: 2 * x)], "a function of its own"),
]  # fmt: skip


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("number", range(len(WRONG)))
def test_a_file_of_another_model_is_no_file_of_the_spec(number: int, ending: str, folder: Path) -> None:
    spec, layers, message = WRONG[number]
    path = folder / f"w{ending}"
    keras.Sequential([keras.Input((3, 1)), *layers]).save(path)
    of = model(f"{CHAIN}  {spec}\n")
    with pytest.raises(LstmdiagError) as caught:
        load(of, path)
    assert [problem for problem in caught.value.problems if message in problem.message and problem.at]
    notes: list[Problem] = []
    assert load(of, path, ignore_config=True, notes=notes).keys() == shapes(of).keys()
    assert [note.message for note in notes if note.level == "warning"] == [
        problem.message for problem in caught.value.problems
    ]
