"""A few flipped bits in every format; CI flips more of them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from lstmdiag import hdf5
from lstmdiag.errors import LstmdiagError
from lstmdiag.running.loading import load
from tests import bitflips
from tests.models import lstm


@pytest.mark.parametrize("name", bitflips.FORMATS)
def test_a_flipped_bit_is_read_or_told(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name in bitflips.missing():
        pytest.skip(f"{bitflips.missing()[name]} is not installed, which files like {name} need")
    monkeypatch.setattr(hdf5, "SECONDS", 10)
    (tmp_path / name).write_bytes(bitflips.whole()[name])
    assert bitflips.answer(tmp_path / name) == "read"
    for seed in range(6 if bitflips.FORMATS[name][1] == "h5py" else 40):
        (tmp_path / name).write_bytes(bitflips.flipped(name, random.Random(seed)))
        assert bitflips.answer(tmp_path / name), seed


def test_a_flipped_bit_that_hangs_hdf5_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the heap with the text of an attribute: the loop over its objects comes to no end."""
    if "w.weights.h5" in bitflips.missing():
        pytest.skip("h5py is not installed, which .weights.h5 files need")
    data = bytearray(bitflips.whole()["w.weights.h5"])
    heap = data.index(b"GCOL")
    data[heap + 9] ^= 2  # of the heap's size
    (tmp_path / "w.weights.h5").write_bytes(data)
    monkeypatch.setattr(hdf5, "SECONDS", 5)
    with pytest.raises(LstmdiagError, match=r"cannot read w\.weights\.h5: HDF5 did not answer within 5 seconds"):
        load(lstm(), tmp_path / "w.weights.h5")


def test_tracebacks_and_slow_answers_are_told_with_their_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(bitflips, "load", broken)
    monkeypatch.setattr(bitflips, "read_input", broken)
    monkeypatch.setattr(bitflips, "LIMIT", -1.0)
    words, found = bitflips.flips(0, 5)
    assert words["slow"] == words["traceback"] == 5
    assert all(text.startswith("seed ") for text in found)
