"""Weights from files: what each framework writes is read back, and what does not fit, or is hostile, is told."""

from __future__ import annotations

import json
import pickle
import struct
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmdiag.errors import EnvironmentLacks, LstmdiagError
from lstmdiag.frameworks import arrays
from lstmdiag.layer import Layer
from lstmdiag.model import Model
from lstmdiag.running.initial import shapes
from lstmdiag.running.loading import load
from tests.frameworks.stored import array_of_weights
from tests.models import graph, lstm, model, packaged

MIXED = """version: 1
input: {steps: 5, features: 2}
layers:
  - LSTM: {units: 3, return_sequences: true, name: encoder}
  - Bidirectional: {layer: {GRU: {units: 4, return_sequences: true}}, name: b}
  - LayerNormalization: {name: norm}
  - TimeDistributed: {layer: {Dense: 2}, name: out}
"""


def drawn(of: Model) -> dict[str, Any]:
    random = np.random.default_rng(1)
    return {name: random.normal(size=shape) for name, shape in shapes(of).items()}


def stored(of: Model, weights: Mapping[str, Any], framework: str) -> dict[str, list[tuple[str, Any]]]:
    """What the framework would store, by layer: names and arrays, in its order."""
    made = {}
    for layer in of.layers:
        within: Layer = layer.unwrapped
        held = arrays(layer, framework)
        assert held is not None
        own = {weight.name: weights[f"{within.name}.{weight.name}"] for weight in within.weights}
        sizes = {weight.name: weight.shape for weight in within.weights}
        made[layer.name] = [(each.name, array_of_weights(each, own, sizes)) for each in held]
    return {name: held for name, held in made.items() if held}


def state_dict(of: Model, weights: Mapping[str, Any]) -> dict[str, Any]:
    found = stored(of, weights, "pytorch")
    return {f"{layer}.{name}": array for layer, held in found.items() for name, array in held}


def safetensors(path: Path, held: Mapping[str, Any], dtype: str = "F64") -> None:
    header, start = {}, 0
    for name, array in held.items():
        header[name] = {"dtype": dtype, "shape": array.shape, "data_offsets": [start, start + array.nbytes]}
        start += array.nbytes
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(array.tobytes() for array in held.values()))


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        np.testing.assert_allclose(array, other[name], rtol=1e-6, err_msg=name)


@pytest.mark.parametrize("source", [MIXED, "bidirectional-transfer", "shared"])
def test_our_own_names(source: str, tmp_path: Path) -> None:
    of = model(source) if "\n" in source else graph(source)
    weights = drawn(of)
    np.savez(tmp_path / "w.npz", **weights)
    same(load(of, tmp_path / "w.npz"), weights)
    safetensors(tmp_path / "w.safetensors", weights)
    same(load(of, tmp_path / "w.safetensors"), weights)


def test_a_state_dict(tmp_path: Path) -> None:
    of = model(MIXED)
    weights = drawn(of)
    held = {name: array.copy() for name, array in state_dict(of, weights).items()}
    assert "b.weight_ih_l0_reverse" in held
    held["encoder.bias_hh_l0"] += 1  # both biases are added
    for gate in "ifgo":
        weights[f"encoder.b_{gate}"] += 1
    np.savez(tmp_path / "w.npz", **held)
    same(load(of, tmp_path / "w.npz"), weights)
    safetensors(tmp_path / "w.safetensors", dict(sorted(held.items())))
    same(load(of, tmp_path / "w.safetensors"), weights)


def test_a_stack_of_layers(tmp_path: Path) -> None:
    of = model("version: 1\ninput: {steps: 5, features: 3}\nlayers:\n"
               "  - LSTM: {units: 3, return_sequences: true}\n  - LSTM: {units: 3}\n")  # fmt: skip
    weights = drawn(of)
    held = {
        name.replace("lstm_1.", "stack.").replace("_l0", "_l1") if "_1" in name else f"stack.{name[5:]}": array
        for name, array in state_dict(of, weights).items()
    }
    safetensors(tmp_path / "w.safetensors", held)
    same(load(of, tmp_path / "w.safetensors"), weights)


