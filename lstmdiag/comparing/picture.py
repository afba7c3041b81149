"""One view of each model on one sheet, all at the same scale, each under its name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from operator import itemgetter

from lstmdiag.comparing import WORDS, Compared
from lstmdiag.comparing.effects import form
from lstmdiag.comparing.sentences import claim
from lstmdiag.diagrams import Diagram, Edge, Key, Node, Text
from lstmdiag.diagrams.boxes import Box, band, column, picture, room, row, stack, strut
from lstmdiag.diagrams.canvas import FREE, Canvas, Parts
from lstmdiag.diagrams.detail import Detail
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import measure, text, wrap
from lstmdiag.drawing import fitting, known, placed, views_of
from lstmdiag.errors import Problem, UsageError
from lstmdiag.layer import RecurrentLayer
from lstmdiag.model import Model
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import Selection

WIDEST = 1000.0
"""Where there is no other bound, pictures stand side by side as far as this, in points; else one above the other."""

AROUND, ABOVE, APART = 14.0, 16.0, 18.0  # picture to its panel, to its heading, panel to panel
TIGHT = 6.0, 8.0  # the first two, where distances are no larger than they have to be
HEADING = 320.0  # how wide a line under a name may be


def pictured(
    compared: Compared,
    view: str,
    selection: Selection,
    canvas: Canvas = FREE,
    parts: Parts | None = None,
    *,
    engine: str = "graphviz",
) -> Diagram:
    """The finished picture as data. Raises UsageError where one of the models has no such view."""

    def draw(detailed: Selection) -> Diagram:
        return together(compared, view, detailed, engine=engine)

    return fitting(draw, view, selection, canvas, parts)


def together(compared: Compared, view: str, selection: Selection, *, engine: str = "graphviz") -> Diagram:
    """The same without title, legend and caption; side by side where the room of the detail allows that."""
    models = compared.models
    known("view", view, VIEWS)
    for model, label in zip(models, compared.labels, strict=True):
        if view not in views_of(model):
            raise UsageError(Problem(f"{label!r} has no recurrent layer to open", hint="--view model shows all"))
    selection = _one_scale(models, view, selection)
    width = selection.detail.width if isfinite(selection.detail.width) else WIDEST
    around, above = TIGHT if selection.detail.tight else (AROUND, ABOVE)
    widest = min(HEADING, width - 2 * around)
    named = zip(compared.labels, models, strict=True)
    headings = [_heading(label, model.title if selection.detail.words else label, widest) for label, model in named]
    every: dict[Detail, list[Diagram]] = {}  # without bounds both layouts leave the same room
    found: list[tuple[float, Box, list[Diagram]]] = []
    for beside in (True, False):
        layout = _Layout(headings, around, above, beside)
        share = layout.share(selection.detail)
        if share not in every:
            every[share] = [placed(model, view, replace(selection, detail=share), engine=engine) for model in models]
        box = layout.box(every[share])
        found.append((max(box.width / width, box.height / selection.detail.height), box, every[share]))
        if found[-1][0] <= 1:
            break
    _, box, drawn = min(found, key=itemgetter(0))
    sheet = Sheet()
    sheet.add(box, 0, box.height if box is found[0][1] else 0)
    claims = _each(compared.labels, [diagram.claim for diagram in drawn])
    return sheet.diagram(
        view=view,
        title=compared.title,
        claim=claims if VIEWS[view].scale == "numbers" else claim(compared),
        reading=_reading(drawn),
        legend=_legend(drawn, compared.labels),
        description=_each(compared.labels, [diagram.description for diagram in drawn]),
        origin=_origin(drawn, compared.labels),
    )


def _each(labels: Sequence[str], said: Sequence[str]) -> str:
    return " ".join(f"{label}: {sentence}" for label, sentence in zip(labels, said, strict=True))


def _origin(drawn: Sequence[Diagram], labels: Sequence[str]) -> str:
    """Where the numbers come from: once where that is the same."""
    origins = [diagram.origin for diagram in drawn]
    return origins[0] if len(set(origins)) == 1 else _each(labels, origins)


def _one_scale(models: Sequence[Model], view: str, selection: Selection) -> Selection:
    """With the ends of a scale that holds the numbers of every model, where the view shows numbers on one."""
    if VIEWS[view].scale != "numbers":
        return selection
    ends = [VIEWS[view].extent(model, selection) for model in models]
    return replace(selection, scale=(min(low for low, _ in ends), max(high for _, high in ends)))


def views(compared: Compared) -> tuple[str, ...]:
    """Those that the spec names, else those in which the difference shows, the most telling first."""
    if compared.views:
        return compared.views
    if not all(model.recurrent for model in compared.models):
        return _showing("layers")
    differing = [what for what, of in DIFFERENCES.items() if len({of(model) for model in compared.models}) > 1]
    return _showing(*differing) or _showing("course")


def _showing(*differences: str) -> tuple[str, ...]:
    """The views that show these best."""
    return tuple(view.name for each in differences for view in VIEWS.values() if view.shows == each)


def _equations(model: Model) -> object:
    """The equations of the first recurrent layer."""
    return tuple((name, form(expr)) for name, expr in _first(model).cell.equations.items())


def _course(model: Model) -> object:
    """How many steps there are, what is handed on, where states start, which way each layer goes."""
    return tuple(source.shape for source in model.inputs), tuple(
        (
            layer.kind,
            layer.innermost.returns_sequences,
            layer.initial_state,
            layer.go_backwards,
        )
        for layer in model.layers
        if not layer.innermost.cell or layer.recurrent
    )


def _sizes(model: Model) -> object:
    """How many units the first recurrent layer has, and how many features it reads."""
    return _first(model).units, _first(model).features


def _first(model: Model) -> RecurrentLayer:
    return model.recurrent[0]


DIFFERENCES: Mapping[str, Callable[[Model], object]] = {"equations": _equations, "course": _course, "sizes": _sizes}
"""What models with recurrent layers differ in, the most telling first, by what the table of views calls it."""


def _prefixed(diagram: Diagram, before: str) -> Diagram:
    """With ids of its own, and nothing that is built up: every part is there from the start."""

    def renamed(id: str) -> str:
        return before + id if id else ""

    def part(node: Node) -> Node:
        return replace(node, id=renamed(node.id), inside=renamed(node.inside), since=0)

    def wire(edge: Edge) -> Edge:
        return replace(edge, id=renamed(edge.id), tail=renamed(edge.tail), head=renamed(edge.head), since=0)

    return replace(
        diagram,
        nodes=tuple(map(part, diagram.nodes)),
        edges=tuple(map(wire, diagram.edges)),
        groups=tuple(replace(group, id=renamed(group.id), since=0) for group in diagram.groups),
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    """Panels with a picture each under its heading: on one ground `beside` one another, or above as wide."""

    headings: Sequence[Text]
    around: float  # from a picture to its panel
    above: float  # to its heading
    beside: bool

    def share(self, room: Detail) -> Detail:
        """The room that each picture has of the whole."""
        panels = len(self.headings)
        across, up = (panels, 1) if self.beside else (1, panels)
        width = (room.width - APART * (across - 1)) / across - 2 * self.around
        height = (room.height - APART * (up - 1)) / up - 2 * self.around
        return replace(room, width=width, height=height - self.above - max(measure(each)[1] for each in self.headings))

    def box(self, diagrams: Sequence[Diagram]) -> Box:
        drawn = [
            column(strut(*measure(heading)), strut(0, self.above), picture(_prefixed(diagram, f"m{number}-")), align=-1)
            for number, (diagram, heading) in enumerate(zip(diagrams, self.headings, strict=True), 1)
        ]
        wide, high = max(box.width for box in drawn), max(box.height for box in drawn)
        panels = []
        for number, (box, heading) in enumerate(zip(drawn, self.headings, strict=True), 1):
            even = stack(box, strut(0, high - box.height)) if self.beside else room(box, wide, align=-1)
            panels.append(band(f"m{number}", heading, "note", even, self.around, "box"))
        return (row if self.beside else column)(*panels, gap=APART)


def _heading(label: str, title: str, width: float) -> Text:
    """A model's name, and its title where that says more."""
    return text(*wrap(label, width, "title"), *(wrap(title, width, "muted") if title != label else []))


def _reading(drawn: Sequence[Diagram]) -> str:
    scale = WORDS.say("own_scale" if VIEWS[drawn[0].view].scale == "own" else "one_scale", two=len(drawn) == 2)
    first, *others = ([*_sentences(diagram.reading)] for diagram in drawn)
    return " ".join([scale, *(said for said in first if all(said in other for other in others))])


def _sentences(said: str) -> list[str]:
    return re.split(r"(?<=\.) (?=[A-Z])", said)


def _legend(drawn: Sequence[Diagram], labels: Sequence[str]) -> tuple[Key, ...]:
    """Every entry once. Where one look means two things, each says in which picture it does."""
    of: dict[Key, list[str]] = {}
    for diagram, label in zip(drawn, labels, strict=True):
        for key in diagram.legend:
            of.setdefault(key, []).append(label)
    looks = Counter(replace(key, text="") for key in of)
    return tuple(
        key
        if looks[replace(key, text="")] == 1
        else replace(key, text=WORDS.say("in_some", text=key.text, names=names))
        for key, names in of.items()
    )
