"""The table of views: each answers one question about a model with one Diagram.

To add one: a row here, and the file `lstmdiag/views/NAME.py` with a function `view(subject, selection)`. Help, the spec
language, comparisons, pages and the guide read the rows; a file is imported when its picture is first drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from lstmdiag.diagrams.detail import WHOLE, Detail

if TYPE_CHECKING:
    from lstmdiag.diagrams import Diagram, Point


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is known of a view without drawing it; the drawing is `lstmdiag.views.NAME.view`."""

    name: str
    question: str  # that the picture answers, in one sentence
    title: str  # of the picture where a comparison shows it
    recurrent: bool = True  # whether the model needs a recurrent layer
    reads: tuple[str, ...] = ()  # the fields of a Selection that change it
    numbers: tuple[str, ...] | None = None
    """The fields that change it too when it carries the numbers of a pass; None where it carries none."""
    numbered: str = ""  # how it carries them, as Markdown for the guide
    level: str = ""  # the view that shows its zoom level best: itself, or one that it is another look at
    page: Literal["model", "layer"] | None = None  # the part of a page it stands in: on the model, or on one layer
    label: str = ""  # what links to its section of a page are called; none where it shares another's section
    shows: Literal["", "layers", "equations", "course", "sizes"] = ""
    """A difference between models that it shows best: a comparison chooses it for that."""
    scale: Literal["one", "numbers", "own"] = "one"
    """How pictures side by side compare in size.

    `one`: all are drawn at one scale. `own`: each as large as its number of weights asks. `numbers`: their numbers lie
    on a scale, and the file has `extent(model, selection)`, its ends, from which a common one is made.
    """
    details: tuple[Detail, ...] = (WHOLE,)  # that it can be drawn in, the richest first

    @property
    def asked(self) -> str:
        """The question as a heading."""
        return self.question[0].upper() + self.question[1:]

    @property
    def carries_numbers(self) -> bool:
        return self.numbers is not None

    def changed_by(self, *, numbers: bool) -> tuple[str, ...]:
        """The fields of a Selection that change the picture, with the numbers of a pass or without."""
        return self.reads + (self.numbers or () if numbers else ())

    @property
    def draw(self) -> Callable[..., Diagram]:
        """`view(subject, selection)`: of a Model, or of the Values of a pass where `carries_numbers`."""
        return import_module(f"lstmdiag.views.{self.name}").view

    @property
    def extent(self) -> Callable[..., Point]:
        """`extent(model, selection)`, lower end first, of a view whose `scale` is `numbers`."""
        return import_module(f"lstmdiag.views.{self.name}").extent


_ROWS = (
    View(
        name="model",
        question="which layers are there, and what shape goes from one to the next?",
        title="The layers",
        recurrent=False,
        reads=("layers",),
        details=(WHOLE, Detail(upright=True), Detail(words=False), Detail(words=False, upright=True)),
        level="model",
        page="model",
        label="Model",
        shows="layers",
    ),
    View(
        name="time",
        details=(
            WHOLE,
            Detail(upright=True),
            Detail(words=False),
            Detail(words=False, upright=True),
            Detail(words=False, tight=True),
            Detail(words=False, tight=True, upright=True),
            Detail(words=False, tight=True, upright=True, steps=3),
        ),
        question="what happens at each step, and what goes to the next step?",
        title="Through time",
        reads=("steps", "layers"),
        numbers=("step", "unit"),
        numbered="`h` and `c` of one unit on every wire, the input and the output; with `--step` those up to that step "
        "of the first sequence",
        level="time",
        page="model",
        label="Time",
        shows="course",
    ),
    View(
        name="layer",
        question="at one step, who reads what?",
        title="One layer, one step",
        details=(
            WHOLE,
            Detail(tight=True),
            Detail(tight=True, units=3, features=3),
            Detail(tight=True, units=2, features=2),
            Detail(tight=True, units=1, features=1),
            Detail(tight=True, units=3, features=3, upright=True),
            Detail(tight=True, units=3, features=1, upright=True),
            Detail(tight=True, units=2, features=1, upright=True),
            Detail(tight=True, units=1, features=1, upright=True),
            Detail(tight=True, units=3, features=3, words=False),
            Detail(tight=True, units=1, features=1, words=False),
        ),
        reads=("layer", "unit"),
        numbers=("step",),
        numbered="features, states and gates of every unit that is drawn",
        level="layer",
        page="layer",
        label="Layer",
        shows="sizes",
    ),
    View(
        name="unit",
        details=(
            WHOLE,
            Detail(equations=False),
            Detail(equations=False, tight=True),
            Detail(equations=False, tight=True, units=2, features=2),
            Detail(equations=False, tight=True, units=1, features=1),
            Detail(equations=False, tight=True, units=1, features=1, words=False),
            Detail(equations=False, tight=True, units=1, features=1, flat=True),
            Detail(equations=False, tight=True, units=1, features=1, words=False, flat=True),
            Detail(equations=False, tight=True, units=1, features=1, upright=True),
            Detail(equations=False, tight=True, units=1, features=1, words=False, upright=True),
        ),
        question="what does one unit compute?",
        title="One unit",
        reads=("layer", "unit"),
        numbers=("step",),
        numbered="every product and sum, every wire, and the equations with numbers put in, to follow with a "
        "calculator",
        level="unit",
        page="layer",
        label="Unit",
    ),
    View(
        name="cell",
        details=(WHOLE, Detail(tight=True), Detail(tight=True, flat=True), Detail(tight=True, upright=True)),
        question="what does one step compute for all units at once, as vectors?",
        title="One step as vectors",
        reads=("layer",),
        numbers=("step", "unit"),
        numbered="the vectors on the wires: up to four units all, else the one in focus",
        level="layer",
        page="layer",
        label="Vectors",
        shows="equations",
    ),
    View(
        name="weights",
        details=(
            WHOLE,
            Detail(tight=True),
            Detail(tight=True, words=False),
            Detail(tight=True, equations=False),
            Detail(tight=True, words=False, equations=False),
            Detail(upright=True, equations=False),
        ),
        question="where does each parameter live?",
        title="Where the weights are",
        reads=("layer", "gate", "unit"),
        numbers=(),
        numbered="sign and magnitude of every weight as a colour on a printed scale, and as a number where there are "
        "few; of very many each square shows the one farthest from 0",
        level="layer",
        page="layer",
        label="Weights",
        scale="own",
    ),
    View(
        name="gate",
        details=(WHOLE, Detail(upright=True)),
        question="how do a matrix, a bias and a function make one gate?",
        title="One gate",
        reads=("layer", "gate", "unit"),
        numbers=("step",),
        numbered="matrix, columns and result, and the row of one unit worked out",
        level="layer",
        page="layer",
        scale="own",
    ),
    View(
        name="trace",
        details=(WHOLE, Detail(tight=True)),
        question="what do all units do with these numbers, step by step?",
        title="Every unit over time",
        reads=("layer", "unit", "step", "signal"),
        numbers=(),
        scale="numbers",
    ),
    View(
        name="gradient",
        question="how much does a late step still depend on the first?",
        title="How the last step depends on the first",
        details=(WHOLE, Detail(upright=True)),
        reads=("layer",),
        numbers=(),
        scale="numbers",
    ),
)

VIEWS: Mapping[str, View] = {view.name: view for view in _ROWS}
"""By name, from the outside in."""