def test_half_floats(tmp_path: Path) -> None:
    of = lstm()
    weights = {name: np.round(array * 4) / 4 for name, array in drawn(of).items()}
    safetensors(tmp_path / "h.safetensors", {n: a.astype("<f2") for n, a in weights.items()}, "F16")
    same(load(of, tmp_path / "h.safetensors"), weights)
    brain = {n: (a.astype("<f4").view("<u4") >> 16).astype("<u2") for n, a in weights.items()}
    safetensors(tmp_path / "b.safetensors", brain, "BF16")
    same(load(of, tmp_path / "b.safetensors"), weights)


def keras_3(file: Any, of: Model, weights: Mapping[str, Any], kinds: Mapping[str, str]) -> None:
    """The layout that Keras 3.15 writes; `kinds` are its names of classes, which may repeat."""
    for layer, held in stored(of, weights, "keras").items():
        group = file.create_group(f"layers/{kinds[layer]}")
        group.create_group("vars").attrs["name"] = layer
        ways: dict[str, list[Any]] = {}
        for name, array in held:
            way = {"forward": "forward_layer/cell", "backward": "backward_layer/cell"}.get(name.split(".")[0])
            ways.setdefault(way or {"encoder": "cell", "out": "layer"}.get(layer, ""), []).append(array)
        for way, each in ways.items():
            for i, array in enumerate(each):
                group[f"{way}/vars/{i}" if way else f"vars/{i}"] = array
    file.create_group("layers/dropout/seed_generator/vars")["0"] = np.zeros(2)


KINDS = {"encoder": "lstm", "b": "bidirectional", "norm": "layer_normalization", "out": "time_distributed"}


