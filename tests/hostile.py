"""Texts that want to be more than text, in every place of the language that takes any text, and what they would do.

`pwn` stands in whatever they would make: a tag, an attribute, an address, a call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import yaml

from lstmdiag.diagrams.text import readable
from tests.site.project import Elements

CORPUS: Mapping[str, str] = {
    "script": "<script>pwn()</script>",
    "handler": "<img src=pwn onerror=pwn()>",
    "entities": "&lt;img src=pwn onerror=pwn()&gt;",
    "numbered": "&#60;svg onload=pwn()&#62; &#x3c;pwn&#x3e;",
    "quotes": "\" onfocus=pwn() autofocus ' onload=pwn()",
    "closing": "</title></style></script><pwn>",
    "drawing": "</text></g></svg><img src=pwn onerror=pwn()>",
    "endings": "]]><pwn> --><pwn> ?><pwn> */pwn",
    "address": "[p](javascript:pwn()) <javascript:pwn()>",
    "picture": "![p](//pwn.example/p.png) https://pwn.example",
    "reference": "[p][pwn] [^pwn] [pwn]: //pwn.example",
    "marks": "*a* _b_ `c` ~~d~~ ^e^ ==f== ++g++ ~h~ **i**",
    "signs": ":smile: :material-skull: (c) -> +/- 1/2 $p$ $$p$$",
    "attributes": "text {#pwn-id .pwn onclick=pwn()} {: #pwn-id }",
    "template": "{{ 7*191 }} {% raw %} {# pwn #} ${7*191}",
    "macro": "{{ pwn() }}{% include 'pwn' %}",
    "shortcode": "{{< pwn >}} <%= pwn %> @pwn #pwn",
    "matter": "--- pwn: # 'x' - [y] {z: 1}",
    "blocks": "=== \"pwn\" ??? pwn !!! pwn",
    "fence": "``` pwn ~~~ ````pwn",
    "snippet": "--8<-- \"pwn\" ;--8<-- 'pwn'",
    "sheet": "=1+cmd|'pwn'!A1",
    "latex": "\\input{pwn} \\write18{pwn} $x$ % & # _ ^ ~",
    "graphviz": "\\N \\G \\l \"]; pwn [label=\"",
    "python": "\"); pwn() # ''' \"\"\" \\",
    "turned": "turn \u202ennwp\u202c \u2066pwn\u2069",
    "joined": "z\u200bero w\u200didth \u00adpwn",
    "wide": "שלום 日本語 🧠 e\u0301 ﷽",
    "marked": "<div class=\"lstmdiag\" data-spec=\"pwn\" data-view=\"time\"></div>",
    "paragraph": "a\n\n<script>pwn()</script>\n\n---\n\nb",
    "long": "<b>" + "pwn" * 200,
}  # fmt: skip


def cut(text: str, most: int) -> str:
    return text[:most].strip()


def name(text: str) -> str:
    """As much of it as the name of a layer, an input or a file may have."""
    return cut(re.sub(r"[/\\\x00-\x1f\u2028-\u202e\u2066-\u2069]|\.\.", "", text), 60) or "pwn"


def model(text: str) -> dict[str, Any]:
    """A model with the text wherever the language takes one."""
    layer = name(text)
    return {
        "version": 1, "title": cut(text, 300), "summary": text, "group": cut(text, 100), "tags": [cut(text, 40), "pwn"],
        "inputs": {f"{layer} in": {"steps": 4, "features": 1}},
        "layers": [
            {"LSTM": {"units": 2, "name": layer, "from": f"{layer} in", "return_sequences": True, "dtype": text,
                      "kernel_initializer": text}},
            {"Own": {"units": 2, "name": f"{layer} own", "initial_state": f"{layer}.h"}},
            {"Dense": {"units": 1, "name": f"{layer} out", "bias_regularizer": {text: [text]}}},
        ],
        "outputs": [f"{layer} out"],
        "cells": {"Own": {"state": ["h"], "equations": {"h": "tanh(W_pwn @ x + U_h @ h_prev + b_h)"}}},
    }  # fmt: skip


def broken(text: str) -> dict[str, Any]:
    """The text wherever the language takes certain words only: each is a mistake, told with the text."""
    return {
        "version": 1, "title": cut(text, 300), "outputs": [text], text: text,
        "inputs": {text: {"steps": text, "features": 1}, "x": {text: 1}},
        "layers": [text, {text: 3}, {"LSTM": {"units": text, text: 1}}, {"Dense": {"units": 1, "activation": text}},
                   {"use": text}, {"Dense": {"units": 1, "from": text}}, {"Own": {"units": 1}}],
        "example": {"weights": text, "seed": text},
        "cells": {text: {},
                  "Own": {"state": ["h", text], "equations": {"h": text, text: "x"}, "places": {text: [0, 0]}},
                  "Other": {"state": ["h"], "equations": {"h": f"W @ x + {text}"}}},
    }  # fmt: skip


def comparison(text: str, *members: str) -> dict[str, Any]:
    return {"version": 1, "title": cut(text, 300), "summary": text, "group": cut(text, 100), "tags": [cut(text, 40)],
            "compare": list(members)}  # fmt: skip


def written(document: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False)


def stem(text: str) -> str:
    """A file of its name."""
    return name(text).strip(".")


def models(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(a file's name, its content): of each text a model, and of each two of them a comparison."""
    every = list(texts)
    for text in every:
        yield f"{stem(text)}.yml", written(model(text))
    for first, second in zip(every[::2], every[1::2], strict=False):
        members = f"{stem(first)}.yml", f"{stem(second)}.yml"
        yield f"{stem(first)[:30]} & {stem(second)[:30]}.yml", written(comparison(first, *members))


