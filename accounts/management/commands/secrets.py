"""`manage.py secrets reseal`: seals the secrets of other systems again under the first of SECRETS_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.foundation import audit
from accounts.foundation.clock import now
from accounts.foundation.sealing import keepers


class Command(BaseCommand):
    """After it, an earlier key can leave the list, unless the command names what it could not read."""

    help = "Seals secrets of other systems again under the first key of SECRETS_KEYS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_subparsers(dest="verb", required=True).add_parser("reseal", help="seal all of them again")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        unread = 0
        with audit.through("command"):
            for name, keeper in keepers.items():
                found = keeper(None, now())
                self.stdout.write(f"{name}: {found.done} secrets are sealed under the first key.")
                unread += len(found.unreadable)
                for one in found.unreadable:
                    self.stderr.write(f"{name}: the secret of {one} cannot be read; add its key, or make a new secret.")
        if unread:
            raise SystemExit(1)
        self.stdout.write("Earlier keys can be taken out of SECRETS_KEYS now.")