def test_keras_files(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    of = model(MIXED)
    weights = drawn(of)
    with h5py.File(tmp_path / "w.weights.h5", "w") as file:
        keras_3(file, of, weights, KINDS)
    same(load(of, tmp_path / "w.weights.h5"), weights)
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.write(tmp_path / "w.weights.h5", "model.weights.h5")
    same(load(of, tmp_path / "m.keras"), weights)
    with h5py.File(tmp_path / "old.h5", "w") as file:
        top = file.create_group("model_weights")
        found = stored(of, weights, "keras")
        top.attrs["layer_names"] = [name.encode() for name in ("input", *found)]
        top.create_group("input").attrs["weight_names"] = []
        for layer, held in found.items():
            group = top.create_group(layer)
            group.attrs["weight_names"] = [f"{layer}/cell/{name}:0" for name, _ in held]
            for name, array in held:
                group[f"{layer}/cell/{name}:0"] = array
    same(load(of, tmp_path / "old.h5"), weights)


TWO = """version: 1
input: {steps: 5, features: 3}
layers:
  - LSTM: {units: 3, return_sequences: true, name: lstm_1}
  - Dropout: 0.1
  - LSTM: {units: 3, name: lstm}
"""


def nameless(path: Path, of: Model, weights: Mapping[str, Any]) -> None:
    """As Keras wrote it before 3.6: groups are called by their class, and which of that class they are."""
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        for number, held in enumerate(stored(of, weights, "keras").values()):
            cell = file.create_group(f"layers/lstm_{number}" if number else "layers/lstm").create_group("cell/vars")
            for i, (_, array) in enumerate(held):
                cell[str(i)] = array


def test_without_names_layers_of_a_class_stand_in_their_order(tmp_path: Path) -> None:
    of = model(TWO)
    weights = drawn(of)
    nameless(tmp_path / "w.weights.h5", of, weights)
    same(load(of, tmp_path / "w.weights.h5"), weights)


def test_without_names_only_the_order_of_a_chain_is_known(tmp_path: Path) -> None:
    inputs = "version: 1\ninputs: {a: {steps: 5, features: 2}, b: {steps: 4, features: 2}}\nlayers:\n"
    twins = (
        f"{inputs}  - LSTM: {{units: 6, from: a}}\n  - LSTM: {{units: 6, from: b}}\n  - Add: {{from: [lstm, lstm_1]}}\n"
    )
    of = model(twins)
    nameless(tmp_path / "w.weights.h5", of, drawn(of))
    message = "it does not say which of its 2 layers with weights is which of lstm, lstm_1"
    assert told(of, tmp_path / "w.weights.h5") == [message]
    of = model(twins.replace("Add", "Concatenate").replace("units: 6, from: b", "units: 5, from: b"))
    weights = drawn(of)
    nameless(tmp_path / "w.weights.h5", of, weights)
    same(load(of, tmp_path / "w.weights.h5"), weights)  # shapes tell these apart


def test_links_in_hdf5_are_not_followed(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["0"] = np.zeros((2, 12))
    with h5py.File(tmp_path / "w.h5", "w") as file:
        group = file.create_group("layers/lstm/cell/vars")
        group["0"] = h5py.ExternalLink("secret.h5", "/0")
        file["layers/lstm/vars/round"] = h5py.SoftLink("/layers")
    with pytest.raises(LstmdiagError):
        load(lstm(), tmp_path / "w.h5")


def test_onnx_files(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    of = model("version: 1\ninput: {steps: 5, features: 2}\nlayers:\n"
               "  - Bidirectional: {layer: {LSTM: {units: 3, return_sequences: true}}, name: b}\n"
               "  - GRU: {units: 4, name: g}\n  - Dense: {units: 2, name: d}\n")  # fmt: skip
    weights = drawn(of)
    held = {f"{layer}.{name}": array for layer, each in stored(of, weights, "onnx").items() for name, array in each}
    held["d.B"] = np.ascontiguousarray(held["d.B"].T)
    make, tensor = onnx.helper, onnx.numpy_helper.from_array
    nodes = [
        make.make_node(
            "LSTM", ["x", "b.W", "b.R", "b.B"], ["ways"], hidden_size=3, direction="bidirectional", name="b"
        ),
        make.make_node("Transpose", ["ways"], ["turned"], perm=[0, 2, 1, 3]),
        make.make_node("Reshape", ["turned", "both"], ["y"]),
        make.make_node("GRU", ["y", "g.W", "g.R", "g.B"], ["", "h"], hidden_size=4, linear_before_reset=1),
        make.make_node("Squeeze", ["h", "front"], ["z"]),
        make.make_node("Gemm", ["z", "d.B", "d.C"], ["out"], transB=1),
    ]
    held |= {"both": np.array([0, 0, -1]), "front": np.array([0])}
    value = make.make_tensor_value_info("x", onnx.TensorProto.DOUBLE, None)
    made = make.make_graph(nodes, "g", [value], [], [tensor(array, name) for name, array in held.items()])
    onnx.save(make.make_model(made), tmp_path / "m.onnx")
    same(load(of, tmp_path / "m.onnx"), weights)


def told(of: Model, path: Path) -> list[str]:
    with pytest.raises(LstmdiagError) as caught:
        load(of, path)
    return [problem.message.removeprefix(f"{path.name}: ") for problem in caught.value.problems]


def test_what_does_not_fit_is_told_weight_by_weight(tmp_path: Path) -> None:
    of, wider = model(MIXED), model(MIXED.replace("units: 3", "units: 4"))
    np.savez(tmp_path / "w.npz", **drawn(wider))
    found = told(of, tmp_path / "w.npz")
    assert "weight 'encoder.W_i' has the shape (4, 2), not (3, 2)" in found
    assert "weight 'b.forward.W_z' has the shape (4, 4), not (4, 3)" in found
    np.savez(tmp_path / "s.npz", **state_dict(wider, drawn(wider)))
    found = told(of, tmp_path / "s.npz")
    assert "encoder: weight_ih_l0 has the shape (16, 2), not (12, 2)" in found
    assert "b: weight_ih_l0_reverse has the shape (12, 4), not (12, 3)" in found
    held = state_dict(of, drawn(of))
    del held["encoder.bias_ih_l0"]
    np.savez(tmp_path / "l.npz", **held)
    assert told(of, tmp_path / "l.npz") == ["encoder lacks its bias_ih_l0, (12,)"]


def test_weights_of_another_model_are_told(tmp_path: Path) -> None:
    other = packaged("encoder-decoder")
    np.savez(tmp_path / "w.npz", **drawn(other))
    assert told(lstm(), tmp_path / "w.npz") == ["these are the weights of another model"]
    np.savez(tmp_path / "s.npz", **state_dict(other, drawn(other)))
    assert told(lstm(), tmp_path / "s.npz") == ["these are the weights of another model: of 3 layers, not of 1"]


def test_equal_layers_without_their_names_are_not_guessed(tmp_path: Path) -> None:
    of = graph("two-inputs")
    twins = model("version: 1\ninputs: {a: {steps: 5, features: 2}, b: {steps: 4, features: 2}}\nlayers:\n"
                  "  - LSTM: {units: 6, name: left, from: a}\n  - LSTM: {units: 6, name: right, from: b}\n"
                  "  - Concatenate: {from: [left, right]}\n")  # fmt: skip
    held = {
        name.replace("left", "one").replace("right", "two"): a for name, a in state_dict(twins, drawn(twins)).items()
    }
    np.savez(tmp_path / "w.npz", **held)
    assert told(twins, tmp_path / "w.npz")[0].startswith("these are the weights of another model, or its layers")
    weights = drawn(of)
    held = {f"x{name}": array for name, array in state_dict(of, weights).items()}  # shapes tell these apart
    np.savez(tmp_path / "o.npz", **held)
    same(load(of, tmp_path / "o.npz"), weights)


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (sys.exit, ("it ran",))


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", **{"lstm.W_i": np.array([Evil()], dtype=object)})
    assert "holds pickled objects" in told(lstm(), tmp_path / "w.npz")[0]
    (tmp_path / "w.pt").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(LstmdiagError, match="may hold a pickled program, which is not run"):
        load(lstm(), tmp_path / "w.pt")


def test_headers_are_believed_as_far_as_the_file_goes(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(struct.pack("<Q", 2**60) + b"{}")
    assert "its header would have" in told(lstm(), path)[0]
    header = json.dumps({"lstm.W_i": {"dtype": "F64", "shape": [3, 2], "data_offsets": [0, 48]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    assert "lies outside of the file" in told(lstm(), path)[0]
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive:
        shape = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 3), }"
        archive.writestr("lstm.W_i.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(shape)) + shape)
    assert "weight 'lstm.W_i' has the shape (1000000000000, 3), not (3, 2)" in told(lstm(), tmp_path / "w.npz")


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\0" * 100, b"[1, 2, 3]"])
def test_damaged_files_are_told(ending: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"w{ending}"
    path.write_bytes(content)
    assert told(lstm(), path)


def test_other_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "w.txt").write_text("1 2 3")
    with pytest.raises(LstmdiagError, match="is no file of weights"):
        load(lstm(), tmp_path / "w.txt")
    with pytest.raises(LstmdiagError, match=r"cannot read '.*nowhere.npz': No such file"):
        load(lstm(), tmp_path / "nowhere.npz")


@pytest.mark.parametrize(("ending", "library"), [(".h5", "h5py"), (".keras", "h5py"), (".onnx", "onnx")])
def test_a_library_that_is_missing_is_told(
    ending: str, library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    (tmp_path / "h5py.py").write_text("raise ModuleNotFoundError")  # it is asked for in another process
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / f"w{ending}").write_bytes(b"x")
    with pytest.raises(EnvironmentLacks) as caught:
        load(lstm(), tmp_path / f"w{ending}")
    assert caught.value.exit_code == 3
    assert caught.value.problems[0].hint == 'pip install "lstmdiag[frameworks]"'


def test_layers_without_a_convention_say_what_to_do(tmp_path: Path) -> None:
    of = packaged("minimal-gated-unit")
    np.savez(tmp_path / "w.npz", **{"x.weight_ih_l0": np.zeros(2)})
    with pytest.raises(LstmdiagError, match="PyTorch has no convention") as caught:
        load(of, tmp_path / "w.npz")
    assert "names such as minimal_gated.W_f" in caught.value.problems[0].hint
