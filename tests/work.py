"""How much work something is, counted in function calls and bytes: other programs on the machine change its seconds."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from types import FrameType
from typing import Any


class TooMuch(BaseException):
    """Not an Exception, which the code that is asked might take for its own."""


@contextmanager
def at_most(limit: float) -> Iterator[list[int]]:
    """What is done inside is ended where it takes more function calls, those of built-in functions too.

    Yields a list of one number: how many it took, once it is done.
    """
    number = [0]
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        if event == "call" or event == "c_call":  # quicker than `in`
            calls += 1
            if calls > limit:
                sys.setprofile(before)
                raise TooMuch(f"more than {limit:,} function calls")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield number
    finally:
        sys.setprofile(before)
        number[0] = calls


def calls(work: Callable[[], Any]) -> int:
    """The function calls that it takes."""
    with at_most(inf) as number:
        work()
    return number[0]


@contextmanager
def allocating(megabytes: float) -> Iterator[None]:
    """What is done inside, which holds no more than that at a time: arrays are made in few calls."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= megabytes * 10**6, f"{peak:,} bytes at a time"
