"""How many examples of a property are tried: all in the gate (--whole) and by `make explore`, a quarter every day."""

from __future__ import annotations

from hypothesis import settings

ALL = 100
"""What a profile of tests/conftest.py has that tries all."""


def max_examples(number: int) -> settings:
    """So many of them, for a test that needs more or fewer than the others."""
    return settings(max_examples=max(1, number * settings.default.max_examples // ALL))
