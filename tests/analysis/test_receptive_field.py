"""Receptive fields, worked out by hand, and beside passes in which one step of the input is changed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmdiag.analysis.receptive_field import reads_ahead, receptive_fields
from lstmdiag.running import run
from tests.analysis.test_reads import DRAWS, weights_of
from tests.models import model


def stack(*layers: str, length: str = "40") -> str:
    lines = "".join(f"  - {layer}\n" for layer in layers)
    return f"version: 1\ninput: {{steps: {length}, features: 2}}\nlayers:\n{lines}"


def conv(size: int, stride: int = 1, dilation: int = 1, padding: str = "valid") -> str:
    options = f"kernel_size: {size}, strides: {stride}, dilation_rate: {dilation}, padding: {padding}"
    return f"Conv1D: {{filters: 2, {options}}}"


BY_HAND = {
    "one kernel": ((conv(3),), [3]),
    "two kernels": ((conv(3), conv(3)), [3, 5]),
    "WaveNet: causal, dilations 1, 2, 4, 8": (tuple(conv(2, 1, d, "causal") for d in (1, 2, 4, 8)), [2, 4, 8, 16]),
    "a stride spreads what follows": ((conv(3, 2), conv(3)), [3, 7]),
    "two poolings": (("MaxPooling1D: 2", "MaxPooling1D: 2", conv(3)), [2, 4, 12]),
    "padding changes nothing": ((conv(5, 1, 1, "same"), conv(3, 2, 1, "same")), [5, 7]),
    "dense": (("Dense: 3",), [1]),
    "recurrent": ((conv(3), "LSTM: {units: 2, return_sequences: true}", conv(3)), [3, None, None]),
    "all in a vector": ((conv(3), "Flatten", "Dense: 2"), [3, None, None]),
    "two steps become one": (("Reshape: [20, 4]", conv(3)), [2, 6]),
    "one step becomes two": (("Reshape: [80, 1]", conv(3)), [1, 2]),
}


@pytest.mark.parametrize("case", BY_HAND)
def test_worked_out_by_hand(case: str) -> None:
    layers, steps = BY_HAND[case]
    assert list(receptive_fields(model(stack(*layers))).values()) == steps


def test_of_any_length_and_of_a_branch() -> None:
    found = model(stack(conv(3, padding="causal"), f"{conv(3, padding='same')[:-1]}, from: input}}",
                        "Add: {from: [conv1d, conv1d_1]}", length="null"))  # fmt: skip
    assert list(receptive_fields(found).values()) == [3, 3, 4]  # two steps before, and one behind


KERNELS = st.builds(
    lambda size, step, padding, spread: conv(size, 1 if spread else step, step if spread else 1, padding),
    st.integers(1, 3), st.integers(1, 2), st.sampled_from(["valid", "same", "causal"]), st.booleans(),
)  # fmt: skip
POOLINGS = st.builds("AveragePooling1D: {{pool_size: {}, strides: {}}}".format, st.integers(1, 3), st.integers(1, 2))


@given(st.lists(KERNELS | POOLINGS, min_size=1, max_size=3))
def test_as_a_changed_step_shows(layers: list[str]) -> None:
    found, random = model(stack(*layers, length="64")), np.random.default_rng(5)
    changed: dict[str, object] = {}
    for _ in range(DRAWS):
        batch = np.repeat(random.normal(0, 1, (1, 64, 2)), 65, axis=0)
        batch[np.arange(1, 65), np.arange(64)] += random.normal(0, 1, (64, 2))
        trace = run(found, [batch], weights_of(found, random))
        for layer in found.layers:
            out = trace[f"{layer.name}.output"]
            changed[layer.name] = changed.get(layer.name, False) | (np.abs(out[1:] - out[:1]) > 1e-12).any(-1)
    for name, steps in receptive_fields(found).items():
        seen = [np.flatnonzero(column) for column in np.asarray(changed[name]).T]
        assert max(column[-1] - column[0] + 1 for column in seen if len(column)) == steps


@pytest.mark.parametrize(
    ("layers", "ahead"),
    [
        (("LSTM: {units: 2, return_sequences: true}", "Dense: 3"), []),
        ((conv(3, padding="causal"), "LSTM: 2", "Dense: 1"), []),
        ((conv(3, padding="same"),), ["conv1d"]),
        ((conv(3),), ["conv1d"]),
        (("MaxPooling1D: 2", "GRU: 2"), ["max_pooling1d"]),
        (("Bidirectional: {layer: {LSTM: 2}}",), ["bidirectional"]),
        (("LSTM: {units: 2, go_backwards: true}",), ["lstm"]),
        (("GlobalAveragePooling1D", "Dense: 2"), ["global_average_pooling1d"]),
        (("LSTM: 2", "RepeatVector: 3", "LSTM: 2"), []),
    ],
)
def test_what_reads_later_steps(layers: tuple[str, ...], ahead: list[str]) -> None:
    assert [layer.name for layer in reads_ahead(model(stack(*layers)))] == ahead
