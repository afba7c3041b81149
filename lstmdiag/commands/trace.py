"""`lstmdiag trace`: what every unit does with an input, as numbers."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from lstmdiag.commands.common import IGNORE_CONFIG, PATH, Failures, complain, destination, put
from lstmdiag.errors import LstmdiagError, Problem, UsageError
from lstmdiag.files import reason

MOST_STEPS = 1_000_000  # to choose from; a pass has steps of its own
FORMATS = ("text", "json", "csv", "npz")


def _steps(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    """`1-5`, `2,4`, `last` → steps from 0, −1 for the last one."""
    if value is None or value == "all":
        return None
    found: list[int] = []
    room = MOST_STEPS
    for part in value.split(","):
        fit = re.fullmatch(r"([1-9]\d{0,8})(?:-([1-9]\d{0,8}))?", part.strip(), re.ASCII)
        if part.strip() == "last":
            found.append(-1)
        elif fit and int(fit[2] or fit[1]) >= int(fit[1]):
            room -= int(fit[2] or fit[1]) - int(fit[1]) + 1
            if room < 0:
                raise click.BadParameter(f"these are more than {MOST_STEPS:,} steps; `all` is every one", ctx, param)
            found += range(int(fit[1]) - 1, int(fit[2] or fit[1]))
        else:
            raise click.BadParameter(f"{part!r} is none of: 3, 1-5, last, all", ctx, param)
    return tuple(found)


@click.command("trace")
@click.argument("spec", metavar="SPEC", type=PATH)
@click.option("--input", "-i", "data", metavar="FILE|JSON", type=PATH,
              help="A sample or a batch: .json .npy .npz .csv, JSON itself, or -.  [default: the example]")  # fmt: skip
@click.option("--weights", "-w", metavar="FILE", type=PATH, help=".npz .safetensors .keras .h5 or .onnx.")
@IGNORE_CONFIG
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), metavar="N",
              help="Make weights, as Keras does.  [default: the spec's, or 0]")  # fmt: skip
@click.option("--toy", is_flag=True, help="A small twin with the same wiring, whose numbers can be followed by hand.")
@click.option("--signals", "patterns", multiple=True, metavar="PATTERN",
              help="Only these, such as c, 'encoder.*' or '*.a_?'; repeats, takes commas.")  # fmt: skip
@click.option("--layer", multiple=True, metavar="NAME", help="Only signals of this layer; repeats, takes commas.")
@click.option("--steps", callback=_steps, metavar="1-5|last|all", help="Only these steps, counted from 1.")
@click.option("--dtype", type=click.Choice(["float64", "float32"]), default="float64", show_default=True)
@click.option("--batch", is_flag=True, help="Arrays with the batch axis in front, for a single sample too.")
@click.option("--format", "-f", type=click.Choice(FORMATS), help="[default: the ending of -o, or text]")
@click.option("--output", "-o", metavar="FILE|-", help="Where to; by default standard output.")
def command(spec: str, data: str | None, patterns: tuple[str, ...], layer: tuple[str, ...], format: str | None,
            output: str | None, batch: bool, steps: tuple[int, ...] | None, **about: Any) -> None:  # fmt: skip
    """Compute every signal of a model at every step.

    json and npz hold one array a signal, LAYER.SIGNAL, time first, in the order of the input's steps for layers that
    read backwards too; LAYER.output is what the layer hands on, in the order it has it. a_f is what stands inside
    the function of f.
    """
    failures = Failures()
    with failures.kept():
        from dataclasses import replace

        from lstmdiag.binding import load_model

        if spec == "-" and data == "-":
            raise UsageError("the spec and the input cannot both be standard input")
        target = destination(output, one=True)
        format = format or _ending(output)
        if format == "npz" and output in (None, "-") and sys.stdout is not None and sys.stdout.isatty():
            raise UsageError(Problem("a terminal cannot show npz", hint="-o FILE, or a pipe"))
        model = load_model(spec)
        from lstmdiag.drawing import safe_name
        from lstmdiag.running.record import as_csv, as_json, as_npz
        from lstmdiag.running.text import as_text
        from lstmdiag.running.tracing import values
        from lstmdiag.writers.names import readable_lines

        found = values(
            model,
            None if data is None else read_numbers(data),
            keep=_listed(patterns),
            layers=_listed(layer),
            at=steps,
            **about,
        )
        complain(found.notes)
        write = {"text": as_text, "json": as_json, "csv": as_csv, "npz": as_npz}[format]
        ending = {"text": "txt"}.get(format, format)
        content = write(replace(found, batched=found.batched or batch))
        if format == "text":
            content = readable_lines(content.decode()).encode()
        put(target(f"{safe_name(model.name)}.trace.{ending}"), content)
    failures.end()


def _listed(values: tuple[str, ...]) -> list[str]:
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


def _ending(output: str | None) -> str:
    ending = Path(output or "").suffix[1:].lower()
    return ending if ending in FORMATS else "text"


def read_numbers(source: str) -> Any:
    """Numbers from a file or from the words themselves. Raises LstmdiagError."""
    if source.lstrip()[:1] in ("[", "{"):
        return _json(lambda: source, "--input")
    if source == "-":
        from lstmdiag.spec.reader import standard_input

        return _json(lambda: standard_input().decode("utf-8-sig"), "<stdin>")
    from lstmdiag.running.files import read_input

    path = Path(source)
    return _json(lambda: path.read_text("utf-8-sig"), source) if path.suffix.lower() == ".json" else read_input(path)


def _json(text: Callable[[], str], path: str) -> Any:
    hint = "numbers in lists, as in [[70], [80], [90]]"
    try:
        found = json.loads(text(), object_pairs_hook=_once)
    except RecursionError:
        raise LstmdiagError(f"{path} nests too deep") from None
    except OSError as error:
        raise LstmdiagError(f"cannot read {path!r}: {reason(error)}") from None
    except UnicodeDecodeError as error:
        what = f"byte {error.start + 1} is {error.object[error.start]:#x}"
        raise LstmdiagError(Problem(f"{path} is not UTF-8: {what}", hint=hint)) from None
    except ValueError as error:
        raise LstmdiagError(Problem(f"{path} is no JSON: {error}", hint=hint)) from None
    if found is None:
        raise LstmdiagError(Problem(f"{path} holds null, not numbers", hint=hint))
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"{name!r} stands in it twice")
    return found
