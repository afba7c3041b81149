"""Sizes beyond all reason are answered or refused soon and in little memory, in a process that has no more."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from lstmdiag.layers import KINDS
from tests import huge
from tests.models import model


@pytest.mark.sweep(0)
def test_every_place_of_a_whole_number_takes_any() -> None:
    one = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.huge", "--some"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=one)
    assert not done.returncode, done.stdout + done.stderr[-3000:]
    assert int(done.stdout.split()[0]) > 90


def test_sizes_are_the_only_thing_odd_about_them() -> None:
    for kind in KINDS:
        source, options = huge.plain(kind)
        model(json.dumps(huge.document(source, {kind: options})))
    model(json.dumps(huge.projected({"units": 3, "projection": 2})))
