"""Specs with damage: each gives a model, tables, pictures, numbers and a page, or an LstmdiagError; nothing else.

    python -m tests.fuzz --number 20000 --seed 0 --jobs 2

No answer may take two seconds of a processor or 500 MB. Damage is done to the text and to the structure, of packaged
specs, of models made at random and of cells (tests/damage.py, tests/mutants.py). Seeds are tried in processes of their
own with limits on memory and time; a process that hangs is ended. A finding is told with its seed, which alone makes it
again: `--seed 4711 --number 1 --here`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import NonInteractiveExampleWarning

from lstmdiag.binding import read_either
from lstmdiag.comparing import of_models
from lstmdiag.comparing.picture import pictured as side_by_side
from lstmdiag.comparing.picture import views as telling_views
from lstmdiag.comparing.words import write as compared
from lstmdiag.drawing import Ink, inked, pictured, views_of
from lstmdiag.errors import LstmdiagError
from lstmdiag.model import Model
from lstmdiag.running.effort import PICTURE
from lstmdiag.running.record import as_json
from lstmdiag.running.text import as_text
from lstmdiag.running.tracing import values
from lstmdiag.running.twin import twin
from lstmdiag.running.values import Values
from lstmdiag.site.export import entries, model_files
from lstmdiag.site.pages import entry_text
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import Selection
from lstmdiag.views.tables import NAMES as TABLES
from lstmdiag.views.tables import table
from lstmdiag.writers import problems
from lstmdiag.writers import tables as writers
from tests.damage import Document, damaged
from tests.generator import documents

LIMIT = 2.0  # seconds of this process, for one answer
PAGE = 4  # so many answers a page may take, which holds some ten pictures
MEMORY = 500 * 2**20  # bytes beyond what a process has before its first answer
HANGS = 90.0  # seconds without a sign of life
BATCH = 500  # seeds of one process
GENERATED = 400
SMALL, LARGE = 3 * 10**6, 10**9  # weights: a pass over more of them takes its time, over still more it is refused

Question = tuple[str, float, Callable[[], object]]
"""What is asked, the seconds it may take, and how."""


@lru_cache(maxsize=1)
def generated() -> tuple[Document, ...]:
    """Models made at random, always the same ones."""
    found: list[Document] = []

    @seed(0)
    @settings(max_examples=GENERATED, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(documents())
    def collect(document: dict[str, Any]) -> None:
        found.append(document)

    warnings.simplefilter("ignore", NonInteractiveExampleWarning)
    collect()
    return tuple(found)


def questions(model: Model, chance: random.Random) -> Iterator[Question]:
    """Every table and half of the views, bare and with the numbers of a pass; of some a page, a comparison.

    Many seeds ask everything of everything, each a part of it.
    """
    for name in TABLES:
        format = chance.choice([*writers.FORMATS])
        yield f"table {name}", LIMIT, lambda name=name, format=format: writers.write(table(model, name), format)
    format = chance.choice(["json", "json", "dot", "svg"])
    layer = chance.choice([None, *(layer.name for layer in model.recurrent)])
    units = next((each.units for each in model.recurrent if layer in (None, each.name)), 1)
    selection = Selection(
        layer=layer, unit=chance.choice([1, 1, 2, min(units, 3), units]), steps=chance.choice([None, 4])
    )
    costly = SMALL < model.params < LARGE
    for view in views_of(model):
        if chance.random() < 0.5 and not (costly and view in ("trace", "gradient")):
            yield f"view {view}", LIMIT, lambda view=view: _drawn(model, view, selection, format)
    yield from _of_numbers(model, selection, chance)
    if chance.random() < 0.05:
        yield "page", PAGE * LIMIT, lambda: _page(model)
    if chance.random() < 0.1:
        other = of_models([model, _plain()])
        yield "compare", LIMIT, lambda: compared(other, "text")
        for view in telling_views(other):
            yield (
                f"compare {view}",
                2 * LIMIT,
                lambda view=view: inked(side_by_side(other, view, Selection()), "json", Ink()),
            )


def _of_numbers(model: Model, selection: Selection, chance: random.Random) -> Iterator[Question]:
    """A pass over the model itself, where it is small enough, and one over its twin, drawn."""
    yield "trace", LIMIT, lambda: as_text(values(model, bounds=replace(PICTURE, memory=2**26)))
    made: list[Values] = []
    if chance.random() < 0.1:
        yield "toy", LIMIT, lambda: made.append(values(model, toy=True))
    else:
        yield "twin", LIMIT, lambda: made.append(values(twin(model)[0], seed=0))
    for found in made:
        yield from _of_pass(found, Selection(layer=selection.layer, step=chance.choice([1, 2])), chance)


def _of_pass(found: Values, step: Selection, chance: random.Random) -> Iterator[Question]:
    yield "json", LIMIT, lambda: as_json(found)
    for view in (each.name for each in VIEWS.values() if each.carries_numbers):
        if view in views_of(found.model) and chance.random() < 0.5:
            yield f"numbers in {view}", LIMIT, lambda view=view: _drawn(found, view, step, "json")


def _drawn(subject: Model | Values, view: str, selection: Selection, format: str) -> None:
    for picture in pictured(subject, view, selection):
        assert picture.nodes
        assert inked(picture, format, Ink())


def _page(model: Model) -> None:
    known = entries([model])
    assert [*model_files(entry_text(known[model.name], list(known.values()), tabs=False), known)]


@lru_cache(maxsize=1)
def _plain() -> Model:
    from tests.models import lstm

    return lstm()


def answer(source: str, chance: random.Random, tell: Callable[[str], None] = lambda text: None) -> str:
    """Asks everything of a spec; the word for what came of it. What takes too long is told."""
    model, seconds = timed(lambda: _read(source))
    if seconds > LIMIT:
        tell(f"read: {seconds:.1f} s")
    if not isinstance(model, Model):
        return "refused" if model is None else "comparison"
    refused = 0
    for name, limit, ask in questions(model, chance):
        try:
            _, seconds = timed(ask)
        except LstmdiagError as error:
            assert error.problems, f"{name}: an error without a problem"
            refused += 1
            seconds = 0.0
        except Exception as error:
            error.add_note(f"asked: {name}")
            raise
        if seconds > limit:
            tell(f"{name}: {seconds:.1f} s")
    return "drawn" if not refused else "partly drawn"


def _read(source: str) -> object:
    """What it means; None where it is refused, with problems that can be printed."""
    try:
        return read_either(source.encode("utf-8", "surrogatepass"), "spec.yml", "spec")
    except LstmdiagError as error:
        assert error.problems, "an error without a problem"
        for format in problems.FORMATS:
            assert problems.write(error.problems, format).strip()
        return None


def timed(ask: Callable[[], object]) -> tuple[object, float]:
    begin = time.process_time()
    found = ask()
    return found, time.process_time() - begin


def attempt(at: int, specs: tuple[Document, ...]) -> tuple[str, list[str]]:
    """What came of one seed, and the findings."""
    chance = random.Random(at)
    source = damaged(chance, specs)
    found: list[str] = []
    try:
        word = answer(source, chance, found.append)
    except Exception:
        word = "traceback"
        found.append(traceback.format_exc(limit=-4))
    return word, [f"seed {at}: {text}\n{source[:3000]}" for text in found]


def fuzz(first: int, number: int) -> tuple[Counter[str], list[str]]:
    """What came of these seeds in this process, and the findings."""
    words: Counter[str] = Counter()
    findings: list[str] = []
    for at in range(first, first + number):
        word, found = attempt(at, generated())
        words[word] += 1
        words["findings"] += len(found)
        findings += found
    return words, findings


# -- processes of their own


def work(first: int, number: int, specs: Path, log: Path) -> None:
    """Tries seeds with limits, and writes of each on a line what came of it."""
    loaded = tuple(json.loads(specs.read_text("utf-8")))
    answer(EVERYDAY, random.Random(0))  # what is imported once is not the answer's
    limit_memory()
    with log.open("w", encoding="utf-8") as lines:
        for at in range(first, first + number):
            lines.write(json.dumps(attempt(at, loaded)) + "\n")
            lines.flush()


EVERYDAY = "version: 1\ninput: {steps: 3, features: 2}\nlayers: [{LSTM: 3}]\n"


def limit_memory() -> None:
    """Where the system has such limits, an answer that needs more gets a MemoryError."""
    now = Path("/proc/self/statm")
    if now.exists():
        import resource

        most = int(now.read_text().split()[0]) * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def batch(first: int, number: int, specs: Path) -> tuple[Counter[str], list[str]]:
    """What came of these seeds, in processes that are begun anew behind a seed at which one hung or ended."""
    words: Counter[str] = Counter()
    findings: list[str] = []
    log = specs.with_name(f"{first}.log")
    at = first
    while at < first + number:
        done, why = _watched(at, first + number - at, specs, log)
        for seed_of, (word, found) in enumerate(done, at):
            if found and word != "traceback":  # it took too long: once may be the machine, twice is the answer
                again, why_not = _watched(seed_of, 1, specs, log)
                found = again[0][1] if again else [f"seed {seed_of}: {why_not}"]
            words[word] += 1
            words["findings"] += len(found)
            findings += found
        at += len(done)
        if why:
            words["findings"] += 1
            findings.append(f"seed {at}: {why}")
            at += 1
    return words, findings


def _watched(first: int, number: int, specs: Path, log: Path) -> tuple[list[tuple[str, list[str]]], str]:
    """What a process said of the seeds that it came through, and why it came no further."""
    command = [sys.executable, "-m", "tests.fuzz", "--seed", str(first), "--number", str(number), "--work", str(log)]
    one = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # threads hold memory
    log.write_text("")
    why = ""
    with log.with_suffix(".err").open("w+", encoding="utf-8") as errors:
        process = subprocess.Popen([*command, str(specs)], stderr=errors, env={**os.environ, **one})
        size, since = 0, time.monotonic()
        while process.poll() is None:
            time.sleep(0.05)
            if (now := log.stat().st_size) > size:
                size, since = now, time.monotonic()
            elif time.monotonic() - since > HANGS:
                process.kill()
                why = f"no answer in {HANGS:.0f} seconds"
        errors.seek(0)
        if process.wait() and not why:
            why = f"the process ended with {process.returncode}\n{errors.read()[-1500:]}"
    done = [json.loads(line) for line in log.read_text("utf-8").splitlines() if line.endswith("]")]
    return [(word, found) for word, found in done], why


def main() -> None:
    given_options = argparse.ArgumentParser(description=__doc__)
    given_options.add_argument("--number", type=int, default=1000)
    given_options.add_argument("--seed", type=int, default=0)
    given_options.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time")
    given_options.add_argument("--here", action="store_true", help="in this process, without limits")
    given_options.add_argument("--work", nargs=2, type=Path, help=argparse.SUPPRESS)
    given = given_options.parse_args()
    if given.work:
        work(given.seed, given.number, given.work[1], given.work[0])
        return
    words, found = fuzz(given.seed, given.number) if given.here else _in_batches(given.seed, given.number, given.jobs)
    print(dict(words))
    raise SystemExit(bool(found))


def _in_batches(first: int, number: int, jobs: int) -> tuple[Counter[str], list[str]]:
    """Findings are printed as they come, and which seeds are done."""
    words: Counter[str] = Counter()
    findings: list[str] = []
    with TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        specs = Path(folder) / "specs.json"
        specs.write_text(json.dumps(generated()), "utf-8")
        batches = {at: min(BATCH, first + number - at) for at in range(first, first + number, BATCH)}
        answers = pool.map(lambda at: batch(at, batches[at], specs), batches)
        for (at, many), (said, found) in zip(batches.items(), answers, strict=True):
            words += said
            findings += found
            print(*found, f"seeds {at} to {at + many - 1}: {dict(said)}", sep="\n", flush=True)
    return words, findings


if __name__ == "__main__":
    main()
