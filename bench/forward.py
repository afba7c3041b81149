"""Numbers: one LSTM by lstmdiag and by PyTorch, in turn, in one process, with the same threads, in float32.

As a program, run by the Python that has PyTorch, it prints the seconds of every run as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from measure import Row, Times, interleaved

FEATURES, UNITS, STEPS = 64, 512, 1_000
KEEP = ("i", "f", "g", "o", "c", "h")
BOUNDS = {1: 2.0, 32: 3.0}  # batch → how many times PyTorch's time is good enough


def forward_passes(python: Path, runs: int, threads: int = 1) -> list[Row]:
    """A row for each batch. Both have one thread, so that a busy machine strikes them alike."""
    rows = []
    for batch, bound in BOUNDS.items():
        words = [python, __file__, batch, threads, runs]
        limited = {**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, env=limited)
        if done.returncode:
            raise SystemExit(f"{words} failed:\n{done.stderr[-2000:]}")
        ours, torch = (Times(json.loads(done.stdout)[name]) for name in ("ours", "torch"))
        what = f"LSTM, {UNITS} units, {STEPS:,} steps, batch {batch}, {len(KEEP)} signals kept / PyTorch"
        rows.append(Row(what, ours.median / torch.median, bound, detail=f"{ours} / {torch}"))
    return rows


def main(batch: int, threads: int, runs: int) -> None:
    import numpy as np
    import torch

    from lstmdiag.cells.numbers import Array
    from lstmdiag.layers.lstm import CELL
    from lstmdiag.running.steps import run

    torch.set_num_threads(threads)
    cell = CELL.bind({"activation": "tanh", "recurrent_activation": "sigmoid"})
    random, sizes = np.random.default_rng(0), {"units": UNITS, "features": FEATURES}
    weights: dict[str, Array] = {
        name: random.uniform(-0.05, 0.05, [sizes[str(dim)] for dim in dims]).astype("float32")
        for name, dims in cell.weights.items()
    }
    x = random.normal(size=(batch, STEPS, FEATURES)).astype("float32")
    start = {state: np.zeros((batch, UNITS), "float32") for state in cell.state}
    peer = torch.nn.LSTM(FEATURES, UNITS, batch_first=True)
    with torch.no_grad():
        for name, letter in (("weight_ih_l0", "W"), ("weight_hh_l0", "U"), ("bias_ih_l0", "b")):
            getattr(peer, name).copy_(
                torch.from_numpy(np.concatenate([weights[f"{letter}_{gate}"] for gate in "ifgo"]))
            )
        peer.bias_hh_l0.zero_()
        theirs = peer(torch.from_numpy(x))[0].numpy()
        ours = run(cell, x, weights, start, keep=KEEP).outputs
        assert ours is not None and np.allclose(ours, theirs, atol=1e-5)
        times = interleaved(
            {
                "ours": lambda: run(cell, x, weights, start, keep=KEEP),
                "torch": lambda: peer(torch.from_numpy(x)),
            },
            runs,
        )
    print(json.dumps({name: each.runs for name, each in times.items()}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
