"""`manage.py evaluate`: asks every watch about the accounts that changed, or about all."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.foundation import audit
from accounts.foundation.commands import counted, refuse
from accounts.ingestion.instants import instant
from retention.evaluation import fullpass, passes
from retention.evaluation.models import Edge
from retention.evaluation.reading import sentence


class Command(BaseCommand):
    help = "Evaluates the accounts that changed (default), all of them (--full), or says what would differ (--as-of)."

    def add_arguments(self, parser: CommandParser) -> None:
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--full", action="store_true", help="evaluate every account, changed or not")
        mode.add_argument(
            "--as-of",
            metavar="ISO",
            help="write nothing: print which verdicts would differ at that moment, with the facts as they are now "
            "(facts of the past are not made again) and without what a change of stage would cause in turn",
        )

    def handle(self, *args: Any, full: bool, as_of: str | None, **options: Any) -> None:
        if as_of is not None:
            self._compare(self._moment(as_of))
            return
        with audit.through("command"):
            before = _latest_edge()
            accounts = fullpass.run().accounts if full else 0
            marks = 0
            while used := passes.evaluate_dirty():
                marks += used
        edges = Edge.objects.filter(pk__gt=before).count()
        looked_at = f"{counted(accounts, 'account')} and {counted(marks, 'mark')}" if full else counted(marks, "mark")
        self.stdout.write(f"{looked_at} evaluated, {counted(edges, 'edge')} written")

    def _moment(self, text: str) -> dt.datetime:
        try:
            return instant(text)
        except (ValueError, OverflowError) as error:
            refuse(self, f"--as-of {text}: {error}")

    def _compare(self, at: dt.datetime) -> None:
        accounts = 0
        for account, edges in fullpass.differences(at=at):
            accounts += 1
            for edge in edges:
                self.stdout.write(f"{account.key}: {edge.watch.key} {edge.direction}, {sentence(edge.clauses)}")
        self.stdout.write(f"{counted(accounts, 'account')} would differ at {at:%Y-%m-%d %H:%M} UTC")


def _latest_edge() -> int:
    latest = Edge.objects.order_by("-pk").first()
    return latest.pk if latest else 0
