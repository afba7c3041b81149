"""The page of one model: what its words in words/en/page.yml say is true of it. Every number is read from the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from lstmdiag.drawing import views_of
from lstmdiag.english import number
from lstmdiag.frameworks import FRAMEWORKS, source_text
from lstmdiag.layer import Layer, show_shape
from lstmdiag.model import Model
from lstmdiag.site import tags, template
from lstmdiag.site.layer_section import layer_facts
from lstmdiag.site.markup import WORDS, code, code_block, symbol, text
from lstmdiag.site.outline import equal_layers, suffixes
from lstmdiag.site.summary import summary
from lstmdiag.site.time_section import Facts, time_facts


def page(model: Model, *, tabs: bool = True) -> str:
    """Markdown, without front matter; without `tabs`, the call in each framework stands under its name."""
    return template.page(WORDS, _facts(model, tabs=tabs))


def _facts(model: Model, *, tabs: bool) -> Facts:
    """What the words need to know, names and symbols in HTML."""
    groups, endings = equal_layers(model), suffixes(model)
    counts = [layer.params for layer in model.layers if layer.params]
    return {
        "spec": model.name,
        "level": 2,
        "suffix": "",
        "mark_layer": None,
        "views": views_of(model),
        "title": text(model.title),
        "chips": " ".join(f"<span>{chip}</span>" for chip in _chips(model)),
        "tags": tags.chips(tags.tags(model)),
        "calls": _calls(model, tabs=tabs),
        "summary": " ".join(summary(model)),
        "given": [show_shape(source.shape) for source in model.inputs],
        "results": [show_shape(model.shape(reference)) for reference in model.outputs],
        "recurrent": bool(model.recurrent),
        "N": symbol("N", at=""),
        "time": time_facts(model),
        "insides": [
            layer_facts(model, group, suffix=endings[group[0].name], place=place, several=len(groups) > 1)
            for place, group in enumerate(groups)
        ],
        "params": model.params,
        "layers": model.layers,
        "layer_counts": counts,
        "in_several": len(counts) > 1,
        "outputs": [_output(model, reference) for reference in model.outputs],
        "first_layer": [code(layer.top) for layer in model.recurrent[:1]],
        "first_units": [layer.units for layer in model.recurrent[:1]],
        "over_batch": [code(each.name) for each in model.layers if _over_batch(each)],
        "weights_file": code(model.example.weights) if model.example and model.example.weights else "",
    }


def _over_batch(layer: Layer) -> bool:
    """Whether training makes it meet the samples of a batch; one that is not trained uses its moving averages."""
    return layer.innermost.definition.over_batch and layer.innermost.options.trainable


def _chips(model: Model) -> Iterator[str]:
    """What it is made of: calls, sizes of its inputs, parameters."""
    yield from runs(code(layer.call) for layer in model.layers if not layer.shared)
    for source in model.inputs:
        name = f"{code(source.name)} " if len(model.inputs) > 1 else ""
        if model.has_time(source):
            yield f"{name}T&#8239;=&#8239;{number(source.shape[0])}"
            name = ""
        if len(source.shape) == 1 + model.has_time(source):
            yield f"{name}F&#8239;=&#8239;{number(source.shape[-1])}"
    yield WORDS.say("params_chip", params=model.params)


def _calls(model: Model, *, tabs: bool) -> str:
    """Source text of the model in each framework in which lstmdiag writes it."""
    sources = {framework.title: source_text(model, key) for key, framework in FRAMEWORKS.items()}
    blocks = {title: code_block(source, "python") for title, source in sources.items() if source is not None}
    if tabs:  # as pymdownx.tabbed reads them
        return "\n\n".join(f'=== "{title}"\n\n{_indented(block)}' for title, block in blocks.items())
    return "\n\n".join(f"{WORDS.say('in_framework', it=title)}\n\n{block}" for title, block in blocks.items())


def _output(model: Model, reference: str) -> Facts:
    """One of the things a call returns: the output of dense; the final c of encoder; the forward output of b."""
    owner, part = model.owner(reference)
    state = isinstance(owner, Layer) and part in owner.states
    return {
        "shape": show_shape(model.shape(reference)),
        "owner": code(owner.name),
        "whole": not part or not isinstance(owner, Layer),
        "state": state,
        "part": part.replace(".", " ") if state else part,
    }


def runs(things: Iterable[str]) -> Iterator[str]:
    """Equal ones in a row, counted: `3 × LSTM(4)`, `Dense(1)`."""
    for thing, run in groupby(things):
        times = len(list(run))
        yield f"{number(times)} × {thing}" if times > 1 else thing


def _indented(block: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in block.splitlines())
