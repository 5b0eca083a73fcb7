"""`manage.py demo`: a book of invented customers."""

import argparse
import datetime as dt
from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand, CommandParser

from accounts.foundation.clock import now, utc_day
from accounts.workspace.models import Workspace
from config import first_start
from config.demo import book, staff

SEED = 7
ACCOUNTS = 60
BAD_INPUT = 2
FRESH = dt.timedelta(days=2)
"""A book that ends earlier than this ago has to catch up before its usage can be read."""


def _number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not book.SMALLEST <= number <= book.LARGEST:
        raise argparse.ArgumentTypeError(f"{text!r}: give a number from {book.SMALLEST} to {book.LARGEST}")
    return number


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-03-31") from error


class Command(BaseCommand):
    help = "Makes the demo book in an empty installation and prints who can sign in."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", type=_number, default=ACCOUNTS, help=f"how many (default {ACCOUNTS})")
        parser.add_argument("--seed", type=int, default=SEED, help="the same seed and date make the same book")
        parser.add_argument("--as-of", type=_day, help="the day up to which it tells, as 2026-03-31 (default: today)")
        parser.add_argument("--signin", action="store_true", help="only print again who can sign in")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["signin"]:
            self.refuse_without_book()
        else:
            self.make(options)
        self.stdout.write(staff.sign_ins())

    def refuse_without_book(self) -> None:
        if not Workspace.objects.filter(demo_seed__isnull=False).exists():
            raise CommandError("There is no demo book here, so there are no demo sign-ins.", returncode=BAD_INPUT)

    def make(self, options: dict[str, Any]) -> None:
        today = utc_day(now())
        as_of = options["as_of"] or today
        if as_of > today:
            raise CommandError(f"--as-of: {as_of} has not come yet; today is {today} (UTC).", returncode=BAD_INPUT)
        if not first_start.needed():
            raise CommandError(
                "This installation has a workspace already, and a demo book is only made in an empty one. "
                "Point DATABASE_URL at an empty database to make another.",
                returncode=BAD_INPUT,
            )
        if today - as_of > FRESH:
            self.say(
                f"The book tells up to {as_of} and lives on from there: while the server runs, it catches up two weeks "
                "every ten minutes. Until then its usage may read as unknown."
            )
        try:
            book.make(accounts=options["accounts"], seed=options["seed"], as_of=as_of, say=self.say)
        except book.NoPlaybook as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from error

    def say(self, text: str) -> None:
        self.stderr.write(text)
