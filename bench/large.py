"""Models that are large in one way: a thousand layers, thousands of units, a file of very many keys.

Every time is that of a process from its start, and stands beside a process that draws all views of `three-units`.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Callable
from pathlib import Path

from measure import Row, interleaved, process

LSTMDIAG = (sys.executable, "-m", "lstmdiag")
LAYERS, KEYS = 1_000, 140_000
HEAD = "version: 1\ninput: {steps: 5, features: 4}\nlayers:\n"
ALL_TABLES = "all tables of {} of 1,000 layers"

SPECS = {
    "chain": HEAD + "  - LSTM: {units: 4, return_sequences: true}\n" * LAYERS,
    "both": HEAD + "  - Bidirectional: {LSTM: {units: 2, return_sequences: true}}\n" * LAYERS,
    "shared": HEAD + "  - LSTM: {units: 4, return_sequences: true, name: a}\n" + "  - use: a\n" * (LAYERS - 1),
    "wide": "version: 1\ninput: {steps: 5, features: 500}\nlayers:\n  - LSTM: 4096\n",
}


def large_models(folder: Path, runs: int) -> list[Row]:
    """Seconds of each, and beside them the ratio to all views of `three-units` in the same run."""
    specs = {name: folder / f"{name}.yml" for name in SPECS}
    for name, path in specs.items():
        path.write_text(SPECS[name])
    many_keys(folder / "many.safetensors")
    out = folder / "large"

    def tables(name: str) -> Callable[[], object]:
        return process(*LSTMDIAG, "table", specs[name], "all", "-o", f"{out}/")

    things = {
        "three-units": process(*LSTMDIAG, "draw", "three-units", "--view", "all", "-o", f"{out}/"),
        ALL_TABLES.format("a chain"): tables("chain"),
        ALL_TABLES.format("a chain, both ways,"): tables("both"),
        ALL_TABLES.format("one layer used again,"): tables("shared"),
        "all views, LSTM of 4,096 units on 500 features": process(
            *LSTMDIAG, "draw", specs["wide"], "--view", "all", "-o", f"{out}/"
        ),
        "140,000 keys in a safetensors file refused": process(
            *LSTMDIAG, "trace", "one-unit", "--weights", folder / "many.safetensors", refused=True
        ),
    }
    bounds = dict(zip(things, (None, 3.0, 3.0, 3.0, 20.0, 2.0), strict=True))
    times = interleaved(things, runs, warm_up=False)
    usual = times.pop("three-units").median
    return [
        Row(
            what,
            each.median,
            bounds[what],
            " s",
            f"{each.median / usual:.2f} × all views of three-units ({usual:.2f} s)",
        )
        for what, each in times.items()
    ]


def many_keys(path: Path) -> None:
    """A safetensors file of very many arrays of one number each."""
    header = json.dumps(
        {f"layer{n}.weight": {"dtype": "F32", "shape": [1], "data_offsets": [4 * n, 4 * n + 4]} for n in range(KEYS)}
    ).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(4 * KEYS))
