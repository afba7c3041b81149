"""Files with far more arrays than a model has are refused at once, in few words."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from lstmdiag.errors import LONGEST, MOST_NAMES, LstmdiagError, Problem, listed, nearest
from lstmdiag.files import WEIGHTS
from lstmdiag.running.fitting import fitting
from lstmdiag.running.loading import load
from tests.models import lstm
from tests.running.test_loading import drawn
from tests.work import at_most

MANY = 140_000
CALLS = 4 * MANY


def _safetensors(path: Path) -> None:
    about = {str(i): {"dtype": "F32", "shape": [], "data_offsets": [0, 4]} for i in range(MANY)}
    header = json.dumps(about, separators=(",", ":")).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))


def _npz(path: Path) -> None:
    """Only the list of members at the end of the file, which says that there are so many."""
    entry = b"PK\1\2" + bytes(24) + struct.pack("<H", 10) + bytes(16)
    entries = b"".join(entry + b"%010d" % i for i in range(MANY))
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 65_535, 65_535, len(entries), 0, 0)
    path.write_bytes(entries + end)


def _onnx(path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    proto = onnx.ModelProto()
    for i in range(MANY):
        proto.graph.initializer.add(name=str(i), data_type=1, raw_data=bytes(4))
    path.write_bytes(proto.SerializeToString())


@pytest.mark.parametrize("write", [_safetensors, _npz, _onnx], ids=lambda write: write.__name__[1:])
def test_140_000_arrays_are_refused_and_not_one_by_one(write: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / f"w.{write.__name__[1:]}"
    write(path)
    with at_most(CALLS), pytest.raises(LstmdiagError) as caught:
        load(lstm(), path)
    assert len(str(caught.value)) < 1_000


def test_mappings_with_as_many_are_refused_too() -> None:
    given = drawn(lstm()) | {f"lstm.W_{i}": np.zeros(1) for i in range(MANY)}
    message = "and 139,980 more weights that this model does not have"
    with at_most(CALLS), pytest.raises(LstmdiagError, match=message) as caught:
        fitting(lstm(), given)
    assert len(str(caught.value)) < 10_000


def test_names_of_any_length_make_messages_of_some(tmp_path: Path) -> None:
    with pytest.raises(LstmdiagError) as caught:
        fitting(lstm(), drawn(lstm()) | {"x" * 10**6: np.zeros(1)})
    assert len(str(caught.value)) < 1_000


def test_no_message_and_no_list_of_names_grows_without_a_bound() -> None:
    problem = Problem("m" * 10**6, hint="h" * 10**6)
    assert len(problem.message) == len(problem.hint) == LONGEST and problem.message.endswith("…")
    names = [f"name-{i}" for i in range(10**5)]
    assert listed(names[:3]) == "name-0, name-1, name-2"
    assert listed(names).endswith(f"and {10**5 - MOST_NAMES:,} more")
    with at_most(CALLS):
        assert len(nearest("zzz" * 10**5, names)) < 5_000
    error = LstmdiagError(Problem(name) for name in names)
    assert error.problems[-1] == Problem("and 99,000 more problems")


@pytest.mark.parametrize("ending", WEIGHTS)
def test_every_ending_of_weights_has_a_reader(ending: str) -> None:
    assert callable(import_module(f"lstmdiag.frameworks.{WEIGHTS[ending]}").contents)
