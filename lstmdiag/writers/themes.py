"""A theme turns a role into a look. Colours come from one table, fills are mixed from them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

FILL = 0.14  # share of the role's colour in a fill
FAINT = 0.04  # the same for roles that are only ground to stand on: layers, units, notes, groups
FADED = 0x4D  # opacity, of 255, of a part that is context or not yet reached
GROUP = 0x0D  # opacity of a group's ground
CURVE = 0x73  # the same for a thin curve, which has to be seen on both grounds
CONTEXT = 0x40  # the same for a wire, since wires come in bundles


@dataclass(frozen=True, slots=True)
class Look:
    """How one role is drawn. Colours are #rrggbb."""

    stroke: str
    fill: str
    text: str  # of text on the bare background: wire labels, notes; text on a fill has the foreground's colour
    width: float
    line: str  # solid, dashed, dotted or double


@dataclass(frozen=True, slots=True)
class Theme:
    """`variables` turns a colour into a CSS value, where a page's palette decides in the end."""

    name: str
    background: str
    foreground: str
    muted: str
    looks: dict[str, Look]
    levels: dict[str, Look]  # of heat maps: the colour at an end or in the middle, and that of text on it
    transparent: bool = False
    colored: bool = True  # False: ink is black or it is not there, so nothing fades
    variables: dict[str, str] = field(default_factory=dict)

    def css(self, color: str) -> str:
        """A colour of this theme as CSS writes it: itself, or the variable that it stands for."""
        return self.variables.get(color, color)


LINES: dict[str, tuple[float, str]] = {
    "input": (1.2, "solid"),
    "layer": (1.4, "solid"),
    "unit": (1.4, "solid"),
    "op": (1.2, "solid"),
    "state.public": (2.0, "solid"),
    "state.private": (1.3, "double"),
    "gate.keep": (1.8, "solid"),
    "gate.write": (1.8, "dashed"),
    "gate.content": (1.8, "solid"),
    "gate.read": (1.8, "dotted"),
    "weight": (1.0, "solid"),
    "output": (1.2, "solid"),
    "elision": (1.2, "dotted"),
    "note": (0.8, "solid"),
}
"""Role → pen width and line style: the cue beside colour, the same in every theme."""

GROUND = frozenset({"layer", "unit", "note", "elision"})


def mixed(color: str, background: str, share: float) -> str:
    """`share` of the colour, the rest background."""
    pairs = zip(bytes.fromhex(color[1:]), bytes.fromhex(background[1:]), strict=True)
    return "#" + "".join(f"{round(c * share + b * (1 - share)):02x}" for c, b in pairs)


LEVELS = ("zero", "low", "high", "share")
STRONG = {"low": 0.6, "high": 0.96, "share": 0.54}
"""From which part of the way to an end text has the colour for that end, so that it is read in light and in dark."""


def level_of(level: float, ramp: str) -> str:
    """Which of LEVELS a value of a heat map leans towards."""
    return "zero" if level == 0 else "share" if ramp == "share" else "low" if level < 0 else "high"


def _levels(*colors: tuple[str, str]) -> dict[str, Look]:
    """LEVELS from (fill, text on it)."""
    return {name: Look(ink, fill, ink, 0.4, "solid") for name, (fill, ink) in zip(LEVELS, colors, strict=True)}


def _theme(
    name: str, background: str, foreground: str, muted: str, colors: dict[str, str], levels: dict[str, Look]
) -> Theme:
    looks = {}
    for role, (width, line) in LINES.items():
        color = colors.get(role, foreground)
        fill = mixed(color, background, FAINT if role in GROUND else FILL)
        looks[role] = Look(color, fill, foreground if role == "note" else color, width, line)
    return Theme(name, background, foreground, muted, looks, levels)


LIGHT = _theme("light", "#ffffff", "#1b2430", "#555d69", {
    "input": "#081723", "output": "#081723",
    "state.public": "#4967fd", "state.private": "#917217",
    "gate.keep": "#83020f", "gate.write": "#046b56", "gate.content": "#b627b6", "gate.read": "#004658",
    "op": "#555d69", "weight": "#555d69", "elision": "#555d69", "note": "#555d69",
}, _levels(("#e8eaeb", "#000000"), ("#f59322", "#000000"), ("#0877bd", "#ffffff"), ("#0d1b2a", "#ffffff")))  # fmt: skip

DARK = _theme("dark", "#1e2129", "#e6e8ec", "#abb3bf", {
    "input": "#fdfdfd", "output": "#fdfdfd",
    "state.public": "#298cfc", "state.private": "#e0b022",
    "gate.keep": "#ef555a", "gate.write": "#b0eca3", "gate.content": "#c06bad", "gate.read": "#3eccde",
    "op": "#abb3bf", "weight": "#abb3bf", "elision": "#abb3bf", "note": "#abb3bf",
}, _levels(("#262a32", "#ffffff"), ("#f59322", "#000000"), ("#0877bd", "#ffffff"), ("#b2bdcd", "#000000")))  # fmt: skip

_BLACK = {role: Look("#000000", "#ffffff", "#000000", width, line) for role, (width, line) in LINES.items()}
_PLAIN = _levels(*[("#ffffff", "#000000")] * 2, *[("#000000", "#ffffff")] * 2)
PRINT = Theme("print", "#ffffff", "#000000", "#000000", _BLACK, _PLAIN, colored=False)

THEMES = {theme.name: theme for theme in (LIGHT, DARK, PRINT)}
"""Those a user can ask for."""


def palette(theme: Theme) -> dict[str, str]:
    """CSS variable → colour: the ink, each role's line and fill, and each level's text and fill."""
    colors = {"--ld-foreground": theme.foreground, "--ld-background": theme.background, "--ld-muted": theme.muted}
    for role, look in (theme.looks | _named(theme.levels)).items():
        name = variable(role)
        colors |= {name: look.stroke, f"{name}-fill": look.fill}
    return colors


def _named(levels: dict[str, Look]) -> dict[str, Look]:
    return {f"level.{name}": look for name, look in levels.items()}


def variable(role: str) -> str:
    return "--ld-" + role.replace(".", "-")


def _on_page(theme: Theme) -> Theme:
    """The theme with its colours left to the page's CSS variables.

    Graphviz can write no variables, so every variable gets a colour of its own, a shade beside the
    theme's, by which `writers.svg` finds it again.
    """
    shades: dict[str, str] = {}
    variables: dict[str, str] = {}
    for name, color in palette(theme).items():
        shade = color
        step = -1 if int(color[5:], 16) > 0xFA else 1
        while shade in variables:
            shade = f"{shade[:5]}{int(shade[5:], 16) + step:02x}"
        shades[name] = shade
        variables[shade] = f"var({name}, {color})"
    looks = {}
    for role, look in (theme.looks | _named(theme.levels)).items():
        line, fill = shades[variable(role)], shades[f"{variable(role)}-fill"]
        text = line if look.text == look.stroke else shades["--ld-foreground"]
        looks[role] = replace(look, stroke=line, fill=fill, text=text)
    return Theme(
        "page", shades["--ld-background"], shades["--ld-foreground"], shades["--ld-muted"],
        {role: looks[role] for role in theme.looks}, {name: looks[f"level.{name}"] for name in theme.levels},
        transparent=True, variables=variables,
    )  # fmt: skip


PAGE = _on_page(LIGHT)
"""For SVG that stands in a web page and follows its palette."""
