"""The shipped font, and nothing else, for Graphviz: pictures look the same whatever a machine has installed.

macOS draws text with its own library, which reads no such configuration; there the installed fonts count.
"""

from __future__ import annotations

import atexit
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from html import escape
from pathlib import Path

FOLDER = Path(__file__).with_name("fonts")

_CONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{folder}</dir>
  <match target="pattern">
    <edit name="hinting" mode="assign"><bool>false</bool></edit>
    <edit name="hintstyle" mode="assign"><const>hintnone</const></edit>
    <edit name="antialias" mode="assign"><bool>true</bool></edit>
  </match>
  <match target="font">
    <edit name="hinting" mode="assign"><bool>false</bool></edit>
    <edit name="autohint" mode="assign"><bool>false</bool></edit>
  </match>
  <config><rescan><int>0</int></rescan></config>
</fontconfig>
"""


@contextmanager
def only_ours() -> Iterator[None]:
    """While it lasts, whoever starts fontconfig, here or in a child process, finds the shipped font alone.

    The library reads its configuration once, at the first text it sets; the environment is given back
    each time, so that a user's other programs keep their fonts.
    """
    config = _configuration()
    theirs = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(config)
    try:
        yield
    finally:
        if theirs is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = theirs
        with suppress(OSError):  # fontconfig 2.13 leaves a mark in every folder it reads
            FOLDER.joinpath(".uuid").unlink()


@cache
def _configuration() -> Path:
    """A configuration file that lives as long as this process."""
    life = tempfile.TemporaryDirectory(prefix="lstmdiag-")
    atexit.register(life.cleanup)
    config = Path(life.name, "fonts.conf")
    config.write_text(_CONFIG.format(folder=escape(str(FOLDER))), encoding="utf-8")
    return config
