"""The command line: streams, interrupts and exit codes. The commands are in `lstmdiag.commands`.

Exit codes: 0 done, 1 a spec or a check failed, 2 wrong usage, 3 the environment lacks something, 130 interrupted.
Nothing is imported here that takes time, so that an interrupt finds `main` running.
"""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit."""
    try:
        _run()
    except KeyboardInterrupt:
        _exit_at_once()


def _run() -> None:
    import atexit
    import gc
    import signal

    gc.set_threshold(100_000, 50, 1000)  # a command ends before what it left behind matters; looking for it takes time
    atexit.register(gc.freeze)  # nor is it looked for at the very end, which takes as long as a picture
    alone = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # else somebody has other plans for it
    if alone:
        signal.signal(signal.SIGINT, _exit_at_once)  # half an import is not unwound: libraries complain of that
    try:
        _open_streams()
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for them takes longer than a spec
        import warnings

        from lstmdiag.commands.group import cli

        warnings.showwarning = _warn
        if alone:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        cli(prog_name="lstmdiag")
    except Exception as error:
        from lstmdiag.commands.common import complain
        from lstmdiag.errors import understood

        known = understood(error)
        complain(known)
        sys.exit(known.exit_code)
    finally:
        if alone:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            atexit.register(signal.signal, signal.SIGINT, signal.SIG_DFL)  # nothing is left to do but to end


def _exit_at_once(*_: object) -> None:
    try:
        os.write(2, b"interrupted\n")
    finally:
        os._exit(INTERRUPTED)


def _open_streams() -> None:
    """What the caller has closed (`<&-`, `2>&-`) leads nowhere, so that no file of ours is taken for it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
    if sys.stderr is None:  # there is nobody to tell, and still work to do
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123


def _warn(message: Warning | str, category: type[Warning], *where: object, **more: object) -> None:
    """A warning without the line of code it came from."""
    import click

    click.echo(f"warning: {message}", err=True)
