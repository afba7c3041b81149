"""`lstmdiag pages`: what the MkDocs plugin shows, as files for any other site builder."""

from __future__ import annotations

from pathlib import Path

import click

from lstmdiag.commands.common import SPECS, Failures, Progress, models, write_changed
