"""Files of weights alone: which stored arrays are which layer's, and what is told where that is not clear."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.frameworks import arrays
from lstmdiag.frameworks.file_contents import FileArray, FileContents, Group
from lstmdiag.model import Model
from lstmdiag.running.loading import load
from lstmdiag.running.pairing import Target, kinds_of_key, paired, renaming
from tests.models import graph, model
from tests.running.test_loading import drawn, same, state_dict

CHAIN = "version: 1\ninput: {steps: 5, features: 3}\nlayers:\n"
STACK = f"{CHAIN}  - LSTM: {{units: 3, return_sequences: true}}\n  - LSTM: {{units: 3}}\n  - Dense: 1\n"


def targets(of: Model, framework: str = "keras") -> list[Target]:
    return [Target(layer, layer.unwrapped, arrays(layer, framework) or ()) for layer in of.layers if layer.weights]


def groups(of: Model, names: Mapping[str, str], keys: Mapping[str, str]) -> tuple[Group, ...]:
    """What a file of Keras holds for the layers of a model, under other names, in the order of `names`."""
    shapes = {target.layer.name: target.stored for target in targets(of)}
    return tuple(
        Group(names[name],
              {str(i): FileArray(array.shape, lambda: np.zeros(())) for i, array in enumerate(shapes[name])},
              kinds_of_key(keys.get(name, "")), key=keys.get(name, ""))
        for name in names
    )  # fmt: skip


def found(of: Model, names: Mapping[str, str], keys: Mapping[str, str] | None = None, ordered: bool = False) -> Any:
    """The names that layers have in the file, and the note about them."""
    pairs = paired(of, targets(of), FileContents("keras", groups=groups(of, names, keys or {}), ordered=ordered))
    note = renaming(pairs)
    return {target.layer.name: group.name or group.key for target, group in pairs}, note and note.message


HOW = "layers are matched by their order, class and shape, not by name"


def test_names_that_fit_in_part_are_not_trusted() -> None:
    """Keras counts on through a session: its lstm_1 is the first layer here."""
    of = model(STACK)
    names = {"dense": "dense_4", "lstm": "lstm_1", "lstm_1": "lstm_2"}
    keys = {"dense": "dense", "lstm": "lstm", "lstm_1": "lstm_1"}
    assert found(of, names, keys) == (
        {"lstm": "lstm_1", "lstm_1": "lstm_2", "dense": "dense_4"},
        f"{HOW}: lstm is lstm_1 in the file, lstm_1 is lstm_2 in the file, dense is dense_4 in the file",
    )
    in_order = {name: names[name] for name in ("lstm", "lstm_1", "dense")}
    assert found(of, in_order, ordered=True)[0] == names
    with pytest.raises(LstmdiagError) as caught:
        found(of, names)
    assert caught.value.problems[0].message == "these are the weights of another model, or its layers have other names"
    assert caught.value.problems[0].rows == (
        "in the spec                         in the file",
        "lstm LSTM (3, 12) (3, 12) (12,)     dense_4 (3, 1) (1,)",
        "lstm_1 LSTM (3, 12) (3, 12) (12,)   lstm_1 (3, 12) (3, 12) (12,)",
        "dense Dense (3, 1) (1,)             lstm_2 (3, 12) (3, 12) (12,)",
    )


def test_names_that_fit_are_trusted_where_classes_and_shapes_do() -> None:
    of = model(STACK)
    swapped = {"lstm": "lstm_1", "lstm_1": "lstm", "dense": "dense"}
    assert found(of, swapped) == ({"lstm": "lstm", "lstm_1": "lstm_1", "dense": "dense"}, None)
    wide = model(f"{CHAIN}  - LSTM: {{units: 4, return_sequences: true}}\n  - LSTM: 3\n  - Dense: 1\n")
    keys = {name: name for name in swapped}
    assert found(wide, swapped, keys)[0] == swapped, "their shapes contradict, and the order of a chain is clear"


def test_shapes_tell_layers_apart() -> None:
    of = graph("two-inputs")
    names = {"right": "lstm_8", "left": "lstm_7", "dense": "dense_3"}
    assert found(of, names)[0] == names


def told(of: Model, path: Path) -> tuple[Problem, ...]:
    with pytest.raises(LstmdiagError) as caught:
        load(of, path)
    return caught.value.problems


def test_weights_of_another_kind_or_size_say_so(tmp_path: Path) -> None:
    spec = f"{CHAIN}  - LSTM: 3\n  - Dense: 1\n"
    of = model(spec)
    cases = {
        "units: 4": ("LSTM: 3", "LSTM: 4"),
        "GRU": ("LSTM: 3", "GRU: {units: 3, name: lstm}"),
        "one more": ("  - Dense: 1", "  - Dense: {units: 2, name: more}\n  - Dense: 1"),
    }
    found = {}
    for name, (old, new) in cases.items():
        other = model(spec.replace(old, new))
        np.savez(tmp_path / "w.npz", **state_dict(other, drawn(other)))
        found[name] = [problem.message.removeprefix("w.npz: ") for problem in told(of, tmp_path / "w.npz")]
    assert found == {
        "units: 4": [
            "lstm: weight_ih_l0 has the shape (16, 3), not (12, 3)",
            "lstm: weight_hh_l0 has the shape (16, 4), not (12, 3)",
            "lstm: bias_ih_l0 has the shape (16,), not (12,)",
            "lstm: bias_hh_l0 has the shape (16,), not (12,)",
            "dense: weight has the shape (1, 4), not (1, 3)",
        ],
        "GRU": ["lstm: the class is GRU in the file, LSTM in the spec"],
        "one more": ["the layer 'more' is not in the spec"],
    }


def test_a_module_alone_has_no_name_and_no_advice_for_keras(tmp_path: Path) -> None:
    """`nn.LSTM(...).state_dict()` names its parameters, and no layer."""
    alone, more = model(f"{CHAIN}  - LSTM: 3\n"), model(f"{CHAIN}  - LSTM: 3\n  - Dense: 1\n")
    weights = drawn(alone)
    held = {name.removeprefix("lstm."): array for name, array in state_dict(alone, weights).items()}
    np.savez(tmp_path / "w.npz", **held)
    same(load(alone, tmp_path / "w.npz"), weights)
    (problem,) = told(more, tmp_path / "w.npz")
    assert problem.message == "w.npz: these are the weights of another model: of 1 layers, not of 2"
    assert "(no name) LSTM (12, 3)" in problem.rows[1]
    assert "Keras" not in f"{problem.hint} {problem.rows}"
    (problem,) = told(model(f"{CHAIN}  - GRU: 3\n"), tmp_path / "w.npz")
    assert problem.message == "w.npz: these are the weights of another model, whose layers are of other classes"


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("GRU: {units: 3, activation: relu}", "rnn: activation is tanh in torch.nn.GRU, relu in the spec"),
        ("LSTM: {units: 3, activation: relu}", "rnn: activation is tanh in torch.nn.LSTM, relu in the spec"),
        ("LSTM: {units: 3, recurrent_activation: hard_sigmoid}",
         "rnn: recurrent_activation is sigmoid in torch.nn.LSTM, hard_sigmoid in the spec"),
        ("LSTM: {units: 3, go_backwards: true}", "rnn: go_backwards is false in torch.nn.LSTM, true in the spec"),
        ("SimpleRNN: {units: 3, activation: elu}",
         "rnn: activation is relu or tanh in torch.nn.RNN, elu in the spec"),
        ("Bidirectional: {layer: {GRU: {units: 3, activation: relu}}}",
         "rnn: activation is tanh in torch.nn.GRU, relu in the spec"),
    ],
)  # fmt: skip
def test_what_no_layer_of_pytorch_computes_is_told(option: str, message: str, tmp_path: Path) -> None:
    of = model(f"{CHAIN}  - {option[:-1]}, name: rnn}}\n")
    np.savez(tmp_path / "w.npz", **state_dict(of, drawn(of)))
    (problem,) = told(of, tmp_path / "w.npz")
    assert problem.message == f"w.npz: {message}"
    assert problem.at is not None and problem.at.line == 4
    notes: list[Problem] = []
    same(load(of, tmp_path / "w.npz", ignore_config=True, notes=notes), drawn(of))
    assert [(note.level, note.message) for note in notes] == [("warning", f"w.npz: {message}")]


def test_a_gru_whose_reset_comes_first_is_none_of_pytorch(tmp_path: Path) -> None:
    after = model(f"{CHAIN}  - GRU: {{units: 3, name: rnn}}\n")
    np.savez(tmp_path / "w.npz", **state_dict(after, drawn(after)))
    before = model(f"{CHAIN}  - GRU: {{units: 3, name: rnn, reset_after: false}}\n")
    message = "w.npz: rnn: reset_after is true in torch.nn.GRU, false in the spec"
    assert message in [problem.message for problem in told(before, tmp_path / "w.npz")]


def test_our_own_names_may_have_any_activation(tmp_path: Path) -> None:
    of = model(f"{CHAIN}  - GRU: {{units: 3, activation: relu, reset_after: false}}\n")
    np.savez(tmp_path / "w.npz", **drawn(of))
    notes: list[Problem] = []
    same(load(of, tmp_path / "w.npz", notes=notes), drawn(of))
    assert notes == []


def test_the_layers_of_a_stack_are_counted(tmp_path: Path) -> None:
    """`_l10` comes after `_l9`, though it stands before `_l2` in the alphabet."""
    layers = "".join(f"  - LSTM: {{units: 3, return_sequences: true, name: layer {n}}}\n" for n in range(12))
    of = model(CHAIN + layers)
    weights = drawn(of)
    held = {}
    for name, array in state_dict(of, weights).items():
        layer, parameter = name.split(".")
        held[f"stack.{parameter.replace('_l0', f'_l{layer[6:]}')}"] = array
    np.savez(tmp_path / "w.npz", **dict(sorted(held.items())))
    same(load(of, tmp_path / "w.npz"), weights)


def test_a_stack_is_one_behind_the_other(tmp_path: Path) -> None:
    """Two layers side by side are no stack, though they have its shapes."""
    of = model("version: 1\ninput: {steps: 5, features: 3}\nlayers:\n  - LSTM: {units: 3, name: a}\n"
               "  - LSTM: {units: 3, name: b, from: input}\n  - Add: {from: [a, b]}\n")  # fmt: skip
    held = {}
    for name, array in state_dict(of, drawn(of)).items():
        layer, parameter = name.split(".")
        held[f"stack.{parameter.replace('_l0', '_l1') if layer == 'b' else parameter}"] = array
    np.savez(tmp_path / "w.npz", **held)
    assert told(of, tmp_path / "w.npz")[0].message.startswith("w.npz: these are the weights of another model")
