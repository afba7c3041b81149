"""Functions as numbers, where rounding or overflow could show."""

from math import exp, ulp

import numpy as np
import pytest

from lstmdiag.cells.numbers import NUMBERS


def test_sigmoid_has_every_digit_of_small_values() -> None:
    places = np.linspace(-700, 700, 2801)
    wanted = np.array([1 / (1 + exp(-z)) if z > 0 else exp(z) / (1 + exp(z)) for z in places])
    np.testing.assert_allclose(NUMBERS["sigmoid"](places), wanted, rtol=8 * ulp(1.0))
    narrow = NUMBERS["sigmoid"](places.astype("float32"))
    near = abs(places) < 87
    assert narrow.dtype == np.float32
    np.testing.assert_allclose(narrow[near], wanted[near], rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sigmoid_ends_at_0_and_1(dtype: str) -> None:
    assert NUMBERS["sigmoid"](np.array([-1e5, -np.inf, 1e5, np.inf], dtype)).tolist() == [0, 0, 1, 1]
    assert float(NUMBERS["sigmoid"](np.array(0, dtype))) == 0.5


def test_silu_keeps_small_values() -> None:
    assert NUMBERS["silu"](np.array([-40.0]))[0] == pytest.approx(-40 * exp(-40), rel=1e-15)
