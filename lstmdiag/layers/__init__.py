"""The table of kinds. To add a layer: one file here, one row below."""

from __future__ import annotations

from collections.abc import Mapping

from lstmdiag.layers import activation, dense, dropout, lstm, repeat_vector, time_distributed
from lstmdiag.layers.kind import Kind

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        lstm.KIND,
        dense.KIND,
        repeat_vector.KIND,
        time_distributed.KIND,
        dropout.KIND,
        activation.KIND,
    )
}
