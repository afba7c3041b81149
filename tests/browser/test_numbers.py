"""Every number that a page shows in words, tables and heat maps is of its spec: of its pass, its tables, its text."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from lstmdiag.analysis.fan_in import fan_in
from lstmdiag.model import Model
from lstmdiag.running.tracing import values
from lstmdiag.views.tables import NAMES, table
from lstmdiag.views.trace_values import round_end
from lstmdiag.writers import tables
from tests.models import PACKAGED, packaged
from tests.site.test_walk import NUMBER, OTHERS, as_number, counts, known, sums, words

RATES = ("rate", "dropout", "recurrent_dropout")

pytestmark = pytest.mark.browser


def article(site: Path, name: str) -> str:
    """What a page says itself, without source text and formulas, and without the words around its pictures."""
    html = (site / f"architectures/{name}.html").read_text("utf-8")
    html = html[html.index("<article") : html.index("</article>")]
    around = r'<p class="ld-title">.*?</p>|<ul class="ld-legend">.*?</ul>|<div class="ld-caption">.*?</div>'
    return re.sub(rf"<pre.*?</pre>|<math.*?</math>|{around}", " ", html, flags=re.DOTALL)


def heat_maps(html: str) -> str:
    """The words and the tips of the pictures of a pass."""
    drawn = re.findall(r'<svg[^>]* class="lstmdiag view-trace".*?</svg>', html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", " ", " ".join(drawn)))


def of_tables(model: Model) -> set[float]:
    written = " ".join(tables.write(table(model, name), "text") for name in NAMES)
    return {as_number(each) for each in NUMBER.findall(written)}


def scales(published: dict[str, dict[str, object]]) -> set[float]:
    """The round ends that a scale may have, and their halves."""
    ends = {round_end(float(np.abs(np.array(each, float)).max())) for each in published["signals"].values()}
    return {sign * share * end for end in ends for sign in (1, -1) for share in (0.5, 1)}


def of_layers(model: Model) -> set[float]:
    """What one unit reads and has, how many arrays and quantities there are, shares that are dropped."""
    found: set[float] = set()
    for layer in model.recurrent:
        assert layer.cell
        fan = fan_in(layer)
        found |= {fan.inputs, fan.inputs + 1, fan.weights, len(layer.weights), len(layer.cell.equations)}
    options = [getattr(layer.innermost.options, name, 0) for layer in model.layers for name in RATES]
    return {float(each) for each in found} | {round(100 * rate, 3) for rate in options}


def unknown(site: Path, name: str, html: str) -> set[str]:
    """The numbers of a page that are found nowhere."""
    model = packaged(name)
    published = json.loads((site / f"architectures/{name}/{name}.numbers.json").read_text("utf-8"))
    passed = values(model, toy=bool(published["badge"]))
    signals = known(passed.model, published)
    allowed = signals | {round(each, places) for each in signals for places in (0, 1)}  # as in claims
    allowed |= counts(passed) | of_tables(model) | of_layers(model) | scales(published)
    allowed |= {as_number(said) for _, _, said in sums(html)}
    allowed |= {as_number(each) for each in NUMBER.findall(model.summary + passed.badge)}
    numbers = NUMBER.findall(OTHERS.sub("", words(html)) + heat_maps(html))
    assert len(numbers) > 100
    return {each for each in numbers if as_number(each) not in allowed}


@pytest.mark.parametrize("name", [name for name in PACKAGED if packaged(name).recurrent])
def test_every_number_is_known(site: Path, name: str) -> None:
    assert unknown(site, name, article(site, name)) == set()


def test_a_number_that_nobody_computed_is_seen(site: Path) -> None:
    """In a table, and in the tip of a heat map."""
    html = article(site, "three-units")
    for shown in ('<td class="ld-number">', "at step 2: "):
        at = html.index(shown) + len(shown)
        assert unknown(site, "three-units", f"{html[:at]}7777 {html[at:]}") == {"7777"}
