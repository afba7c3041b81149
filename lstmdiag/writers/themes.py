"""A theme turns a role into a look. Colours come from one table, fills are mixed from them."""

from __future__ import annotations

from dataclasses import dataclass

FILL = 0.14  # share of the role's colour in a fill
FADED = 0.3  # share of the colour that a part not yet reached, or context, keeps
CONTEXT = 0.15  # the same for edges, which come in bundles


@dataclass(frozen=True, slots=True)
class Look:
    """How one role is drawn. Colours are #rrggbb."""

    stroke: str
    fill: str
    ink: str  # text that stands on the fill
    text: str  # text that stands on the background: edge labels, notes
    width: float = 1.2
    line: str = "solid"  # or dashed, dotted, double


@dataclass(frozen=True, slots=True)
class Theme:
    name: str
    background: str
    foreground: str
    muted: str
    looks: dict[str, Look]
    transparent: bool = False


def mixed(color: str, background: str, share: float) -> str:
    """`share` of the colour, the rest background."""
    pairs = zip(bytes.fromhex(color[1:]), bytes.fromhex(background[1:]), strict=True)
    return "#" + "".join(f"{round(c * share + b * (1 - share)):02x}" for c, b in pairs)


LINES: dict[str, tuple[float, str]] = {
    "input": (1.2, "solid"),
    "layer": (1.4, "solid"),
    "unit": (1.4, "solid"),
    "op": (1.2, "solid"),
    "state.public": (2.0, "solid"),
    "state.private": (1.4, "double"),
    "gate.keep": (1.8, "solid"),
    "gate.write": (1.8, "dashed"),
    "gate.content": (1.8, "solid"),
    "gate.read": (1.8, "dotted"),
    "weight": (1.2, "solid"),
    "output": (1.2, "solid"),
    "elision": (1.2, "dotted"),
    "note": (1.0, "solid"),
}
"""Role → pen width and line style: the cue beside colour, the same in every theme."""


def _theme(name: str, background: str, foreground: str, muted: str, colors: dict[str, str]) -> Theme:
    looks = {}
    for role, (width, line) in LINES.items():
        stroke = colors.get(role, foreground)
        share = FILL if role in colors else FILL / 3
        text = stroke if role in colors else muted if role == "elision" else foreground
        looks[role] = Look(stroke, mixed(stroke, background, share), foreground, text, width, line)
    return Theme(name, background, foreground, muted, looks)


LIGHT = _theme("light", "#ffffff", "#1b2430", "#5d6673", {
    "input": "#081723", "state.public": "#4967fd", "state.private": "#917217",
    "gate.keep": "#83020f", "gate.write": "#046b56", "gate.content": "#b627b6", "gate.read": "#004658",
    "op": "#5d6673", "weight": "#5d6673", "elision": "#5d6673", "output": "#081723",
})  # fmt: skip

DARK = _theme("dark", "#1e2129", "#e6e8ec", "#a3abb8", {
    "input": "#fdfdfd", "state.public": "#298cfc", "state.private": "#e0b022",
    "gate.keep": "#ef555a", "gate.write": "#b0eca3", "gate.content": "#c06bad", "gate.read": "#3eccde",
    "op": "#a3abb8", "weight": "#a3abb8", "elision": "#a3abb8", "output": "#fdfdfd",
})  # fmt: skip

PRINT = _theme("print", "#ffffff", "#000000", "#000000", {})

THEMES = {theme.name: theme for theme in (LIGHT, DARK, PRINT)}
