"""The config that stands in a Keras file beside its weights is read, as far as it goes, and compared."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from lstmdiag.model import Model
from lstmdiag.running.loading import load
from tests.models import lstm, model
from tests.running.keras_configs import layer, sequential, source
from tests.running.test_loading import drawn, same, stored, told


def described(path: Path, config: str, of: Model) -> None:
    """A Keras file with a config beside its weights: `.keras`, or `.h5` as Keras 2 writes it."""
    h5py = pytest.importorskip("h5py")
    weights = path.with_suffix(".weights.h5") if path.suffix == ".keras" else path
    with h5py.File(weights, "w") as file:
        file.attrs["model_config"], file.attrs["keras_version"] = config.encode(), b"2.15.0"
        top = file.create_group("model_weights")
        found = stored(of, drawn(of), "keras")
        top.attrs["layer_names"] = [name.encode() for name in found]
        for name, held in found.items():
            group = top.create_group(name)
            group.attrs["weight_names"] = [each.encode() for each, _ in held]
            for each, array in held:
                group[each] = array
    if path.suffix == ".keras":
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(weights, "model.weights.h5")
            archive.writestr("config.json", config)
            archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_the_config_inside_a_file_is_read(ending: str, tmp_path: Path) -> None:
    of = model("version: 1\ninput: {steps: 3, features: 1}\nlayers:\n  - LSTM: 3\n")
    for activation, more in (("tanh", ""), ("relu", "x" * 100_000)):
        entry = layer("LSTM", units=3, activation=activation, of_no_use=more or None)
        described(tmp_path / f"m{ending}", json.dumps(sequential(source(3, 1), entry)), of)
        if not more:
            same(load(of, tmp_path / f"m{ending}"), drawn(of))
    assert told(of, tmp_path / f"m{ending}") == [
        "lstm: activation is relu in the file, tanh in the spec", f"lstm: of_no_use is {'x' * 80} in the file",
    ]  # fmt: skip


def test_a_config_that_unpacks_to_any_size_is_not_read(tmp_path: Path) -> None:
    of = lstm()
    described(tmp_path / "m.keras", " " * 11_000_000, of)
    assert told(of, tmp_path / "m.keras") == ["its config.json would unpack to 11,000,000 bytes"]
