"""The two numbers the palettes were chosen by, and the cues that stand in for colour."""

from itertools import combinations

import pytest

from lstmdiag.diagrams import ROLES
from lstmdiag.writers.themes import DARK, FILL, LIGHT, PAGE, PRINT, STRONG, Theme, mixed, palette

SEVEN = ("input", "state.public", "state.private", "gate.keep", "gate.write", "gate.content", "gate.read")

Color = tuple[float, float, float]  # linear red, green, blue

# Machado, Oliveira and Fernandes 2009, severity 1
SIGHTS = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(color: str) -> Color:
    red, green, blue = (value / 255 for value in bytes.fromhex(color[1:]))
    return tuple(v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (red, green, blue))


def contrast(one: str, other: str) -> float:
    lights = sorted(sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), linear(c), strict=True)) for c in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def seen(color: Color, sight: str) -> Color:
    rows = (sum(w * v for w, v in zip(row, color, strict=True)) for row in SIGHTS[sight])
    return tuple(min(max(v, 0), 1) for v in rows)


def oklab(color: Color) -> Color:
    r, g, b = color
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    mid = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * mid - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * mid + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * mid - 0.8086757660 * short,
    )


def nearest(theme: Theme) -> float:
    """The smallest distance between two of the seven colours, for the worst of four kinds of sight."""
    colors = [linear(theme.looks[role].stroke) for role in SEVEN]
    return min(
        sum((a - b) ** 2 for a, b in zip(oklab(seen(one, sight)), oklab(seen(other, sight)), strict=True)) ** 0.5
        for sight in SIGHTS
        for one, other in combinations(colors, 2)
    )


@pytest.mark.parametrize(("theme", "distance"), [(LIGHT, 0.103), (DARK, 0.122)])
def test_colors_are_told_apart_by_everyone(theme: Theme, distance: float) -> None:
    assert nearest(theme) == pytest.approx(distance, abs=0.001)


@pytest.mark.parametrize("theme", [LIGHT, DARK, PRINT], ids=lambda theme: theme.name)
def test_ink_is_read_on_its_ground(theme: Theme) -> None:
    for look in theme.looks.values():
        assert contrast(look.stroke, theme.background) >= 4.5
        assert contrast(look.text, theme.background) >= 4.5
        assert contrast(theme.foreground, look.fill) >= 4.5
        assert contrast(theme.muted, look.fill) >= 4.5
    assert contrast(theme.muted, theme.background) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_fills_of_the_seven_are_their_colors_mixed_in(theme: Theme) -> None:
    for role in SEVEN:
        look = theme.looks[role]
        assert look.fill == mixed(look.stroke, theme.background, FILL)


def test_every_role_has_a_look_in_every_theme() -> None:
    for theme in (LIGHT, DARK, PRINT, PAGE):
        assert list(theme.looks) == list(ROLES)


def test_gates_and_states_differ_without_color() -> None:
    lines = {role: (PRINT.looks[role].width, PRINT.looks[role].line) for role in SEVEN}
    assert lines["state.private"][1] == "double" and lines["gate.write"][1] == "dashed"
    assert lines["gate.read"][1] == "dotted" and lines["state.public"][0] > lines["gate.keep"][0] > lines["input"][0]


def test_print_knows_black_and_white_only() -> None:
    assert set(palette(PRINT).values()) == {"#000000", "#ffffff"}


def test_on_a_page_every_color_is_a_variable_of_its_own() -> None:
    variables = [value.split(",")[0] for value in PAGE.variables.values()]
    assert sorted(variables) == sorted(f"var({name}" for name in palette(LIGHT))
    assert len(set(PAGE.variables)) == len(palette(LIGHT))
    assert PAGE.looks["state.private"].stroke in PAGE.variables
    assert PAGE.variables[PAGE.looks["state.private"].stroke] == "var(--ld-state-private, #917217)"


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("end", STRONG)
def test_a_number_is_read_on_every_level(theme: Theme, end: str) -> None:
    for percent in range(101):
        ground = mixed(theme.levels[end].fill, theme.levels["zero"].fill, percent / 100)
        ink = theme.levels[end if percent / 100 > STRONG[end] else "zero"].text
        assert contrast(ink, ground) >= 4.35, percent


def test_signed_values_are_orange_grey_and_blue() -> None:
    assert [LIGHT.levels[name].fill for name in ("low", "zero", "high")] == ["#f59322", "#e8eaeb", "#0877bd"]
