"""`manage.py conditions`: check a condition, find its accounts, or answer conditions without a database."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import NoReturn

from django.core.management.base import BaseCommand

from accounts.foundation.clock import now
from retention.conditions.catalogue import Catalogue
from retention.conditions.check import ConditionRefused, parse_text
from retention.conditions.language import Condition, FactType
from retention.conditions.lines import LineRefused, answers, summary, text_of

BAD_INPUT = 2


class Command(BaseCommand):
    """Each subcommand is a method of its name with an underscore before it."""

    help = (
        "Check a condition (check FILE), list the accounts that meet it (match FILE), "
        "or answer conditions given as JSON lines on standard input (eval)."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("eval", help='{"condition", "facts", "as_of"} a line in; true, false or unknown a line out')
        check = verbs.add_parser(
            "check", help="say whether the condition in a file is one, or all that is wrong with it"
        )
        match = verbs.add_parser("match", help="print the keys of the accounts that meet the condition in a file now")
        for parser_of_file in (check, match):
            parser_of_file.add_argument("file", type=Path, metavar="FILE", help="a file with one JSON condition")

    def handle(self, *args: object, verb: str, **options: object) -> None:
        getattr(self, f"_{verb}")(**options)

    def _eval(self, **options: object) -> None:
        """Answers come as the lines do, so those before a bad line stand."""
        try:
            for answer in answers(getattr(sys.stdin, "buffer", sys.stdin), now()):
                self.stdout.write(answer)
        except LineRefused as refusal:
            self._refuse(str(refusal))

    def _check(self, file: Path, **options: object) -> None:
        self.stdout.write(summary(self._condition(file)))

    def _match(self, file: Path, **options: object) -> None:
        from retention.evaluation.queries import accounts_that_meet

        try:
            for key in accounts_that_meet(self._condition(file), at=now()):
                self.stdout.write(key)
        except ConditionRefused as refusal:
            self._refuse(str(refusal))

    def _condition(self, file: Path) -> Condition:
        try:
            return parse_text(text_of(file.read_bytes()), _catalogue())
        except OSError as error:
            self._refuse(f"{file}: {error.strerror}")
        except ConditionRefused as refusal:
            self._refuse(str(refusal))

    def _refuse(self, message: str) -> NoReturn:
        self.stderr.write(message)
        raise SystemExit(BAD_INPUT)


def _catalogue() -> Catalogue:
    """The facts of this installation. Imported late: `eval` needs none of it."""
    from accounts.facts.queries import condition_types, withheld

    return Catalogue({key: FactType(name) for key, name in condition_types().items()}, withheld())
