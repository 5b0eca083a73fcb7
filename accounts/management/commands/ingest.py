"""`manage.py ingest FILE`: signals from a file."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser

from accounts.foundation import audit
from accounts.foundation.clock import now
from accounts.foundation.commands import BAD_INPUT, refuse, sentence_of
from accounts.ingestion.files import send_lines
from accounts.workspace.services import connect_source

SHOWN = 20


class Command(BaseCommand):
    help = "Stores the signals of a file, one Segment item a line; the worker folds them like any others."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the file, or - for standard input")
        parser.add_argument("--source", default="product", metavar="KEY", help="whose signals they are (product)")

    def handle(self, *args: Any, file: str, source: str, **options: Any) -> None:
        at = now()
        try:
            with audit.through("command"), _opened(file) as lines:
                sent = send_lines(lines, source=connect_source(key=source, by=None, at=at), at=at)
        except OSError as error:
            refuse(self, f"{file}: {error.strerror}")
        except ValidationError as error:
            refuse(self, f"--source {source}: {sentence_of(error)}")
        for bad in sent.quarantined[:SHOWN]:
            self.stderr.write(f"line {bad.number} waits in quarantine: {bad.message}")
        for bad in sent.refused[:SHOWN]:
            self.stderr.write(f"line {bad.number} {bad.message}")
        counts = f"{sent.accepted} accepted, {len(sent.quarantined)} quarantined, {len(sent.refused)} refused"
        self.stdout.write(counts)
        if sent.refused:
            raise SystemExit(BAD_INPUT)


@contextmanager
def _opened(file: str) -> Iterator[IO[bytes]]:
    if file == "-":
        yield sys.stdin.buffer
        return
    with open(file, "rb") as lines:
        yield lines
