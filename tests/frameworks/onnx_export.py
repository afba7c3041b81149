"""PyTorch's layers of a model, with weights drawn at random, as an ONNX file that PyTorch itself writes."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch

from lstmdiag.cells.numbers import Array
from lstmdiag.frameworks import pytorch_source
from lstmdiag.model import Model
from lstmdiag.running.inputs import vocabulary


class Whole(torch.nn.Module):
    """The source that pages show for PyTorch, run; every array of it drawn anew."""

    def __init__(self, model: Model, seed: int) -> None:
        super().__init__()
        scope: dict[str, Any] = {}
        exec(pytorch_source.source(model), scope)
        self.run = scope["forward"]
        self.made = torch.nn.ModuleList(each for each in scope.values() if isinstance(each, torch.nn.Module))
        self.own = torch.nn.ParameterList(each for each in scope.values() if isinstance(each, torch.nn.Parameter))
        random = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for name, each in (*self.named_parameters(), *self.named_buffers()):
                if each.is_floating_point():
                    each.copy_(1.6 * torch.rand(each.shape, generator=random) - 0.8)
                    each.copy_(each.abs() + 0.1 if name.endswith("running_var") else each)
        self.eval()

    def forward(self, *given: Any) -> Any:
        return self.run(*given)


def lacks(model: Model) -> bool:
    """Whether PyTorch has no such layer: a line says so in place of it."""
    return "torch.nn has no layer like" in pytorch_source.source(model)


def inputs(model: Model, samples: int, seed: int) -> list[Array]:
    random, found = np.random.default_rng(seed), []
    for source in model.inputs:
        shape = (source.batch or samples, *(size or 1 for size in source.shape))
        tokens = source.dtype == "int"
        found.append(random.integers(1, max(vocabulary(model, source), 2), shape) % vocabulary(model, source) if tokens
                     else random.normal(size=shape).astype("f4"))  # fmt: skip
    return found


def export(whole: Whole, given: list[Array], path: Path, *, dynamo: bool, any_batch: bool) -> None:
    """By PyTorch's new exporter, which writes numbers beside the file, or by the old one."""
    tensors = tuple(map(torch.from_numpy, given))
    names = [f"input_{number}" for number in range(len(given))]
    more: dict[str, Any] = {}
    if any_batch and dynamo:
        more["dynamic_shapes"] = (tuple({0: torch.export.Dim.DYNAMIC} for _ in given),)
    elif any_batch:
        more["dynamic_axes"] = {name: {0: "N"} for name in names}
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            torch.onnx.export(whole, tensors, path, input_names=names, dynamo=dynamo, verbose=False, **more)
    finally:
        logging.disable(logging.NOTSET)


def judged(path: Path, given: list[Array]) -> list[Array]:
    """ONNX Runtime's numbers for a file."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    return list(session.run(None, dict(zip(names, given, strict=False))))
