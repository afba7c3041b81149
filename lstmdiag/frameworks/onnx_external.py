"""Numbers of an ONNX model that lie in a file beside it, as PyTorch writes them: `model.onnx.data`.

https://github.com/onnx/onnx/blob/main/docs/ExternalData.md
"""

from __future__ import annotations

import os
import re
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from lstmdiag.errors import LstmdiagError
from lstmdiag.frameworks.values import Values


def external_numbers(onnx: Any, tensor: Any, folder: Path, most: int) -> Values:
    """The numbers of a tensor in another file of the same folder, of which no more is read than these.

    Raises LstmdiagError where the file is elsewhere, or too small, or the numbers take more than `most` bytes.
    """
    name, about = tensor.name, {each.key: each.value for each in tensor.external_data}
    path = _inside(folder, about.get("location", ""), name)
    dtype = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type))
    shape, size = tuple(tensor.dims), path.stat().st_size
    if dtype.hasobject or any(n < 0 for n in shape):
        raise LstmdiagError(f"{name} holds no numbers")
    wanted = prod(shape) * dtype.itemsize
    start, length = _whole(about.get("offset", "0")), _whole(about.get("length", f"{wanted}"))
    if start is None or length is None:
        raise LstmdiagError(f"{name} lies in {path.name} at an offset or of a length that is no number")
    if length != wanted:
        raise LstmdiagError(f"{name} has {wanted:,} bytes, {length:,} are said to lie in {path.name}")
    if start + length > size:
        raise LstmdiagError(f"{name} would end at byte {start + length:,} of {path.name}, which has {size:,}")
    if length > most:
        raise LstmdiagError(f"{name} has {length:,} bytes, the weights of this model have {most:,} at most")
    with path.open("rb") as file:
        file.seek(start)
        return np.frombuffer(file.read(length), dtype.newbyteorder("<")).reshape(shape).astype(dtype, copy=False)


def _inside(folder: Path, location: str, name: str) -> Path:
    """A file by its name alone, no link out of the folder, and no device."""
    plain = location not in ("", ".", "..") and not re.search(r"[/\\:\0]", location)
    if not plain:
        raise LstmdiagError(f"{name} lies in {location!r}: only files of the same folder are read")
    path = folder / location
    real, home = Path(os.path.realpath(path)), Path(os.path.realpath(folder))
    if real.parent != home:
        raise LstmdiagError(f"{name} lies in {location!r}, a link out of the folder, which is not followed")
    if not real.is_file():
        missing = not real.exists()
        raise LstmdiagError(
            f"{name} lies in {location!r}, which is " + ("not in the same folder" if missing else "no file")
        )
    return real


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,18}", text, re.ASCII) else None
