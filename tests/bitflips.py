"""Flipped bits in files of weights: each file gives numbers or an LstmdiagError; nothing else, and in a few seconds.

    python -m tests.bitflips --number 3000 --seed 0

Files of a format whose library is not installed are left out, and that is said. A finding is told with its seed, which
alone makes it again: `--seed 4711 --number 1`.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import random
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from lstmdiag import hdf5
from lstmdiag.errors import LstmdiagError
from lstmdiag.running.files import read_input
from lstmdiag.running.loading import load
from lstmdiag.writers import problems
from tests.models import lstm
from tests.running.keras_configs import keras_2, layer, sequential, source
from tests.running.test_loading import drawn, keras_3, safetensors, state_dict, stored

LIMIT = 4.0  # seconds of this process
HANGS = 120  # seconds after which the run ends with the place where it hangs
CONFIG = json.dumps(sequential(source(4, 2), layer("LSTM", units=3)))
CONFIG_2 = keras_2(("LSTM", {"units": 3, "recurrent_activation": "sigmoid"}), shape=[4, 2])


def _npz(path: Path) -> None:
    np.savez(path, **drawn(lstm()))


def _packed_npz(path: Path) -> None:
    np.savez_compressed(path, **drawn(lstm()))


def _npy(path: Path) -> None:
    np.save(path, np.arange(24.0).reshape(3, 4, 2))


def _safetensors(path: Path) -> None:
    safetensors(path, state_dict(lstm(), drawn(lstm())))


def _keras_3(path: Path) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        keras_3(file, lstm(), drawn(lstm()), {"lstm": "lstm"})


def _keras_2(path: Path) -> None:
    """As `model.save("m.h5")` does."""
    import h5py

    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = CONFIG_2
        file.attrs["keras_version"] = "2.15.0"
        top = file.create_group("model_weights")
        top.attrs["layer_names"] = [b"lstm"]
        for layer, arrays in stored(lstm(), drawn(lstm()), "keras").items():
            group = top.create_group(layer)
            group.attrs["weight_names"] = [f"{layer}/cell/{name}:0".encode() for name, _ in arrays]
            for name, array in arrays:
                group[f"{layer}/cell/{name}:0"] = array


def _keras(path: Path) -> None:
    inner = path.with_suffix(".inner.h5")
    _keras_3(inner)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.15.0"}')
        archive.writestr("config.json", CONFIG)
        archive.write(inner, "model.weights.h5")


def _onnx(path: Path) -> None:
    import onnx

    make = onnx.helper
    held = dict(stored(lstm(), drawn(lstm()), "onnx")["lstm"])
    arrays = [onnx.numpy_helper.from_array(array.astype("f4"), name) for name, array in held.items()]
    node = make.make_node("LSTM", ["X", "W", "R", "B"], ["Y"], name="lstm", hidden_size=3)
    inputs, outputs = (make.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in ("X", "Y"))
    onnx.save(make.make_model(make.make_graph([node], "g", [inputs], [outputs], arrays)), path)


FORMATS: Mapping[str, tuple[Callable[[Path], None], str]] = {
    "w.npz": (_npz, "numpy"),
    "packed.npz": (_packed_npz, "numpy"),
    "x.npy": (_npy, "numpy"),
    "w.safetensors": (_safetensors, "numpy"),
    "m.keras": (_keras, "h5py"),
    "w.weights.h5": (_keras_3, "h5py"),
    "m.h5": (_keras_2, "h5py"),
    "m.onnx": (_onnx, "onnx"),
}
"""A file's name → who writes it, and the library that this needs."""


def missing() -> dict[str, str]:
    """The files that cannot be made here, and the library that each needs."""
    return {name: library for name, (_, library) in FORMATS.items() if not find_spec(library)}


@lru_cache(maxsize=1)
def whole() -> Mapping[str, bytes]:
    """The content of each file that can be made here."""
    with tempfile.TemporaryDirectory() as folder:
        made = {}
        for name, (write, _) in FORMATS.items():
            if name not in missing():
                write(Path(folder) / name)
                made[name] = (Path(folder) / name).read_bytes()
        return made


def flipped(name: str, chance: random.Random) -> bytes:
    """One bit or a few; most of them where the file says what it is, which is where its bytes are not all zero."""
    data = bytearray(whole()[name])
    told = [at for at, byte in enumerate(data) if byte]
    for _ in range(chance.choice([1, 1, 1, 1, 2, 5])):
        at = (
            chance.choice(told) + chance.choice([0, 0, 0, -1, 1])
            if chance.random() < 0.8
            else chance.randrange(len(data))
        )
        data[at % len(data)] ^= 1 << chance.randrange(8)
    return bytes(data)


def answer(path: Path) -> str:
    """The word for what comes of reading the file."""
    try:
        found: Any = read_input(path) if path.suffix == ".npy" else load(lstm(), path)
        numbers = [found] if path.suffix == ".npy" else list(found.values())
        assert all(np.asarray(array).dtype.kind in "fiub" for array in numbers)
    except LstmdiagError as error:
        told = problems.write(error.problems)
        assert told.strip() and len(told) < 20_000
        return "no answer" if "did not answer" in told else "crashed" if "crashed" in told else "refused"
    return "read"


def flips(first: int, number: int) -> tuple[Counter[str], list[str]]:
    """What came of these seeds, by file, and the findings."""
    found: list[str] = []
    words: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        for seed in range(first, first + number):
            chance = random.Random(seed)
            path = Path(folder) / chance.choice(list(whole()))
            path.write_bytes(flipped(path.name, chance))
            faulthandler.dump_traceback_later(HANGS, exit=True)
            begin = time.process_time()
            try:
                words[f"{path.name} {answer(path)}"] += 1
            except Exception:
                words["traceback"] += 1
                found.append(f"seed {seed}, {path.name}\n{traceback.format_exc(limit=-4)}")
            spent = time.process_time() - begin
            if spent > LIMIT:
                words["slow"] += 1
                found.append(f"seed {seed}, {path.name}: {spent:.1f} s")
    faulthandler.cancel_dump_traceback_later()
    return words, found


def main() -> None:
    given_options = argparse.ArgumentParser(description=__doc__)
    given_options.add_argument("--number", type=int, default=500)
    given_options.add_argument("--seed", type=int, default=0)
    given_options.add_argument("--seconds", type=float, default=5, help="that HDF5 may take for an answer")
    given = given_options.parse_args()
    hdf5.SECONDS = given.seconds
    for name, library in missing().items():
        print(f"left out: {name}, which needs {library}")
    words, found = flips(given.seed, given.number)
    print("\n\n".join(found))
    print(dict(sorted(words.items())))
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
