"""Numbers, plurals and lists as pictures, tables and pages write them."""

import pytest

from lstmdiag.english import amount, by, counted, listed, number, numbered


@pytest.mark.parametrize("written, wanted", [
    (number(1234567), "1,234,567"),
    (number(None), "?"),
    (amount(1234), "1,234"),
    (amount(None), "any number"),
    (counted(0, "step"), "0 steps"),
    (counted(1, "step"), "1 step"),
    (counted(1000, "step"), "1,000 steps"),
    (counted(None, "step"), "any number of steps"),
    (by(()), ""),
    (by((3, None, 1000)), "3 × ? × 1,000"),
    (listed([]), ""),
    (listed(["a"]), "a"),
    (listed(["a", "b"]), "a and b"),
    (listed(["a", "b", "c"]), "a, b and c"),
    (numbered("step", [3]), "step 3"),
    (numbered("step", [3, 4]), "steps 3 and 4"),
    (numbered("step", [1, 3, 5, 6, 7, 8]), "steps 1, 3 and 5 to 8"),
    (numbered("step", [1000, 1001, 1002]), "steps 1,000 to 1,002"),
])  # fmt: skip
def test_words(written: str, wanted: str) -> None:
    assert written == wanted
