"""The public functions: thin wrappers that hold a Diagram or a Table and show it in a notebook."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lstmdiag import drawing
from lstmdiag.arguments import COUNT, NAMES, PATH, POSITIVE, SEED, STEPS, TEXT, WEIGHTS, either, optional, takes
from lstmdiag.binding import load_model
from lstmdiag.binding import resolve as _resolve
from lstmdiag.diagrams import Diagram
from lstmdiag.diagrams.canvas import Canvas
from lstmdiag.diagrams.frames import frames as build_up
from lstmdiag.drawing import Ink
from lstmdiag.errors import LstmdiagError, Problem, nearest
from lstmdiag.files import reason, write_whole
from lstmdiag.model import Model
from lstmdiag.spec import Spec
from lstmdiag.spec.reader import load as _load
from lstmdiag.tables import Table
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import Selection
from lstmdiag.views.tables import table as _table
from lstmdiag.writers import tables as _tables

if TYPE_CHECKING:
    from lstmdiag.cells.numbers import Array
    from lstmdiag.running.values import Values

__all__ = [
    "Canvas",
    "Drawing",
    "LstmdiagError",
    "TableView",
    "Traced",
    "draw",
    "load",
    "render",
    "resolve",
    "table",
    "trace",
    "write",
]

Source = str | Path | Spec | Model
"""A path, the name of a packaged example, or what `load` or `resolve` returned."""

CANVAS = either("the name of a canvas, or a Canvas", str, Canvas)

SOURCE = either("a path, an example's name, or what load or resolve returned", str, os.PathLike, Spec, Model)


@takes(source=PATH)
def load(source: str | Path) -> Spec:
    """Read a path, `-` (standard input) or the name of a packaged example. Raises LstmdiagError."""
    return _load(source)


@takes(spec=either("what load returned", Spec))
def resolve(spec: Spec) -> Model:
    """Bind every shape. Raises LstmdiagError with all problems that do not follow from an earlier one."""
    return _resolve(spec)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture: data (`diagram`) and how it is inked. Shows itself in a notebook."""

    diagram: Diagram
    ink: Ink = field(default_factory=Ink)

    def svg(self) -> str:
        """SVG text, with its text as text. Raises LstmdiagError where Graphviz cannot draw it."""
        return render(self, "svg").decode()

    def png(self) -> bytes:
        """A PNG file, `ink.scale` times as large as the SVG. Raises LstmdiagError where Graphviz cannot draw it."""
        return render(self, "png")

    def pdf(self) -> bytes:
        """A PDF file of one page. Raises LstmdiagError where Graphviz cannot draw it."""
        return render(self, "pdf")

    def dot(self) -> str:
        """DOT text, each node with its place, that `neato -n2` draws. Raises LstmdiagError."""
        return write(self, "dot")

    def json(self) -> str:
        """The diagram as JSON: every node, edge and group with place, role, label, layer, step and unit."""
        return write(self, "json")

    def frames(self) -> tuple[Drawing, ...]:
        """One drawing for each state of the build-up, all on the same canvas."""
        return tuple(Drawing(diagram, self.ink) for diagram in build_up(self.diagram))

    @takes(path=PATH)
    def save(self, path: str | Path) -> Path:
        """Write the file whole; its ending says the format: svg, png, pdf, dot or json. Raises LstmdiagError."""
        target = Path(path)
        content = drawing.inked(self.diagram, target.suffix[1:].lower(), self.ink)
        try:
            write_whole(target, content)
        except (OSError, ValueError) as error:
            raise LstmdiagError(f"cannot write {str(target)!r}: {reason(error)}") from None
        return target

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"image/svg+xml": self.svg(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<{self.diagram.view} drawing: {self.diagram.title}>"


@dataclass(frozen=True, slots=True)
class TableView:
    """A table that shows itself in a notebook; `str()` of it is plain text."""

    table: Table

    def text(self) -> str:
        """Plain text with aligned columns; also what `str()` and `print` give."""
        return write(self, "text")

    def markdown(self) -> str:
        """A Markdown table."""
        return write(self, "md")

    def html(self) -> str:
        """An HTML table, its formulas as MathML."""
        return write(self, "html")

    def _repr_html_(self) -> str:
        return self.html()

    def _repr_markdown_(self) -> str:
        return self.markdown()

    __str__ = text


@takes(
    source=SOURCE, view=TEXT, layer=optional(TEXT), gate=optional(TEXT), unit=COUNT, step=optional(COUNT),
    steps=optional(STEPS), layers=optional(TEXT), signal=optional(TEXT), canvas=optional(CANVAS), theme=TEXT,
    scale=POSITIVE, engine=TEXT, weights=optional(WEIGHTS), seed=optional(SEED),
)  # fmt: skip
def draw(
    source: Source,
    view: str = "time",
    *,
    layer: str | None = None,
    gate: str | None = None,
    unit: int = 1,
    step: int | None = None,
    steps: int | Literal["all"] | None = None,
    layers: Literal["all"] | None = None,
    signal: str | None = None,
    canvas: str | Canvas | None = None,
    title: bool | None = None,
    legend: bool | None = None,
    caption: bool | None = None,
    theme: str = "light",
    transparent: bool = False,
    scale: float = 1.0,
    engine: str = "graphviz",
    input: Any = None,
    weights: Mapping[str, Any] | str | Path | None = None,
    seed: int | None = None,
    toy: bool = False,
    ignore_config: bool = False,
) -> Drawing:
    """Draw one view of a model; the arguments are those of `lstmdiag draw`.

    `canvas` is what the picture is made for, a name such as "slide" or a Canvas; by default a page, or "free" where all
    steps or all layers are asked for. Whether title, legend and caption are drawn follows from it, unless it is said.

    With a step, an input, weights, a seed or `toy` the picture carries the numbers of that pass (`trace`).

    Raises LstmdiagError, with every problem of a spec at its place.
    """
    selection = Selection(layer, gate, unit, step, steps, signal, layers)
    model = _model(source)
    carries = VIEWS[drawing.known("view", view, VIEWS)].carries_numbers
    subject: Model | Values = model
    if toy or any(given is not None for given in (step, input, weights, seed)):
        from lstmdiag.running import tracing

        values = tracing.values(model, input, weights, seed, toy=toy, ignore_config=ignore_config)
        _warn(values.notes)
        subject = values if carries else model
    made_for = canvas if isinstance(canvas, Canvas) else drawing.canvas_for(selection, canvas)
    asked = {"title": title, "legend": legend, "caption": caption}
    parts = replace(made_for.parts, **{part: drawn for part, drawn in asked.items() if drawn is not None})
    diagram = drawing.composed(subject, view, selection, made_for, parts, engine=engine)
    ident = drawing.ident(drawing.file_stem(model.name, view, selection))
    return Drawing(diagram, Ink(theme, transparent, engine, scale, ident))


@takes(source=SOURCE, name=TEXT)
def table(source: Source, name: str = "params") -> TableView:
    """One of the tables shapes, params, cost, returns, dictionary. Raises LstmdiagError."""
    return TableView(_table(_model(source), name))


@dataclass(frozen=True, slots=True)
class Traced:
    """The numbers of one pass: `trace["encoder.c"]` is an array, (steps, units), with a batch axis if given so."""

    values: Values

    @property
    def output(self) -> Array | tuple[Array, ...]:
        """What the model gives out, (steps, features) or (features,), with (samples, ...) in front if the input had it.

        A tuple of such arrays where the model has several outputs.
        """
        found = tuple(output if self.values.batched else output[0] for output in self.values.trace.outputs)
        return found if len(found) > 1 else found[0]

    @takes(name=TEXT)
    def __getitem__(self, name: str) -> Array:
        """A signal by name, `encoder.c`: (steps, units), or (samples, steps, units) if the input had a batch axis.

        Raises LstmdiagError, with names like it.
        """
        held = self.values.trace.signals
        if name not in held:
            raise LstmdiagError(Problem(f"there is no signal {name!r}", hint=nearest(name, held)))
        return held[name] if self.values.batched else held[name][0]

    def __iter__(self) -> Iterator[str]:
        """The names of the signals, in the order of the data."""
        return iter(self.values.trace.signals)

    def __contains__(self, name: object) -> bool:
        return name in self.values.trace.signals

    def __len__(self) -> int:
        """The number of signals."""
        return len(self.values.trace.signals)

    def __str__(self) -> str:
        from lstmdiag.running.text import as_text

        return as_text(self.values).decode()


@takes(
    source=SOURCE, weights=optional(WEIGHTS), seed=optional(SEED), signals=NAMES, dtype=TEXT,
    after=optional(either("what an earlier trace returned", Traced)),
)  # fmt: skip
def trace(
    source: Source,
    input: Any = None,
    weights: Mapping[str, Any] | str | Path | None = None,
    seed: int | None = None,
    *,
    toy: bool = False,
    ignore_config: bool = False,
    signals: tuple[str, ...] | list[str] = (),
    dtype: str = "float64",
    after: Traced | None = None,
) -> Traced:
    """Compute every signal at every step; the arguments are those of `lstmdiag trace`.

    `input` is arrays or nested lists, with the batch axis or without, a mapping where the model has several inputs;
    `weights` a mapping `encoder.W_i` → (out, in) or a file. Without them, the spec's example, or made ones.
    A file that describes another model is an error, with `ignore_config` a warning. Stateful layers go on where they
    were `after` an earlier call. Raises LstmdiagError.
    """
    from lstmdiag.running.tracing import values

    before = after.values if after else None
    found = values(
        _model(source), input, weights, seed, toy=toy, ignore_config=ignore_config, keep=signals, dtype=dtype,
        after=before,
    )  # fmt: skip
    _warn(found.notes)
    return Traced(found)


def _warn(notes: tuple[Problem, ...]) -> None:
    """As Python's warnings, at the line that called the function of this module."""
    for note in notes:
        warnings.warn(note.sentence, stacklevel=4)  # through `takes`


@takes(thing=either("a drawing or a table", Drawing, Diagram, TableView, Table), format=TEXT)
def write(thing: Drawing | Diagram | TableView | Table, format: str) -> str:
    """As text: a drawing as dot, json or svg; a table as text, md, csv, latex, json or html.

    Raises LstmdiagError for an unknown format.
    """
    if isinstance(thing, TableView | Table):
        return _tables.write(thing.table if isinstance(thing, TableView) else thing, format)
    return render(thing, drawing.known("format", format, ("dot", "json", "svg"))).decode()


@takes(thing=either("a drawing, or DOT text", Drawing, Diagram, str), format=TEXT)
def render(thing: Drawing | Diagram | str, format: str = "svg") -> bytes:
    """As bytes: a drawing in any format, or DOT text as svg, png or pdf.

    Raises LstmdiagError for an unknown format, and for text or a drawing that Graphviz does not draw.
    """
    if isinstance(thing, str):
        from lstmdiag.rendering import render as render_dot
        from lstmdiag.rendering.messages import GraphvizError

        drawing.known("format", format, ("svg", "png", "pdf"))
        try:
            return render_dot(thing, format)
        except (GraphvizError, UnicodeEncodeError) as error:  # it may be the caller's own text
            raise LstmdiagError(f"this is no DOT text that Graphviz draws: {' '.join(str(error).split())}") from None
    if isinstance(thing, Diagram):
        thing = Drawing(thing)
    return drawing.inked(thing.diagram, format, thing.ink)


def _model(source: Source) -> Model:
    if isinstance(source, Model):
        return source
    return _resolve(source) if isinstance(source, Spec) else load_model(source)
