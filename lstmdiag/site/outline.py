"""What a page holds and where: its pictures and their anchors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from lstmdiag.comparing import Compared
from lstmdiag.comparing import picture as side_by_side
from lstmdiag.diagrams import Diagram
from lstmdiag.diagrams.canvas import CANVASES, Canvas, Parts
from lstmdiag.drawing import AUTO, Ink, composed, file_stem, inked, placed
from lstmdiag.layer import RecurrentLayer
from lstmdiag.model import Model
from lstmdiag.site.markup import slug
from lstmdiag.site.placeholders import Facts, placeholders
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import Selection

if TYPE_CHECKING:  # it needs numpy, which pages without numbers do without
    from lstmdiag.running.values import Values

PAGE = CANVASES["page"]

Subject: TypeAlias = "Model | Compared | Values"
"""What a picture is of."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of a page; `layer` is None where the view shows the first recurrent layer, or none."""

    view: str
    layer: str | None = None
    unit: int = 0  # that a picture of the page's own forward pass follows; 0: it is of the model, without numbers

    def diagram(self, subject: Subject, canvas: Canvas = PAGE, parts: Parts | None = None) -> Diagram:
        """Of the model or comparison; where a unit is followed, of the values of the pass."""
        if isinstance(subject, Compared):
            return side_by_side.pictured(subject, self.view, Selection(layer=subject.layer), canvas, parts)
        return composed(subject, self.view, Selection(layer=self.layer, unit=self.unit or None), canvas, parts)

    def ident(self, model: Model | Compared) -> str:
        """What the ids of its drawing begin with: they say which picture it is."""
        place = self.view if isinstance(model, Compared) else anchor(model, self)
        if isinstance(model, Model) and self.layer in _backward(model):
            place += "-backward"
        return f"{slug(model.name)}-{place}"

    def file_name(self, model: Model | Compared, format: str) -> str:
        return f"{file_stem(model.name, self.view, Selection(layer=self.layer))}.{format}"


def picture(facts: Facts) -> Picture:
    """The drawing that a placeholder asks for."""
    unit = facts.get("unit", "")
    return Picture(facts["view"], facts.get("layer"), int(unit) if unit.isdecimal() else 0)


def pictures(page: str) -> list[Picture]:
    """Every drawing of a page, in order."""
    return [picture(facts) for facts in placeholders(page) if "view" in facts]


def equal_layers(model: Model) -> list[list[RecurrentLayer]]:
    """The recurrent layers, those together that differ in nothing but their name and place."""
    groups: dict[object, list[RecurrentLayer]] = {}
    for layer in model.recurrent:
        groups.setdefault((layer.call, layer.input, layer.output, model.layer(layer.top).kind), []).append(layer)
    return list(groups.values())


def suffixes(model: Model) -> dict[str, str]:
    """Recurrent layer → what its anchors end in: nothing for the first kind, `-decoder` for another."""
    endings: dict[str, str] = {}
    for number, group in enumerate(equal_layers(model)):
        suffix = f"-{slug(group[0].name)}" if number else ""
        while suffix in endings.values():  # two names may have one slug
            suffix += "-again"
        endings.update(dict.fromkeys((name for layer in group for name in (layer.name, layer.top)), suffix))
    return endings


def anchor(model: Model, picture: Picture) -> str:
    """The anchor of the section that shows a picture."""
    if picture.layer is None or VIEWS[picture.view].page == "model":
        return picture.view
    top = _backward(model).get(picture.layer, picture.layer)
    return picture.view + suffixes(model).get(top, "")


def _backward(model: Model) -> Mapping[str | None, str]:
    """The backward halves of layers → these layers."""
    return {layer.backward.name: layer.name for layer in model.layers if layer.backward}


def thumbnail(model: Model | Compared) -> bytes:
    """The picture that tells the model from others, without title and legend, as SVG for light and dark."""
    if isinstance(model, Compared):
        diagram = side_by_side.together(model, side_by_side.views(model)[0], Selection(layer=model.layer))
    else:
        diagram = placed(model, _telling(model), Selection())
    return inked(diagram, "svg", Ink(theme=AUTO))


def _telling(model: Model) -> str:
    """The view for a card: a layer alone is seen from inside where it has one unit or reads several features."""
    if not model.recurrent:
        return "model"
    first, *others = model.recurrent
    if others or (first.units > 1 and first.features == 1):
        return "time"
    return "unit" if first.units == 1 else "layer"
