"""Bytes: the same everywhere, right on a bare machine, and errors for what goes wrong."""

import locale
import os
import struct
import subprocess
import sys
import threading
import warnings
from dataclasses import replace
from pathlib import Path

import pytest

from lstmdiag import draw, rendering
from lstmdiag.diagrams import Diagram, Edge, Node
from lstmdiag.diagrams.frame import framed
from lstmdiag.diagrams.sheet import Sheet, fitted
from lstmdiag.diagrams.text import small, text
from lstmdiag.errors import EnvironmentLacks, UsageError
from lstmdiag.rendering import FORMATS, MissingGlyphs, arrange, inprocess, render
from lstmdiag.rendering.messages import GraphvizError, check_messages
from lstmdiag.rendering.pdf import without_date
from lstmdiag.writers import dot, svg
from tests.ink.pictures import ENGINES, TEXTS, everything, labelled, needs_dot
from tests.work import calls

ROOT = Path(__file__).parents[2]

DIGESTS = """
import hashlib, locale, sys
sys.path.insert(0, sys.argv[1])
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
from lstmdiag.diagrams.frame import framed
from lstmdiag.rendering import render
from lstmdiag.writers import dot, svg, diagram_json
from tests.ink.pictures import everything
whole = framed(everything())
text = dot.write(whole)
bare = render(dot.write(whole, labels=False), "svg")
drawn = [text.encode(), diagram_json.write(whole).encode(), svg.finish(bare, whole).encode()]
drawn += [render(text, format) for format in ("svg", "png", "pdf")]
print(*(hashlib.sha256(each).hexdigest() for each in drawn))
"""

LETTERS = """
import sys
sys.path.insert(0, sys.argv[1])
from lstmdiag.rendering import render
from lstmdiag.writers import dot
from tests.ink.pictures import labelled
print(*(len(render(dot.write(labelled(letters)), "png")) for letters in ("III", "OOO")))
"""

NO_STANDARD_ERROR = """
import os, sys
sys.path.insert(0, sys.argv[1])
os.close(2)
from lstmdiag.rendering import render
print(len(render('digraph {a [pos="0,0"]}', "svg")))
"""

NO_FONTS = "<?xml version='1.0'?><!DOCTYPE fontconfig SYSTEM 'fonts.dtd'><fontconfig><dir>{}</dir></fontconfig>"


def digests(folder: Path, **environment: str) -> str:
    program = (sys.executable, "-c", DIGESTS, str(ROOT))
    run = subprocess.run(program, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=True)
    assert run.stderr == ""
    return run.stdout


def test_the_same_bytes_in_any_process_folder_and_environment(tmp_path: Path) -> None:
    config = tmp_path / "none.conf"
    config.write_text(NO_FONTS.format(tmp_path))
    there = tmp_path / "with spaces & ü"
    there.mkdir()
    seen = {
        digests(tmp_path, PYTHONHASHSEED="1"),
        digests(there, PYTHONHASHSEED="2", TZ="Asia/Tokyo", LC_ALL="de_DE.UTF-8"),
        digests(there, TZ="America/St_Johns", LC_ALL="C", FONTCONFIG_FILE=str(config), HOME=str(there)),
    }
    assert len(seen) == 1


def test_a_decimal_comma_changes_nothing() -> None:
    text = dot.write(everything())
    expected = render(text, "svg")
    theirs = locale.setlocale(locale.LC_NUMERIC)
    for name in ("de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"):
        try:
            locale.setlocale(locale.LC_NUMERIC, name)
        except locale.Error:
            continue
        try:
            assert render(text, "svg") == expected
            assert locale.setlocale(locale.LC_NUMERIC) == name
            return
        finally:
            locale.setlocale(locale.LC_NUMERIC, theirs)
    pytest.skip("no locale with a decimal comma here")