def together(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The same of several texts at once, for fewer pages: a model, a comparison, and a file full of mistakes."""
    first, every, mistakes = stem(texts[0]), [*map(model, texts)], [*map(broken, texts)]
    whole = {
        **every[0],
        "title": " / ".join(cut(text, 70) for text in texts),
        "summary": "\n\n".join(texts),
        "tags": [*dict.fromkeys(tag for each in every for tag in each["tags"])],
        "inputs": {name: source for each in every for name, source in each["inputs"].items()},
        "layers": [layer for each in every for layer in each["layers"]],
        "outputs": [output for each in every for output in each["outputs"]],
        "example": {"seed": 1},  # no search for weights that are easy to follow
    }
    yield f"{first}.yml", written(whole)
    yield f"{first[:30]} twice.yml", written({**comparison(texts[-1], f"{first}.yml", f"{first}.yml"),
                                              "title": whole["title"], "summary": whole["summary"]})  # fmt: skip
    sections = {key: {k: v for each in mistakes for k, v in each[key].items()} for key in ("inputs", "cells")}
    layers = [layer for each in mistakes for layer in each["layers"]]
    unknown = {key: value for each in mistakes for key, value in each.items()}
    yield f"{first[:30]} broken.yml", written({**unknown, **sections, "layers": layers})


def findings(html: str) -> list[str]:
    """What a text has become on a page, where it is more than text."""
    page = Elements.of(html)
    found = []
    for tag, attributes in page.all:
        if "pwn" in tag:
            found.append(f"<{tag}>")
        for key, value in attributes.items():
            if key.startswith("on") or "pwn" in key or (key == "id" and value == "pwn-id"):
                found.append(f"<{tag} {key}={value!r}>")
            if key in ("class", "rel", "style", "type", "name") and re.search(r"(^|\s)pwn", value):
                found.append(f"<{tag} {key}={value!r}>")
            if key in ("href", "src", "action", "data", "xlink:href") and not _leads_within(value):
                found.append(f"<{tag} {key}={value!r}>")
    if "1337" in page.text:
        found.append("a template ran")
    return found


def _leads_within(address: str) -> bool:
    """Whether it is one of our own, or one that themes have on every page."""
    parts = urlsplit(unescape(address).strip())
    return parts.scheme in ("", "http", "https", "mailto", "data") and "pwn" not in parts.netloc


def squeezed(text: str) -> str:
    """As a page shows it: one blank for each stretch of them."""
    return " ".join(readable(text).split())
