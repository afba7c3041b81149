"""Numbers of a file and of a spec, compared in any order."""

import numpy as np
import pytest

from lstmdiag.running.equality import SortedNumbers


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "int32", "uint8"])
def test_any_kind_of_numbers_in_any_order(dtype: str) -> None:
    """Shapes and places of steps stand in an ONNX graph as whole numbers."""
    numbers = SortedNumbers(np.array([[3.0, 1.0], [2.0, 0.0]]))
    assert numbers.same(np.array([0, 1, 2, 3], dtype))
    assert not numbers.same(np.array([0, 1, 2, 4], dtype))
    assert not numbers.same(np.array([0, 1, 2], dtype))
    assert SortedNumbers(np.zeros(0)).same(np.zeros(0, dtype))
