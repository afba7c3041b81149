"""Files of weights from anybody: a small file cannot take much memory or time, lead elsewhere, or run anything."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmdiag.errors import LstmdiagError
from lstmdiag.running.fitting import fitting
from lstmdiag.running.loading import load
from tests.models import lstm
from tests.running.test_loading import drawn, told

MUCH = 2**25
ARRAY = b"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }"


@pytest.fixture(autouse=True)
def little_memory() -> Any:
    """Whatever a file says, what is packed in it is not unpacked."""
    tracemalloc.start()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MUCH


def packed(path: Path, name: str, start: bytes, size: int) -> None:
    """A member that begins so and goes on with zeros, which need nearly no room."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as member,
    ):
        member.write(start)
        for _ in range(size >> 20):
            member.write(bytes(2**20))


def test_what_is_packed_in_an_npz_is_read_as_far_as_it_fits(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    packed(path, "lstm.W_i.npy", b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31), 2 * MUCH)
    assert "with a header of 2,147,483,648 bytes" in told(lstm(), path)[0]
    shape = ARRAY.replace(b"3, 2", b"9999999, 2")
    packed(path, "lstm.W_i.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(shape)) + shape, 2 * MUCH)
    assert "weight 'lstm.W_i' has the shape (9999999, 2), not (3, 2)" in told(lstm(), path)


def test_what_is_packed_in_a_keras_file_has_the_size_of_the_model(tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    path = tmp_path / "m.keras"
    packed(path, "model.weights.h5", b"\x89HDF", 2**27)
    assert told(lstm(), path) == [
        "its weights would unpack to 134,217,732 bytes, those of this model to 67,113,472 at most"
    ]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.weights.h5.txt", b"")
    assert told(lstm(), path) == ["there is no model.weights.h5 in it"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_stand_twice_are_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive:
        for _ in range(2):
            archive.writestr("lstm.W_i.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(ARRAY)) + ARRAY + bytes(48))
    assert told(lstm(), tmp_path / "w.npz") == ["lstm.W_i stands in it twice"]
    header = b'{"a": {"dtype": "F64", "shape": [], "data_offsets": [0, 8]}, "a": {}}'
    (tmp_path / "w.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(8))
    assert "a name stands in its header twice" in told(lstm(), tmp_path / "w.safetensors")[0]


HEADERS = ("[1]", '{"a": 1}', '{"a": {}}', '{"a": {"dtype": "F4", "shape": [], "data_offsets": [0]}}')


@pytest.mark.parametrize("header", HEADERS)
def test_headers_that_say_nothing_are_told(header: str, tmp_path: Path) -> None:
    (tmp_path / "w.safetensors").write_bytes(struct.pack("<Q", len(header)) + header.encode())
    assert "cannot read w.safetensors" in told(lstm(), tmp_path / "w.safetensors")[0]


def test_what_is_no_real_number_is_told(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    for array in (np.full((3, 2), 1j), np.full((3, 2), "1"), np.full((3, 2), True), np.zeros((3, 2), "M8[s]")):
        np.savez(path, **drawn(lstm()) | {"lstm.W_i": array})
        assert told(lstm(), path) == [f"lstm.W_i holds {array.dtype}, not real numbers"]
        with pytest.raises(LstmdiagError, match=r"weight 'lstm.W_i' holds something else than real numbers"):
            fitting(lstm(), drawn(lstm()) | {"lstm.W_i": array})
    np.savez(path, **{"lstm.weight_ih_l0": np.full((12, 2), 1j), "lstm.weight_hh_l0": np.zeros((12, 3)),
                      "lstm.bias_ih_l0": np.zeros(12), "lstm.bias_hh_l0": np.zeros(12)})  # fmt: skip
    assert told(lstm(), path) == ["lstm.weight_ih_l0 holds complex128, not real numbers"]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device")
@pytest.mark.parametrize("ending", [".npz", ".safetensors", ".h5", ".onnx"])
def test_what_has_no_end_is_not_read(ending: str, tmp_path: Path) -> None:
    (tmp_path / f"w{ending}").symlink_to("/dev/zero")
    (tmp_path / f"v{ending}").mkdir()
    for name in "wv":
        assert told(lstm(), tmp_path / f"{name}{ending}") == [f"{name}{ending} is no file, or a link to something else"]


def test_one_array_is_not_an_archive(tmp_path: Path) -> None:
    with (tmp_path / "w.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(LstmdiagError, match=r"w.npz is one array, not an archive of arrays") as caught:
        load(lstm(), tmp_path / "w.npz")
    assert caught.value.problems[0].hint == "rename it to w.npy"


def test_objects_of_hdf5_are_visited_once(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "w.h5", "w") as file:
        group = file.create_group("layers/lstm")
        for _ in range(40):  # 2⁴⁰ ways down
            group["b"] = group = group.create_group("a")
        group["vars/0"] = np.zeros(1)
    assert "stands in it twice, under two names" in told(lstm(), tmp_path / "w.h5")[0]


def test_links_in_hdf5_lead_nowhere(tmp_path: Path) -> None:
    """Neither out of the file nor in a circle, wherever they stand."""
    h5py = pytest.importorskip("h5py")
    shapes = {"kernel": (2, 12), "recurrent_kernel": (3, 12), "bias": (12,)}
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file.attrs["layer_names"] = ["lstm"]
        file.create_group("lstm").attrs["weight_names"] = [*shapes]
        for name, shape in shapes.items():
            file[f"lstm/{name}"] = np.zeros(shape)
    assert load(lstm(), tmp_path / "secret.h5")
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["model_weights"] = h5py.ExternalLink("secret.h5", "/")
    assert told(lstm(), tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.attrs["layer_names"] = ["lstm"]
        file["lstm"] = h5py.ExternalLink("secret.h5", "/lstm")
    assert "lstm is not in it, or it is a link" in told(lstm(), tmp_path / "w.h5")[0]
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["layers/lstm/cell/vars"] = h5py.ExternalLink("secret.h5", "/lstm")
        file["layers/lstm/vars"] = h5py.SoftLink("/layers/lstm/cell/vars")
    assert told(lstm(), tmp_path / "w.h5")


def test_names_in_hdf5_are_texts(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    for name, value in (("layer_names", np.full(100_001, b"lstm")), ("layer_names", [1.5]), ("name", ["a", "b"])):
        with h5py.File(tmp_path / "w.h5", "w", libver="latest") as file:
            file.create_group("layers/lstm/vars")
            (file["layers/lstm/vars"] if name == "name" else file).attrs[name] = value
        assert f"the attribute {name} of /" in told(lstm(), tmp_path / "w.h5")[0]


def test_numbers_of_hdf5_lie_in_the_file_as_they_are(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "w.h5"
    (tmp_path / "secret").write_bytes(bytes(192))
    with h5py.File(path, "w") as file:
        file.create_dataset("layers/lstm/cell/vars/0", (2, 12), "f8", external=[(str(tmp_path / "secret"), 0, 192)])
    assert "holds no numbers of its own" in told(lstm(), path)[0]
    layout = h5py.VirtualLayout((2, 12), "f8")
    layout[:] = h5py.VirtualSource(str(tmp_path / "secret"), "x", (2, 12))
    with h5py.File(path, "w") as file:
        file.create_virtual_dataset("layers/lstm/cell/vars/0", layout)
    assert "holds no numbers of its own" in told(lstm(), path)[0]
    with h5py.File(path, "w") as file:
        much = {"chunks": (2**13, 2**12), "maxshape": (None, None), "compression": "gzip"}
        file.create_dataset("layers/lstm/cell/vars/0", (2, 12), "f8", **much)
    assert "is compressed, and could unpack to any size" in told(lstm(), path)[0]
