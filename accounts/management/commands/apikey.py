"""`manage.py apikey`: create, list, rotate and revoke the keys of machines."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from accounts.foundation import audit
from accounts.foundation.clock import now
from accounts.foundation.commands import refuse, sentence_of
from accounts.team import keys
from accounts.team.models import ApiKey
from accounts.workspace.models import Source
from accounts.workspace.services import connect_source

PRODUCT = "product"
"""The source of a key that names none."""


class Command(BaseCommand):
    """Each subcommand is a method of its name with an underscore before it."""

    help = "Creates, lists, rotates and revokes API keys. A new key is shown once, alone on the last line."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a key; its text is the last line of the output")
        create.add_argument("name", metavar="NAME", help="what the key is for, for people")
        create.add_argument("--scope", required=True, choices=ApiKey.Scope.values)
        create.add_argument(
            "--source", metavar="KEY", help="the system it speaks for; made when new (scope ingest: product)"
        )
        create.add_argument("--expires-days", type=int, metavar="N", help="let it end by itself after so many days")
        rotate = verbs.add_parser(
            "rotate", help="give a key a new text (the last line); the old one goes on for a while"
        )
        rotate.add_argument("prefix", metavar="PREFIX", help="the part of the key between the underscores")
        rotate.add_argument("--overlap-days", type=int, default=7, metavar="N", help="how long both are good (7)")
        verbs.add_parser("list", help="show all keys: prefix, scope, source, state, last use, name")
        revoke = verbs.add_parser("revoke", help="end a key at once")
        revoke.add_argument("prefix", metavar="PREFIX", help="the part of the key between the underscores")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        with audit.through("command"):
            getattr(self, f"_{verb}")(**options)

    def _create(self, *, name: str, scope: str, source: str | None, expires_days: int | None, **options: Any) -> None:
        if expires_days is not None and expires_days < 1:
            refuse(self, "--expires-days: give the key at least one day.")
        if scope == ApiKey.Scope.INGEST and not source:
            source = PRODUCT
        try:
            with transaction.atomic():
                at = now()
                ends = at + dt.timedelta(days=min(expires_days, 36_500)) if expires_days is not None else None
                found, is_new = _source(source)
                key, text = keys.issue(name=name, scope=scope, source=found, by=None, at=at, expires_at=ends)
        except keys.RoleMissing as error:
            refuse(self, str(error))
        except ValidationError as error:
            refuse(self, sentence_of(error))
        if is_new:
            self.stdout.write(f"The source {source} did not exist and was made; link accounts to their ids there.")
        sends = key.scope == ApiKey.Scope.INGEST
        use = f"It sends signals of {key.source}" if sends else f"It acts as {key.user.username}"
        self.stdout.write(f"Key {key.prefix} of scope {scope} was made. {use}. Keep it now: it is not shown again.")
        self.stdout.write(text)

    def _list(self, **options: Any) -> None:
        for key in ApiKey.objects.select_related("source").order_by("created_at", "pk"):
            source, used = key.source.key if key.source else "-", _moment(key.last_used_at)
            self.stdout.write(f"{key.prefix:14} {key.scope:7} {source:12} {_state(key):8} {used:17} {key.name}")

    def _rotate(self, *, prefix: str, overlap_days: int, **options: Any) -> None:
        old, at = self._called(prefix), now()
        try:
            overlap = dt.timedelta(days=max(-1, min(overlap_days, 36_500)))
            key, text = keys.rotate(old, overlap=overlap, by=None, at=at)
        except ValidationError as error:
            refuse(self, sentence_of(error))
        old.refresh_from_db()
        self.stdout.write(f"Key {key.prefix} takes the place of {old.prefix}, which ends on {_moment(old.expires_at)}.")
        self.stdout.write("Keep it now: it is not shown again.")
        self.stdout.write(text)

    def _called(self, prefix: str) -> ApiKey:
        key = ApiKey.objects.filter(prefix=prefix.removeprefix(f"{keys.PREFIX}_").partition("_")[0]).first()
        if key is None:
            refuse(self, f"There is no key with the prefix {prefix}. See manage.py apikey list.")
        return key

    def _revoke(self, *, prefix: str, **options: Any) -> None:
        key = self._called(prefix)
        if key.revoked_at:
            refuse(self, f"Key {key.prefix} was revoked on {_moment(key.revoked_at)} already.")
        keys.revoke(key, by=None, at=now())
        self.stdout.write(f"Key {key.prefix} ({key.name}) is revoked; requests with it are refused from now on.")


def _source(key: str | None) -> tuple[Source | None, bool]:
    """The source called `key`, and whether it had to be made."""
    if not key:
        return None, False
    before = Source.objects.count()
    source = connect_source(key=key, by=None, at=now())
    return source, Source.objects.count() > before


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return "revoked"
    return "expired" if key.expires_at and key.expires_at <= now() else "live"


def _moment(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "never used"