def test_letters_are_letters_without_any_font_of_the_machine(tmp_path: Path) -> None:
    config = tmp_path / "none.conf"
    config.write_text(NO_FONTS.format(tmp_path))
    here = [len(render(dot.write(labelled(letters)), "png")) for letters in ("III", "OOO")]
    there = subprocess.run(
        (sys.executable, "-c", LETTERS, str(ROOT)),
        env=os.environ | {"FONTCONFIG_FILE": str(config)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert [int(each) for each in there.stdout.split()] == here
    assert abs(here[0] - here[1]) > 100


def test_the_environment_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FONTCONFIG_FILE", "/theirs")
    render(dot.write(everything()), "png")
    assert os.environ["FONTCONFIG_FILE"] == "/theirs"
    monkeypatch.delenv("FONTCONFIG_FILE")
    render(dot.write(everything()), "png")
    assert "FONTCONFIG_FILE" not in os.environ


def test_nothing_is_left_in_the_package() -> None:
    render(dot.write(everything()), "png")
    fonts = ROOT / "lstmdiag" / "rendering" / "fonts"
    assert {path.name for path in fonts.iterdir()} == {"DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "LICENSE-DejaVu.txt"}


def size(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_scale_is_of_dots() -> None:
    text = dot.write(everything())
    one, two = size(render(text, "png")), size(render(text, "png", scale=2))
    assert one == pytest.approx((two[0] / 2, two[1] / 2), abs=1)
    width, height = (
        float(v)
        for v in (svg.finish(render(text, "svg"), everything()).split('viewBox="0 0 ')[1].split('"')[0]).split()
    )
    assert one == pytest.approx((width * 96 / 72, height * 96 / 72), abs=2)


def test_a_png_too_large_is_refused() -> None:
    sheet = Sheet()
    sheet.node("a", text("a"), "op", 0, 0)
    sheet.node("b", text("b"), "op", 30_000, 0)
    source = dot.write(sheet.diagram(**TEXTS))
    with pytest.raises(UsageError, match="too large for a PNG"):
        render(source, "png")
    assert render(source, "pdf") and render(source, "svg")


def test_a_png_too_large_is_refused_before_it_takes_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: object) -> bytes:
        raise AssertionError("the picture was drawn")

    monkeypatch.setattr(rendering, "ENGINES", {"graphviz": never})
    with pytest.raises(UsageError, match="too large for a PNG"):
        draw("encoder-decoder", "layer", scale=20).png()


@pytest.mark.parametrize("scale", [0, -1, 1e-9, 21, float("nan"), float("inf")])
def test_a_scale_that_is_none_is_refused(scale: float) -> None:
    with pytest.raises(UsageError, match="scale"):
        render("digraph {}", "png", scale=scale)


def test_what_there_is_not_is_told() -> None:
    with pytest.raises(UsageError, match="'gif'"):
        render("digraph {}", "gif")
    with pytest.raises(UsageError, match="'dott'") as told:
        render("digraph {}", "svg", engine="dott")
    assert told.value.problems[0].hint == "did you mean 'dot'?"


def test_a_missing_program_is_told_with_the_mend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentLacks) as told:
        render(dot.write(everything()), "svg", engine="dot")
    assert "apt install graphviz" in told.value.problems[0].hint and told.value.exit_code == 3


@pytest.mark.parametrize("engine", ENGINES)
def test_what_graphviz_complains_of_is_an_error(engine: str) -> None:
    with pytest.raises(GraphvizError):
        render("digraph { a -> ", "svg", engine=engine)
    with pytest.raises(GraphvizError, match="Unknown HTML element"):
        render('digraph { a [pos="0,0" label=<<bold>x</bold>>] }', "svg", engine=engine)


def test_the_engine_still_works_after_an_error() -> None:
    before = render(dot.write(everything()), "svg")
    with pytest.raises(GraphvizError):
        render("digraph {", "svg")
    assert render(dot.write(everything()), "svg") == before


def test_harmless_words_and_those_of_others_are_no_errors(capfd: pytest.CaptureFixture[str]) -> None:
    said = "Fontconfig warning: line 6\nWarning: 1200 nodes...layout may take a long time.\nsomebody else\n"
    assert check_messages(said, "") == "somebody else"
    assert capfd.readouterr().err == ""


def test_missing_glyphs_are_told_once_and_for_bitmaps_only() -> None:
    text = dot.write(framed(labelled("漢字 and 漢", "λ ⊙ →")))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        render(text, "svg")
        assert told == []
        render(text, "png")
    assert [w.category for w in told] == [MissingGlyphs]
    assert "字 漢" in str(told[0].message) and "U+5B57" in str(told[0].message)


@needs_dot
@pytest.mark.parametrize("format", FORMATS)
def test_the_system_program_draws_too(format: str) -> None:
    drawn = render(dot.write(framed(everything())), format, engine="dot")
    assert drawn.startswith({"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[format])


def test_a_pdf_has_a_constant_date_and_a_right_table() -> None:
    made = b"%%PDF-1.5\n1 0 obj\n<< /CreationDate (D:20260102030405%s) >>\nendobj\n2 0 obj\n<< >>\nendobj\n"

    def pdf(zone: bytes) -> bytes:
        body = made % zone
        offsets = [body.index(b"1 0 obj"), body.index(b"2 0 obj")]
        table = b"xref\n0 3\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        return body + table + b"trailer\n<< >>\nstartxref\n%d\n%%%%EOF\n" % len(body)

    utc, tokyo = without_date(pdf(b"Z")), without_date(pdf(b"+09'00"))
    assert utc == tokyo
    assert utc.index(b"xref") == int(utc.split(b"startxref\n")[1].split()[0])
    assert b"%010d 00000 n" % utc.index(b"2 0 obj") in utc
    streams = b"%PDF /CreationDate (D:20260102030405+09'00') and no table"
    assert len(without_date(streams)) == len(streams) and b"2026" not in without_date(streams)
    assert without_date(b"%PDF without") == b"%PDF without"


def test_drawings_in_threads_wait_for_each_other() -> None:
    text, drawn = dot.write(everything()), []
    threads = [threading.Thread(target=lambda: drawn.append(render(text, "svg"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(drawn) == 8 and len(set(drawn)) == 1


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads memory from /proc")
def test_five_hundred_drawings_leak_nothing() -> None:
    text = dot.write(everything(), labels=False)

    def pages() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1])

    for _ in range(50):
        render(text, "svg")
    before = pages()
    for _ in range(500):
        render(text, "svg")
    assert (pages() - before) * os.sysconf("SC_PAGE_SIZE") < 5_000_000
    assert len(list(Path("/proc/self/fd").iterdir())) < 100


def layers(count: int) -> Diagram:
    width, height = fitted(text("layer"), "round")
    nodes = tuple(Node(f"n{i}", text("layer"), "layer", 0, 0, width, height, "round") for i in range(count))
    label = text(small("(N, T=3, F=1)"))
    edges = [Edge(f"e{i}", f"n{i}", f"n{i + 1}", "state.public", (), label=label) for i in range(count - 1)]
    edges.append(Edge("over", "n0", f"n{count - 1}", "state.private", ()))
    return Diagram(nodes=nodes, edges=tuple(edges), layout="dot", **TEXTS)


@pytest.mark.parametrize("engine", ENGINES)
def test_dot_arranges_layers_from_left_to_right(engine: str) -> None:
    placed = arrange(layers(5), engine=engine)
    xs = [node.x for node in placed.nodes]
    assert xs == sorted(xs) and placed.layout == ""
    assert [(n.width, n.height) for n in placed.nodes] == [(n.width, n.height) for n in layers(5).nodes]
    boxes = {node.id: node for node in placed.nodes}
    for edge in placed.edges:
        tail, head = boxes[edge.tail], boxes[edge.head]
        assert tail.x + tail.width / 2 == pytest.approx(edge.points[0][0], abs=1)
        assert head.x - head.width / 2 == pytest.approx(edge.points[-1][0], abs=1)
        if edge.label:
            assert edge.label_at and edge.points[0][0] < edge.label_at[0] < edge.points[-1][0]
    assert arrange(layers(5), engine=engine) == placed


def row(count: int) -> Diagram:
    sheet = Sheet()
    before = None
    for step in range(count):
        node = sheet.node(f"n{step}", text(["h", small(step)]), "state.public", 90 * step, 0, step=step)
        if before:
            sheet.edge(before, node, "state.private", label=text(small(step)), label_at=(90 * step - 45, 40), step=step)
        before = node
    return sheet.diagram(**TEXTS)


def test_time_is_linear_in_the_size_of_the_drawing() -> None:
    def work(count: int) -> int:
        diagram = row(count)
        return calls(lambda: svg.finish(render(dot.write(diagram, labels=False), "svg"), diagram))

    work(100)
    small, large = work(500), work(2_000)
    assert large < 4.1 * small


def test_frames_of_a_picture_share_its_size_in_every_format() -> None:
    whole = framed(everything())
    faded = replace(whole, nodes=tuple(replace(n, mark="faded") for n in whole.nodes))
    assert size(render(dot.write(whole), "png")) == size(render(dot.write(faded), "png"))


def test_standard_error_closed_is_no_obstacle() -> None:
    program = (sys.executable, "-c", NO_STANDARD_ERROR, str(ROOT))
    assert int(subprocess.run(program, capture_output=True, text=True, check=True).stdout) > 100


def test_in_process_layouts_are_graphvizs() -> None:
    with pytest.raises(GraphvizError, match="no layout"):
        inprocess.draw("digraph {}", "nonsense", "svg")
