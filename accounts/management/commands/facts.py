"""`manage.py facts rebuild`: the projection made again from what it is made of."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.facts import projection
from accounts.foundation import audit
from accounts.foundation.commands import counted
from accounts.portfolio.models import Account

DIFFERENT = 1


class Command(BaseCommand):
    help = "Makes the facts of all accounts again from contracts and activity (rebuild), or only compares (--check)."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        rebuild = verbs.add_parser("rebuild", help="project every account again")
        rebuild.add_argument("--check", action="store_true", help="write nothing; name what differs and end with 1")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if check:
            self._check()
            return
        with audit.through("command"):
            self.stdout.write(f"{counted(projection.rebuild(), 'account')} put right")

    def _check(self) -> None:
        found = projection.differences()
        keys = dict(Account.objects.filter(pk__in=found).values_list("pk", "key"))
        for account_id, names in found.items():
            self.stdout.write(f"{keys[account_id]}: {', '.join(names)}")
        self.stdout.write(counted(len(found), "difference"))
        if found:
            raise SystemExit(DIFFERENT)
