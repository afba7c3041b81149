"""What a Keras file says of its layers is compared with the spec: each difference is told at the spec's line."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from lstmdiag.errors import Problem
from lstmdiag.frameworks.keras_options import NOTHING
from lstmdiag.layers import KINDS
from lstmdiag.layers.kind import shown_options
from lstmdiag.running.config_agreement import agreement
from lstmdiag.running.matching import aligned
from tests.models import graph, model
from tests.running.keras_configs import Config, called, functional, keras_2, layer, sequential, source, tensor

CONFIGS = Path(__file__).parent.parent / "reference" / "configs"
CHAIN = "version: 1\ninput: {steps: 3, features: 1}\nlayers:\n"


def problems(spec: str, config: Config | str, version: str = "3.15.1") -> tuple[Problem, ...]:
    of = model(spec) if "\n" in spec else graph(spec)
    return agreement(of, config if isinstance(config, str) else json.dumps(config), version).problems


def told(spec: str, *layers: Config) -> list[str]:
    """Of a chain on (3, 1)."""
    return [problem.message for problem in problems(f"{CHAIN}{spec}", sequential(source(3, 1), *layers))]


@pytest.mark.parametrize(
    ("spec", "layers", "message"),
    [
        ("SimpleRNN: 3", [layer("SimpleRNN", units=3, activation="relu")],
         "activation is relu in the file, tanh in the spec"),
        ("GRU: {units: 3, name: gru}", [layer("GRU", units=3, activation="relu")],
         "activation is relu in the file, tanh in the spec"),
        ("LSTM: {units: 3, activation: relu}", [layer("LSTM", units=3)],
         "activation is tanh in the file, relu in the spec"),
        ("LSTM: 3", [layer("LSTM", units=3, recurrent_activation="hard_sigmoid")],
         "recurrent_activation is hard_sigmoid in the file, sigmoid in the spec"),
        ("LSTM: 3", [layer("LSTM", units=3, go_backwards=True)], "go_backwards is true in the file, false in the spec"),
        ("LSTM: 3", [layer("LSTM", units=3, stateful=True)], "stateful is true in the file, false in the spec"),
        ("LSTM: 3", [layer("LSTM", units=4)], "units is 4 in the file, 3 in the spec"),
        ("GRU: {units: 3, reset_after: false}", [layer("GRU", units=3)],
         "reset_after is true in the file, false in the spec"),
        ("LayerNormalization", [layer("LayerNormalization", name="layer_normalization", epsilon=1e-5)],
         "epsilon is 1e-05 in the file, 0.001 in the spec"),
        ("Dense: 1", [layer("Dense", units=1, activation="sigmoid")],
         "activation is sigmoid in the file, linear in the spec"),
        ("Dense: 1", [layer("Dense", units=1, activation={"class_name": "function", "config": "mine"})],
         "activation is mine, a function of its own in the file, linear in the spec"),
        ("Bidirectional: {layer: {LSTM: 3}, name: b}",
         [layer("Bidirectional", "b", merge_mode="sum", layer=layer("LSTM", units=3))],
         "merge_mode is sum in the file, concat in the spec"),
        ("Bidirectional: {layer: {LSTM: 3}, name: b}",
         [layer("Bidirectional", "b", layer=layer("LSTM", units=3),
                backward_layer=layer("LSTM", units=3, go_backwards=True, activation="relu"))],
         "activation is relu in the file, tanh in the spec, backwards"),
        ("TimeDistributed: {layer: {Dense: 1}, name: t}",
         [layer("TimeDistributed", "t", layer=layer("Dense", units=1, use_bias=False))],
         "use_bias is false in the file, true in the spec"),
        ("LSTM: 3", [layer("LSTM", units=3, of_tomorrow=7)], "of_tomorrow is 7 in the file"),
    ],
)  # fmt: skip
def test_an_option_that_differs_is_told(spec: str, layers: list[Config], message: str) -> None:
    (found,) = told(f"  - {spec}\n", *layers)
    assert found.endswith(f": {message}")


SPELLINGS: list[tuple[str, Config]] = [
    ("LSTM: 3", layer("LSTM", units=3, dropout=0.5, unroll=True, return_state=True, seed=3)),
    ("Dense: {units: 1, activation: null}", layer("Dense", units=1, activation="linear")),
    ("Dense: {units: 1, activation: silu}", layer("Dense", units=1, activation="swish")),
    ("Dense: {units: 1, activation: relu}", layer("Dense", units=1, activation=layer("ReLU"))),
    ("Activation: relu6", layer("ReLU", "activation", max_value=6.0)),
    ("Activation: leaky_relu", layer("LeakyReLU", negative_slope=0.2)),
    ("LayerNormalization: {axis: 2}", layer("LayerNormalization", "norm")),
    ("Conv1D: {filters: 2, kernel_size: 2}", layer("Conv1D", filters=2, kernel_size=[2], strides=[1])),
    ("MaxPooling1D: 2", layer("MaxPooling1D", pool_size=[2], strides=[2], data_format="channels_last")),
    ("Reshape: [-1]", layer("Reshape", target_shape=[3])),
    ("Bidirectional: {LSTM: {units: 3, return_sequences: true}}",
     layer("Bidirectional", layer=layer("LSTM", units=3, return_sequences=True, zero_output_for_mask=True))),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "entry"), SPELLINGS)
def test_other_spellings_are_no_difference(spec: str, entry: Config) -> None:
    assert told(f"  - {spec}\n", entry) == []


def test_every_difference_stands_at_its_line() -> None:
    spec = f"{CHAIN}  - LSTM: {{units: 3, activation: relu}}\n  - Dropout: 0.5\n  - Dense: 1\n"
    config = sequential(
        source(4, 1), layer("LSTM", units=3), layer("LeakyReLU"), layer("Dense", units=1, use_bias=False)
    )
    found = problems(spec, config)
    lines = spec.splitlines()
    places = {each.message: lines[each.at.line - 1][each.at.column - 1 :] for each in found if each.at}
    assert places == {
        "lstm: activation is tanh in the file, relu in the spec": "relu}",
        "after lstm the file has leakyrelu (LeakyReLU, negative_slope 0.3), which the spec lacks": lines[3][4:],
        "dense: use_bias is false in the file, true in the spec": "Dense: 1",
        "the input 'input' has the shape (4, 1) in the file, (3, 1) in the spec": "input: {steps: 3, features: 1}",
    }
    assert {each.message: each.hint for each in found}["lstm: activation is tanh in the file, relu in the spec"] == (
        "write activation: tanh"
    )


@pytest.mark.parametrize(
    ("spec", "layers", "messages"),
    [
        ("  - LSTM: 3\n", [layer("LSTM", units=3), layer("Softmax")],
         ["after lstm the file has softmax (Activation), which the spec lacks"]),
        ("  - LSTM: 3\n", [layer("Masking"), layer("LSTM", units=3)],
         ["the file has masking (Masking), which the spec lacks"]),
        ("  - Masking\n  - LSTM: 3\n", [layer("LSTM", units=3)], ["masking (Masking) is not in the file"]),
        ("  - LSTM: 3\n  - Dense: 1\n", [layer("LSTM", units=3), layer("Lambda"), layer("Dense", units=1)],
         ["after lstm the file has lambda (Lambda), which the spec lacks"]),
        ("  - LSTM: 3\n  - Dense: 1\n", [layer("GRU", units=3), layer("Dense", units=1)],
         ["lstm (gru in the file): the class is GRU in the file, LSTM in the spec"]),
        ("  - LSTM: 3\n  - Dropout: 0.1\n", [layer("GaussianNoise"), layer("LSTM", units=3)], []),
    ],
)  # fmt: skip
def test_a_layer_that_one_side_lacks_is_told(spec: str, layers: list[Config], messages: list[str]) -> None:
    assert told(spec, *layers) == messages


def test_a_class_of_the_user_s_own_is_no_layer_of_keras() -> None:
    own = {**layer("LSTM", units=3), "module": "my.layers", "registered_name": "mine>LSTM"}
    assert told("  - Dense: 2\n  - Dense: 1\n", layer("Dense", units=2), own, layer("Dense", "dense_1", units=1)) == [
        "after dense the file has lstm (mine>LSTM), which the spec lacks"
    ]


OLD = {
    "return_sequences": False, "go_backwards": False, "stateful": False, "activation": "tanh", "use_bias": True,
    "recurrent_activation": "hard_sigmoid", "implementation": 1, "units": 3,
}  # fmt: skip


def test_keras_2_has_other_defaults() -> None:
    spec = f"{CHAIN}  - GRU: {{units: 3, recurrent_activation: hard_sigmoid}}\n"
    config = keras_2(("GRU", OLD), shape=[3, 1])
    assert [each.message for each in problems(spec, config, "2.1.6")] == [
        "gru: recurrent_activation is hard_sigmoid of Keras 2 (0.2 x + 0.5; today's is x / 6 + 0.5) in the file, "
        "hard_sigmoid in the spec",
        "gru: reset_after is false in the file, true in the spec",
    ]
    newer = {**OLD, "recurrent_activation": "sigmoid", "reset_after": True, "time_major": False}
    assert problems(f"{CHAIN}  - GRU: 3\n", keras_2(("GRU", newer), shape=[3, 1]), "2.15.0") == ()
    nodes = [[["x", 0, 0, {}]], [["gru", 0, 0, {"training": False}]]]
    layers = [
        {"class_name": "InputLayer", "name": "x", "config": {"batch_input_shape": [None, 3, 1]}, "inbound_nodes": []},
        {"class_name": "GRU", "name": "gru", "config": {"trainable": True, **newer}, "inbound_nodes": nodes[:1]},
        {"class_name": "Dense", "name": "d", "config": {"trainable": True, "units": 1}, "inbound_nodes": nodes[1:]},
    ]
    config = json.dumps({"class_name": "Model", "config": {
        "name": "m", "layers": layers, "input_layers": [["x", 0, 0]], "output_layers": [["d", 0, 0]]}})  # fmt: skip
    assert problems(f"{CHAIN}  - GRU: 3\n  - Dense: 1\n", config, "2.15.0") == ()


def transfer(*states: Any, encoder: str = "encoder", **more: Any) -> Config:
    """The graph `transfer` of tests/models.py, whose decoder begins with these states."""
    return functional(
        [
            called(source(5, 2, name="source")),
            called(source(4, 3, name="target")),
            called(layer("LSTM", encoder, units=6, return_state=True), tensor("source")),
            called(layer("LSTM", "decoder", units=6, return_sequences=True), tensor("target"),
                   initial_state=[*states], training=False, **more),
            called(layer("TimeDistributed", "time_distributed", layer=layer("Dense", units=2)), tensor("decoder")),
        ],
        [["source", 0, 0], ["target", 0, 0]], ["time_distributed", 0, 0],
    )  # fmt: skip


@pytest.mark.parametrize("encoder", ["encoder", "lstm_7"])
def test_wires_are_compared(encoder: str) -> None:
    h, c = tensor(encoder, 0, 1), tensor(encoder, 0, 2)
    assert problems("transfer", transfer(h, c, encoder=encoder)) == ()
    assert problems("transfer", transfer(tensor(encoder), c, encoder=encoder)) == (), "h is what it gives out"


def test_wires_that_differ_are_told() -> None:
    h, c = tensor("encoder", 0, 1), tensor("encoder", 0, 2)
    swapped = "decoder begins with encoder, output 2, encoder in the file, encoder, encoder, output 2 in the spec"
    assert [each.message for each in problems("transfer", transfer(c, h))] == [swapped]
    assert [each.message for each in problems("transfer", transfer())] == [
        "encoder (LSTM) is not in the file",  # as far as numbers go
        "decoder begins with zeros in the file, encoder, encoder, output 2 in the spec",
    ]
    causal = problems("transfer", transfer(h, c, use_causal_mask=True))
    assert [each.message for each in causal] == ["decoder is called with use_causal_mask true in the file"]
    mask = problems("transfer", transfer(h, c, mask=tensor("target")))
    assert [each.message for each in mask] == ["decoder is given a mask of its own in the file"]


def test_a_mask_that_keras_leaves_out_is_told() -> None:
    """Beside an initial_state, Keras 3 does not use the mask that comes with x; here it counts."""
    spec = """version: 1
