"""Runs one subject on the database named by DATABASE_URL, in a process of its own.

A process each: Django knows one default database, and memory that one subject used must not count for the next.
"""

import argparse
import dataclasses
import importlib
import json
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

from tests.benchmarks.harness import Benchmark, Result, Subject, failure, say


def main() -> int:
    """Writes the results as JSON; 1 where something failed or drifted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("module")
    parser.add_argument("size", type=int)
    parser.add_argument("results", type=Path)
    parser.add_argument("--growing", action="store_true", help="only what must grow in step with the size")
    asked = parser.parse_args()
    django.setup()
    found = list(_results(importlib.import_module(asked.module).SUBJECT, asked.size, only_growing=asked.growing))
    asked.results.write_text(json.dumps([dataclasses.asdict(result) for result, _ in found]))
    return int(any(has_failed for _, has_failed in found))


def _results(subject: Subject, size: int, *, only_growing: bool) -> Iterator[tuple[Result, bool]]:
    """Every result, with whether it is a failure. A benchmark that fails does not hide the others."""
    began = time.monotonic()
    try:
        context = subject.prepare(size)
    except Exception as error:
        traceback.print_exc()
        yield failure("preparation", error), True
        return
    say(f"prepared in {time.monotonic() - began:.0f} s")
    for work in subject.growing if only_growing else subject.benchmarks:
        yield from _run(work, context)


def _run(work: Benchmark, context: Any) -> Iterator[tuple[Result, bool]]:
    name = (work.__doc__ or work.__name__).partition("\n")[0].rstrip(".")
    say(name)
    try:
        for result in work(context):
            yield result, False
    except Exception as error:
        traceback.print_exc()
        yield failure(name, error), True


if __name__ == "__main__":
    raise SystemExit(main())
