"""Files of weights, opened: names, shapes, and numbers that are read only once a shape is known to fit.

Nothing is ever unpickled, no link inside a file is followed, and sizes are believed as far as the file goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from lstmdiag.errors import EnvironmentLacks, LstmdiagError, Problem, nearest
from lstmdiag.files import PICKLED, WEIGHTS, reason
from lstmdiag.frameworks.file_contents import FileContents, Limits

LARGEST = 4 * 2**30
"""Bytes that a file, or what is packed in it, may have."""
COPIES = 8
"""How often the weights of a model may be packed in a file: optimizers keep some numbers for each of them."""
BESIDE = 2**26
"""Bytes that may be packed in a file beside numbers."""
FEWEST_ARRAYS, ARRAYS = 5_000, 50_000
"""Arrays, and groups of them, that a file may hold: the weights of a small model, and of any."""


@contextmanager
def opened(path: Path, numbers: int) -> Iterator[FileContents]:
    """The contents of a file, by its ending; what is packed in it may have the size of some copies of `numbers`.

    Raises LstmdiagError; EnvironmentLacks where a library is missing.
    """
    ending = path.suffix.lower()
    if ending in PICKLED:
        hint = "safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')"
        raise LstmdiagError(Problem(f"{path.name} may hold a pickled program, which is not run", hint=hint))
    if ending not in WEIGHTS:
        raise LstmdiagError(Problem(f"{path.name!r} is no file of weights", hint=nearest(ending, WEIGHTS)))
    try:
        size = path.stat().st_size
        if not path.is_file():  # a device may have no end
            raise LstmdiagError(f"{path.name} is no file, or a link to something else")
        with path.open("rb"):
            pass
    except (OSError, ValueError) as error:
        raise LstmdiagError(f"cannot read {str(path)!r}: {reason(error)}") from None
    if size > LARGEST:
        raise LstmdiagError(f"{path.name} has {size:,} bytes, at most {LARGEST:,} are read")
    most = Limits(COPIES * 8 * numbers + BESIDE, min(COPIES * numbers + FEWEST_ARRAYS, ARRAYS))
    try:
        with import_module(f"lstmdiag.frameworks.{WEIGHTS[ending]}").contents(path, most) as contents:
            yield contents
    except (LstmdiagError, MemoryError):
        raise
    except Exception as error:  # damaged files fail in many ways
        what = " ".join(str(error).split())[:200] or type(error).__name__
        raise LstmdiagError(Problem(f"cannot read {path.name}: {what}", hint="is it damaged?")) from None


def library(name: str) -> Any:
    """An optional one. Raises EnvironmentLacks."""
    try:
        return import_module(name)
    except ImportError:
        hint = 'pip install "lstmdiag[frameworks]"'
        raise EnvironmentLacks(
            Problem(f"files of this kind are read with {name}, which is not here", hint=hint)
        ) from None
