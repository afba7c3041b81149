"""What the public functions take: each argument is looked at before anything is done with it."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from functools import wraps
from math import isfinite
from typing import Any, NamedTuple, TypeVar

from lstmdiag.errors import Problem, UsageError, shortened

F = TypeVar("F", bound=Callable[..., Any])


class Kind(NamedTuple):
    """What an argument may be: in words, and as a test."""

    words: str
    fits: Callable[[Any], bool]


def takes(**kinds: Kind) -> Callable[[F], F]:
    """The function, which raises UsageError for all arguments that are of another kind."""

    def decorate(function: F) -> F:
        signature = inspect.signature(function)

        @wraps(function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            given = signature.bind(*args, **kwargs).arguments
            wrong = [
                Problem(f"{name} is {shortened(repr(given[name]), 80)}", hint=f"it is {kind.words}")
                for name, kind in kinds.items()
                if name in given and not kind.fits(given[name])
            ]
            if wrong:
                raise UsageError(wrong)
            return function(*args, **kwargs)

        return checked  # type: ignore[return-value]

    return decorate


def optional(kind: Kind) -> Kind:
    return Kind(f"{kind.words}, or None", lambda value: value is None or kind.fits(value))


def either(words: str, *types: type) -> Kind:
    return Kind(words, lambda value: isinstance(value, types))


def whole(least: int, most: int) -> Kind:
    return Kind(f"a whole number from {least}", lambda value: _is_whole(value) and least <= value <= most)


def _is_whole(value: Any) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, bool) and getattr(value, "ndim", 0) == 0


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value > 0


TEXT = either("a text", str)
PATH = either("a path", str, os.PathLike)
COUNT = whole(1, 10**18)
SEED = whole(0, 2**63 - 1)
STEPS = Kind(
    "a whole number from 1, or 'all'", lambda value: value == "all" if isinstance(value, str) else COUNT.fits(value)
)
POSITIVE = Kind("a number above 0", _is_positive)
WEIGHTS = either("a mapping from names to arrays, or the path of a file", Mapping, str, os.PathLike)
NAMES = Kind(
    "a list of texts", lambda value: isinstance(value, list | tuple) and all(isinstance(n, str) for n in value)
)
