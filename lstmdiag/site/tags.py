"""Words to find a model by: those of its spec, and those that follow from its layers; and the page that lists them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from lstmdiag.analysis.axes import began, time_axes
from lstmdiag.layer import Layer
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from lstmdiag.site.markup import element, slug, text
from lstmdiag.words import Words

WORDS = Words("gallery")
PAGE = "tags.md"

_PLAIN = re.compile(r"[A-Za-z0-9]+(?:[ –-][A-Za-z0-9]+)*")


def tags(model: Model) -> list[str]:
    """The spec's own first; each once."""
    by_anchor: dict[str, str] = {}
    for tag in (*model.tags, *_derived(model)):
        by_anchor.setdefault(anchor(tag), tag)
    return list(by_anchor.values())


def _derived(model: Model) -> Iterator[str]:
    kinds = [each.definition for layer in model.layers for each in (layer, layer.innermost)]
    yield from dict.fromkeys(kind.name for kind in kinds if kind.as_tag)
    recurrent = [layer for layer in model.layers if layer.recurrent]
    if model.recurrent:
        yield from WORDS.each("course", _course(model))
    yield from WORDS.each(
        "derived",
        own_cell=any(kind.name not in KINDS for kind in kinds),
        stacked=any(_on(model, layer, recurrent) for layer in recurrent),
        given_start=any(layer.initial_state for layer in recurrent),
        stateful=any(layer.stateful for layer in recurrent),
        masked=any(layer.masked for layer in recurrent),
        any_length=any(model.has_time(source) and source.shape[0] is None for source in model.inputs),
        tokens=any(source.dtype == "int" for source in model.inputs),
        several_inputs=len(model.inputs) > 1,
        several_outputs=len(model.outputs) > 1,
        shared=any(layer.shared for layer in model.layers),
    )


def _on(model: Model, layer: Layer, recurrent: Sequence[Layer]) -> bool:
    """Whether it reads another recurrent layer's outputs at every step."""
    owners = [model.owner(reference)[0] for reference in layer.inputs]
    return any(owner is below and below.returns_sequences for owner in owners for below in recurrent)


def _course(model: Model) -> Mapping[str, bool]:
    """Whether several steps go in and come out, and whether they are of two different sequences."""
    axes = time_axes(model)
    came = {source.name for source in model.inputs if axes[source.name] and source.shape[0] != 1}
    left = {began(model, reference, axes) for reference in model.outputs} - {""}
    starts = {axes[model.owner(layer.inputs[0])[0].name] for layer in model.layers if layer.recurrent}
    begun = any(start and start not in {source.name for source in model.inputs} for start in starts)
    transfer = any(layer.initial_state for layer in model.layers if len(starts) > 1)
    return {
        "steps_in": bool(came),
        "steps_out": bool(left),
        "two_courses": transfer or bool(begun and left and came),
    }


def anchor(tag: str) -> str:
    """What the tag is called in the page of tags; the same whatever its capitals, and another for C++ than for C."""
    return f"tag-{slug(tag) if _PLAIN.fullmatch(tag) else tag.casefold().encode().hex()}"


def chips(names: Sequence[str]) -> str:
    """The tags as links to the page that lists them."""
    links = " ".join(f"[{text(tag)}]({PAGE}#{anchor(tag)})" for tag in names)
    return element("p", links, "ld-chips ld-tags", markdown="1")


def index(pages: Sequence[tuple[str, str, Sequence[str]]]) -> str:
    """The body of the page of tags; `pages` are (address, title, tags)."""
    names: dict[str, str] = {}
    listed: dict[str, list[str]] = {}
    for address, title, own in pages:
        for tag in own:
            names.setdefault(anchor(tag), tag)
            listed.setdefault(anchor(tag), []).append(f"- [{text(title)}]({address})")
    parts = [f"# {WORDS.say('tags')}"]
    for key in sorted(names, key=lambda key: names[key].casefold()):
        parts += [f"## {text(names[key])} {{#{key}}}", "\n".join(listed[key])]
    return "\n\n".join(parts) + "\n"
