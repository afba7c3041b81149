"""`make bench`: every bound of speed, side by side in one run. Ends with 1 where one is missed."""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
import tempfile
from pathlib import Path

from drawing import graph_of_sixty, long_sequences, one_process, seven_views
from forward import forward_passes
from large import large_models
from measure import Row
from site_of_many import site


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, required=True, help="the Python of the environment with Keras")
    parser.add_argument("--torch", type=Path, required=True, help="the Python of the environment with PyTorch")
    parser.add_argument("--runs", type=int, default=7, help="runs of what is quick")
    arguments = parser.parse_args()
    if not shutil.which("dot"):
        print("bench compares with Graphviz's dot, which is not here: apt-get install graphviz", file=sys.stderr)
        return 3
    print(f"Python {platform.python_version()}, {platform.machine()}; medians [min–max]\n")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for measured in (
            lambda: one_process(arguments.peers.absolute(), folder, arguments.runs),
            lambda: seven_views(folder, 3 * arguments.runs),
            lambda: graph_of_sixty(folder, 3 * arguments.runs),
            lambda: long_sequences(folder, 3),
            lambda: large_models(folder, 3),
            lambda: site(folder, 2),
            lambda: forward_passes(arguments.torch.absolute(), arguments.runs),
        ):
            for row in measured():
                print(row, flush=True)
                rows.append(row)
    missed = [row.what for row in rows if row.missed]
    print(f"\nmissed: {'; '.join(missed)}" if missed else "\nevery bound is kept")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
