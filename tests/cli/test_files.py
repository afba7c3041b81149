"""Files appear whole or not at all, and nothing else is harmed."""

import os
import stat
from pathlib import Path

import pytest

from lstmdiag.files import write_changed, write_whole


def test_a_file_and_its_folders_appear(tmp_path: Path) -> None:
    write_whole(tmp_path / "a" / "b" / "c.svg", b"one")
    write_whole(tmp_path / "a" / "b" / "c.svg", b"two")
    assert (tmp_path / "a" / "b" / "c.svg").read_bytes() == b"two"
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["c.svg"]


def test_the_file_has_the_usual_rights(tmp_path: Path) -> None:
    (tmp_path / "usual").write_bytes(b"")
    write_whole(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_a_device_or_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, b"here")
    assert os.read(reader, 10) == b"here"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_what_cannot_be_written_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError) as caught:
        write_whole(tmp_path / "folder", b"x")
    assert caught.value.filename == str(tmp_path / "folder")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        write_whole(tmp_path / "file" / "below", b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_an_equal_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert write_changed(path, b"one")
    os.utime(path, (0, 0))
    assert not write_changed(path, b"one")
    assert path.stat().st_mtime == 0
    assert write_changed(path, b"two")
