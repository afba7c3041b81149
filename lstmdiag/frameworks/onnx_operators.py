"""One operator of an ONNX graph, computed; all that has a row in `onnx_moving` or `onnx_computing`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lstmdiag.frameworks.onnx_computing import COMPUTING
from lstmdiag.frameworks.onnx_moving import MOVING, NotKnown, Operator, OperatorCall
from lstmdiag.frameworks.values import Values

OPERATORS: Mapping[str, Operator] = {**MOVING, **COMPUTING}


def run(
    operator: str, inputs: tuple[Values | None, ...], attributes: Mapping[str, Any], opset: int, outputs: int, most: int
) -> list[Values]:
    """Its outputs, of `most` numbers each. Raises NotKnown, TooLarge, ValueError where it cannot take its inputs."""
    if operator not in OPERATORS:
        raise NotKnown
    try:
        with np.errstate(all="ignore"):
            made = OPERATORS[operator](OperatorCall(inputs, attributes, opset, outputs, most))
    except (TypeError, ValueError, IndexError, KeyError, ZeroDivisionError, AttributeError) as error:
        raise ValueError(f"{operator} cannot take what it is given: {error}") from None
    return [np.asarray(each) for each in (made if isinstance(made, (list, tuple)) else [made])]
