"""The files in tests/reference are what the frameworks give."""

from __future__ import annotations

import numpy as np

from tests.reference import CASES, NEAR, case
from tests.reference.make import every


def test_the_script_makes_these_numbers() -> None:
    made = dict(every())
    assert sorted(made) == [*CASES]
    for name, arrays in made.items():
        held = case(name)
        assert held.keys() == arrays.keys()
        for key, value in arrays.items():
            assert value.dtype == held[key].dtype, (name, key)
            if value.dtype.kind == "f":
                np.testing.assert_allclose(value, held[key], **NEAR[str(held["framework"])], err_msg=f"{name} {key}")
            else:
                assert np.array_equal(value, held[key]), (name, key)
