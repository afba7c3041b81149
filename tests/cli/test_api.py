"""The public functions, as a script or a notebook calls them."""

import json
from pathlib import Path

import pytest

import lstmdiag
from lstmdiag import LstmdiagError

SPEC = "version: 1\ninput: {steps: 4, features: 2}\nlayers:\n  - LSTM: 3\n"


def test_every_public_name_is_there() -> None:
    assert set(lstmdiag.__all__) <= set(dir(lstmdiag))
    for name in lstmdiag.__all__:
        assert callable(getattr(lstmdiag, name))
    with pytest.raises(AttributeError, match="nosuch"):
        _ = lstmdiag.nosuch


def test_a_drawing_shows_itself() -> None:
    drawing = lstmdiag.draw("one-unit", view="cell")
    bundle = drawing._repr_mimebundle_()
    assert bundle["image/svg+xml"] == drawing.svg()
    assert "<svg" in drawing.svg()
    assert drawing.diagram.title in bundle["text/plain"]


def test_sources_are_paths_names_specs_and_models(tmp_path: Path) -> None:
    path = tmp_path / "mine.yml"
    path.write_text(SPEC)
    spec = lstmdiag.load(path)
    drawn = {lstmdiag.draw(source, view="unit").json() for source in (path, str(path), spec, lstmdiag.resolve(spec))}
    assert len(drawn) == 1


def test_the_ending_of_save_says_the_format(tmp_path: Path) -> None:
    drawing = lstmdiag.draw("one-unit", theme="dark")
    for name, start in (("a.svg", b"<?xml"), ("a.png", b"\x89PNG"), ("a.pdf", b"%PDF"), ("a.json", b"{")):
        assert drawing.save(tmp_path / name).read_bytes().startswith(start)
    assert drawing.png() == (tmp_path / "a.png").read_bytes()
    with pytest.raises(LstmdiagError, match="gif"):
        drawing.save(tmp_path / "a.gif")
    assert not (tmp_path / "a.gif").exists()


def test_the_arguments_of_draw_are_those_of_the_command() -> None:
    drawing = lstmdiag.draw("three-units", view="gate", gate="o", unit=3, transparent=True)
    facts = json.loads(drawing.json())
    assert facts["view"] == "gate"
    assert any(node.get("unit") == 3 for node in facts["nodes"])
    with pytest.raises(LstmdiagError, match="nosuch"):
        lstmdiag.draw("three-units", view="nosuch")
    with pytest.raises(LstmdiagError, match="purple"):
        lstmdiag.draw("three-units", theme="purple").svg()


def test_frames_share_one_canvas() -> None:
    drawing = lstmdiag.draw("three-units", view="cell")
    frames = drawing.frames()
    assert len(frames) == 5
    assert frames[-1].diagram.edges == drawing.diagram.edges
    sizes = {frame.svg().split("viewBox=")[1].split(">")[0] for frame in frames}
    assert len(sizes) == 1


def test_a_table_shows_itself() -> None:
    params = lstmdiag.table("three-units", "params")
    assert "60" in str(params) and "60" in params._repr_markdown_()
    assert params._repr_html_().lstrip().startswith("<")
    assert json.loads(lstmdiag.write(params, "json"))["total"] == 60


def test_write_and_render_take_what_draw_and_table_return() -> None:
    drawing = lstmdiag.draw("one-unit")
    dot = lstmdiag.write(drawing, "dot")
    assert dot == lstmdiag.write(drawing.diagram, "dot") == drawing.dot()
    assert b"<svg" in lstmdiag.render(dot, "svg")
    assert lstmdiag.render(drawing, "pdf") == drawing.pdf()
    with pytest.raises(LstmdiagError, match="png"):
        lstmdiag.write(drawing, "png")


def test_an_error_carries_every_problem(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text(SPEC.replace("LSTM: 3", "LSTM: {unitz: 3}\n  - Dence: 1"))
    with pytest.raises(LstmdiagError) as caught:
        lstmdiag.load(tmp_path / "bad.yml")
    assert len(caught.value.problems) == 2
