"""Numbers of an ONNX file that lie in a file beside it: read from the same folder, no more than a tensor has."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmdiag.running.loading import load
from tests.models import model
from tests.running.test_loading_onnx import FLAT, C, W, make, save, told

onnx = pytest.importorskip("onnx")

DATA = "m.onnx.data"


def write(folder: Path, about: Mapping[str, str] | None = None, **of: Mapping[str, str]) -> Path:
    """A Gemm whose B and C lie in m.onnx.data, one after the other, as PyTorch writes them."""
    path = folder / "m.onnx"
    save(path, [make("Gemm", ["x", "B", "C"], "y")], {"B": W, "C": C}, ["N", 3])
    (folder / DATA).write_bytes(W.tobytes() + C.tobytes())
    proto, start = onnx.load(path), 0
    for tensor in proto.graph.initializer:
        length = len(tensor.raw_data)
        said = {"location": DATA, "offset": f"{start}", "length": f"{length}"} | (about or {}) | of.get(tensor.name, {})
        start += length
        tensor.data_location = onnx.TensorProto.EXTERNAL
        tensor.ClearField("raw_data")
        for key, value in said.items():
            tensor.external_data.add(key=key, value=value)
    path.write_bytes(proto.SerializeToString())
    return path


def test_numbers_beside_the_file_are_read(tmp_path: Path) -> None:
    found = load(model(FLAT), write(tmp_path))
    assert np.array_equal(found["dense.W"], W.T) and np.array_equal(found["dense.b"], C)


def test_offset_and_length_may_be_left_out(tmp_path: Path) -> None:
    path = write(tmp_path)
    proto = onnx.load(path, load_external_data=False)
    for tensor in proto.graph.initializer:
        del tensor.external_data[1:]
        (tmp_path / tensor.name).write_bytes((W if tensor.name == "B" else C).tobytes())
        tensor.external_data[0].value = tensor.name
    path.write_bytes(proto.SerializeToString())
    assert np.array_equal(load(model(FLAT), path)["dense.b"], C)


ELSEWHERE = ["../m.onnx.data", "/etc/passwd", "sub/m.onnx.data", "..", ".", "", "C:\\m.data", "a\\b", "a\0b"]


@pytest.mark.parametrize("location", ELSEWHERE)
def test_other_folders_are_not_looked_into(location: str, tmp_path: Path) -> None:
    found = told(FLAT, write(tmp_path, {"location": location}))
    assert found == [f"B lies in {location!r}: only files of the same folder are read"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    path = write(tmp_path / "inside")
    (tmp_path / "inside" / DATA).rename(tmp_path / "secret")
    try:
        (tmp_path / "inside" / DATA).symlink_to(tmp_path / "secret")
    except OSError:
        pytest.skip("links cannot be made here")
    assert told(FLAT, path) == [f"B lies in {DATA!r}, a link out of the folder, which is not followed"]


def test_a_link_inside_the_folder_is(tmp_path: Path) -> None:
    path = write(tmp_path)
    (tmp_path / DATA).rename(tmp_path / "weights")
    try:
        (tmp_path / DATA).symlink_to("weights")
    except OSError:
        pytest.skip("links cannot be made here")
    assert np.array_equal(load(model(FLAT), path)["dense.b"], C)


def missing(folder: Path) -> None:
    (folder / DATA).unlink()


def a_folder(folder: Path) -> None:
    missing(folder)
    (folder / DATA).mkdir()


def cut(folder: Path) -> None:
    (folder / DATA).write_bytes((folder / DATA).read_bytes()[:-1])


def empty(folder: Path) -> None:
    (folder / DATA).write_bytes(b"")


BROKEN: Mapping[str, tuple[Callable[[Path], None], str]] = {
    "missing": (missing, f"B lies in {DATA!r}, which is not in the same folder"),
    "a folder": (a_folder, f"B lies in {DATA!r}, which is no file"),
    "cut": (cut, f"C would end at byte 32 of {DATA}, which has 31"),
    "empty": (empty, f"B would end at byte 24 of {DATA}, which has 0"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_not_there_is_told(case: str, tmp_path: Path) -> None:
    path = write(tmp_path)
    harm, message = BROKEN[case]
    harm(tmp_path)
    assert told(FLAT, path) == [message]


SAID: Mapping[str, tuple[dict[str, str], str]] = {
    "beyond the end": ({"offset": "9"}, f"C would end at byte 17 of {DATA}, which has 16"),
    "before the start": ({"offset": "-1"}, f"C lies in {DATA} at an offset or of a length that is no number"),
    "no number": ({"offset": "1e3"}, f"C lies in {DATA} at an offset or of a length that is no number"),
    "another length": ({"length": "7"}, f"C has 8 bytes, 7 are said to lie in {DATA}"),
    "huge": ({"offset": "9" * 18}, f"C would end at byte 1,000,000,000,000,000,007 of {DATA}, which has 16"),
    "beyond all numbers": ({"offset": "9" * 4000}, f"C lies in {DATA} at an offset or of a length that is no number"),
}


@pytest.mark.parametrize("case", SAID)
def test_sizes_are_checked_against_the_file(case: str, tmp_path: Path) -> None:
    about, message = SAID[case]
    path = write(tmp_path, B={"location": "B.data", "offset": "0"}, C=about)
    (tmp_path / "B.data").write_bytes(W.tobytes())
    (tmp_path / DATA).write_bytes(bytes(16))
    assert told(FLAT, path) == [message]


def test_a_large_file_is_read_where_a_tensor_lies_and_nowhere_else(tmp_path: Path) -> None:
    """A file of 100 GB, with holes: what a tensor asks is read, eight bytes from the middle."""
    path = write(tmp_path, C={"offset": f"{10**11}"})
    try:
        with (tmp_path / DATA).open("r+b") as file:
            file.seek(10**11)
            file.write(C.tobytes())
    except OSError:
        pytest.skip("files of this size cannot be made here")
    assert np.array_equal(load(model(FLAT), path)["dense.b"], C)


def test_a_tensor_larger_than_the_model_is_not_read(tmp_path: Path) -> None:
    """4 GB in a file with holes, of which the graph would make the weights."""
    path = tmp_path / "m.onnx"
    arrays = {"B": W, "C": C, "at": np.array([0, 1, 2])}
    save(path, [make("Gather", ["E", "at"], "V"), make("Gemm", ["x", "V", "C"], "y")], arrays, ["N", 3])
    proto = onnx.load(path)
    huge = proto.graph.initializer.add(name="E", data_type=1, data_location=onnx.TensorProto.EXTERNAL)
    huge.dims.extend([2**29, 2])
    huge.external_data.add(key="location", value=DATA)
    path.write_bytes(proto.SerializeToString())
    try:
        (tmp_path / DATA).touch()
        os.truncate(tmp_path / DATA, 2**32)
    except OSError:
        pytest.skip("files of this size cannot be made here")
    found = told(FLAT, path)
    assert found == ["E has 4,294,967,296 bytes, the weights of this model have 67,109,376 at most"]


def test_a_device_is_not_read(tmp_path: Path) -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("no such device")
    path = write(tmp_path)
    missing(tmp_path)
    (tmp_path / DATA).symlink_to("/dev/zero")
    assert told(FLAT, path) == [f"B lies in {DATA!r}, a link out of the folder, which is not followed"]


def test_half_precision(tmp_path: Path) -> None:
    path = write(tmp_path)
    proto = onnx.load(path, load_external_data=False)
    halves = {"B": W.astype("f2"), "C": C.astype("f2")}
    for tensor in proto.graph.initializer:
        tensor.data_type = onnx.TensorProto.FLOAT16
        del tensor.external_data[:]
        tensor.external_data.add(key="location", value=tensor.name)
        (tmp_path / tensor.name).write_bytes(halves[tensor.name].tobytes())
    path.write_bytes(proto.SerializeToString())
    found: Mapping[str, Any] = load(model(FLAT), path)
    assert np.array_equal(found["dense.W"], W.T)
