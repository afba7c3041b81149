"""The table of kinds. To add a layer: one file here, one row below."""

from __future__ import annotations

from collections.abc import Mapping

from lstmdiag.layers import (
    activation,
    attention,
    bidirectional,
    conv_lstm2d,
    convolution,
    dense,
    dropout,
    embedding,
    gru,
    lstm,
    masking,
    merge,
    normalization,
    peephole_lstm,
    pooling,
    repeat_vector,
    reshaping,
    simple_rnn,
    time_distributed,
)
from lstmdiag.layers.kind import Kind

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        lstm.KIND,
        gru.KIND,
        simple_rnn.KIND,
        peephole_lstm.KIND,
        conv_lstm2d.KIND,
        dense.KIND,
        repeat_vector.KIND,
        time_distributed.KIND,
        dropout.KIND,
        activation.KIND,
        bidirectional.KIND,
        embedding.KIND,
        masking.KIND,
        dropout.SPATIAL,
        reshaping.FLATTEN,
        reshaping.RESHAPE,
        reshaping.PERMUTE,
        merge.CONCATENATE,
        merge.ADD,
        merge.SUBTRACT,
        merge.MULTIPLY,
        merge.AVERAGE,
        merge.MAXIMUM,
        merge.MINIMUM,
        normalization.LAYER,
        normalization.BATCH,
        convolution.KIND,
        pooling.MAX,
        pooling.AVERAGE,
        pooling.GLOBAL_MAX,
        pooling.GLOBAL_AVERAGE,
        attention.KIND,
        attention.ADDITIVE,
    )
}