inputs: {x: {steps: 3, features: 1}, h: {shape: [2]}}
layers:
  - Masking: {from: x}
  - SimpleRNN: {units: 2, initial_state: h, name: r}
"""
    layers = [
        called(source(3, 1, name="x")), called(source(2, name="h")), called(layer("Masking"), tensor("x")),
        called(layer("SimpleRNN", "r", units=2), tensor("masking"), initial_state=tensor("h")),
    ]  # fmt: skip
    (found,) = problems(spec, functional(layers, [["x", 0, 0], ["h", 0, 0]], [["r", 0, 0]]))
    assert found.message == "r takes no mask in the file, one in the spec"


def test_models_inside_a_model_are_its_layers() -> None:
    spec = f"{CHAIN}  - LSTM: 3\n  - Dense: 1\n"
    inner = sequential(source(3, 1), layer("LSTM", units=3), name="encoder")
    config = sequential(source(3, 1, name="outer"), inner, layer("Dense", units=1))
    assert problems(spec, config) == ()
    used_twice = functional(
        [called(source(3, 1)), called(called(inner, tensor("input_layer")), tensor("input_layer")),
         called(layer("Add"), [tensor("encoder"), tensor("encoder", 1)])],
        [["input_layer", 0, 0]], [["add", 0, 0]],
    )  # fmt: skip
    (found,) = problems(spec, used_twice)
    assert found.message == "the model 'encoder' stands as a layer in its model, and is used more than once"


def named(spec: str, *layers: Config) -> dict[str, str] | None:
    found = agreement(model(f"{CHAIN}{spec}"), json.dumps(sequential(source(3, 1), *layers)), "3.15.1").names
    return None if found is None else dict(found)


def test_layers_of_other_names_are_matched_where_that_has_one_answer() -> None:
    two = "  - LSTM: {units: 3, return_sequences: true}\n  - LSTM: 3\n  - Dense: 1\n"
    first, second = layer("LSTM", "lstm_1", units=3, return_sequences=True), layer("LSTM", "lstm_2", units=3)
    head = layer("Dense", "dense_7", units=1)
    assert named(two, first, second, head) == {"lstm": "lstm_1", "lstm_1": "lstm_2", "dense": "dense_7"}
    assert named(two, first, second, layer("LeakyReLU"), head) == {
        "lstm": "lstm_1", "lstm_1": "lstm_2", "dense": "dense_7",
    }  # fmt: skip
    assert named(two, second, head) is None, "it could be either of both"


@pytest.mark.parametrize(
    ("one", "other", "pairs"),
    [
        ("AB", "AXB", [(0, 0), (1, 2)]), ("AB", "BA", None), ("AB", "AAB", None), ("ABC", "AC", [(0, 0), (2, 1)]),
        ("A", "B", None), ("AAAA", "AAAA", [(0, 0), (1, 1), (2, 2), (3, 3)]), ("", "", None),
    ],
)  # fmt: skip
def test_chains_are_aligned_where_that_has_one_answer(one: str, other: str, pairs: Any) -> None:
    assert aligned(one, other) == pairs


def test_what_changes_nothing_in_a_spec_changes_nothing_in_a_file() -> None:
    """Every option that kinds accept and show nowhere is on the list of what is not compared, and no other one."""
    for kind in KINDS.values():
        hidden = set(kind.options.model_fields) - set(shown_options(kind.options)) - {"from_"}
        assert hidden <= NOTHING | {"dtype"}, kind.name


@pytest.mark.parametrize("config", ["", "[]", "{}", '{"class_name": "Mine", "config": {}}', "[" * 100_000])
def test_a_config_that_cannot_be_understood_is_told(config: str) -> None:
    (found,) = problems(f"{CHAIN}  - LSTM: 3\n", config)
    assert "--ignore-config" in found.hint


def test_damaged_configs_are_told() -> None:
    """Whatever stands in the place of something else, at any depth."""
    h, c = tensor("encoder", 0, 1), tensor("encoder", 0, 2)
    of, whole = graph("transfer"), transfer(h, c)
    chance = random.Random(0)
    for _ in range(2_000):
        config = json.loads(json.dumps(whole))
        place: Any = config
        while True:
            key = chance.choice([*place] if isinstance(place, dict) else range(len(place)))
            if chance.random() < 0.2 or not isinstance(place[key], dict | list) or not place[key]:
                break
            place = place[key]
        place[key] = chance.choice([None, 0, -1, "x", [], {}, [1], {"class_name": "LSTM"}, True, 1e400, ["x", 9, 9]])
        agreement(of, json.dumps(config), "3.15.1")


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.json")), ids=lambda path: path.stem)
def test_what_other_versions_of_keras_write_is_understood(path: Path) -> None:
    """The config that Keras wrote of the model of a spec, tests/reference/make_configs.py: no difference."""
    held = json.loads(path.read_text("utf-8"))
    found = agreement(model(held["spec"]), json.dumps(held["config"]), held["version"])
    assert found.problems == () and found.names is not None
    changed = json.dumps(held["config"]).replace('"units": 3', '"units": 5').replace('"filters": 2', '"filters": 5')
    assert agreement(model(held["spec"]), changed, held["version"]).problems
