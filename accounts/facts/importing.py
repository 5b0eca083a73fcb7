"""Values of accounts from a table (CSV): read, planned row by row, then set as a whole or not at all."""

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.facts import custom, services
from accounts.facts.catalogue import Fact, Group
from accounts.facts.lookup import catalogue
from accounts.facts.models import AccountFacts
from accounts.facts.queries import BY_FILE, value_of
from accounts.facts.typed import typed
from accounts.identity.models import ExternalId
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.team.models import User
from accounts.workspace.models import Source
from accounts.workspace.queries import base_currency

LARGEST = 1024 * 1024
MOST_ROWS = 2_000
MOST_COLUMNS = 60
PROFILE = ("domain", "industry", "employees", "region", "goals", "acquisition_source", "campaign")
IGNORE = ""
KEY, DOMAIN, ID = "account:key", "account:domain", "account:id:"


@dataclass(frozen=True)
class Table:
    """A file as rows of text."""

    headers: list[str]
    rows: list[list[str]]


@dataclass
class Row:
    """One line of the file: the account it means, what would change there, and what is wrong with it."""

    number: int
    named: str
    account: Account | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """How many values would change."""
        return len(self.facts) + len(self.profile)

    @property
    def told(self) -> list[tuple[str, Any]]:
        """The values that would change, by their names for people."""
        facts = [(catalogue()[key].label, value) for key, value in self.facts.items()]
        return [*facts, *((name.replace("_", " ").capitalize(), value) for name, value in self.profile.items())]

    @property
    def is_ready(self) -> bool:
        """Whether setting it would do something."""
        return self.account is not None and not self.errors and self.changes > 0


@dataclass(frozen=True)
class Plan:
    """What setting a table would do."""

    rows: list[Row]

    @property
    def ready(self) -> list[Row]:
        """Rows that would change something."""
        return [row for row in self.rows if row.is_ready]

    @property
    def values(self) -> int:
        """Values that would change."""
        return sum(row.changes for row in self.ready)

    @property
    def wrong(self) -> list[Row]:
        """Rows that would be left out, each with its reason."""
        return [row for row in self.rows if row.errors]

    @property
    def same(self) -> int:
        """Rows that say what is known already."""
        return sum(not row.errors and not row.changes for row in self.rows)


def read(text: str) -> Table:
    """The table in `text`, with commas, semicolons or tabs between columns. Raises ValidationError where it is none."""
    first = text.lstrip("\ufeff").partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise ValidationError(f"The file is no CSV: {error}.") from None
    if len(rows) < 2:
        raise ValidationError("The file holds no rows below its header.")
    if len(rows) - 1 > MOST_ROWS:
        raise ValidationError(f"The file holds {len(rows) - 1:,} rows; split it into files of at most {MOST_ROWS:,}.")
    if len(rows[0]) > MOST_COLUMNS:
        raise ValidationError(
            f"The file holds {len(rows[0])} columns; leave out some, at most {MOST_COLUMNS} are read."
        )
    return Table([header.strip() for header in rows[0]], rows[1:])


def decoded(body: bytes) -> str:
    """The text of an uploaded file. Raises ValidationError where it is none that can be read."""
    if len(body) > LARGEST:
        raise ValidationError("The file is larger than 1 MiB; split it.")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError("The file is not UTF-8 text. Save it as “CSV UTF-8”.") from None
    if "\x00" in text:
        raise ValidationError("The file is not text. Save it as “CSV UTF-8”.")
    return text


def custom_facts() -> dict[str, Fact]:
    """The facts whose values a file may set."""
    return {key: fact for key, fact in catalogue().items() if fact.group is Group.CUSTOM}


def targets() -> list[tuple[str, list[tuple[str, str]]]]:
    """What a column may mean, in groups: its value in forms, and its name."""
    ids = [(f"{ID}{source.key}", f"Id in {source.name}") for source in Source.objects.all()]
    return [
        ("Names the account", [(KEY, "Account key"), (DOMAIN, "Domain of the account"), *ids]),
        ("Fact", [(f"fact:{key}", fact.label) for key, fact in custom_facts().items()]),
        ("Profile", [(f"profile:{name}", name.replace("_", " ")) for name in PROFILE]),
    ]


def guessed(headers: Sequence[str]) -> list[str]:
    """What each column probably means, by its header."""
    known = {"account": KEY, "account key": KEY, "key": KEY, "account domain": DOMAIN, "domain": DOMAIN}
    known |= {name.replace("_", " "): f"profile:{name}" for name in PROFILE if name != "domain"}
    for source in Source.objects.all():
        known |= {f"{one.lower()} id": f"{ID}{source.key}" for one in (source.key, source.name)}
    for key, fact in custom_facts().items():
        known |= {key.replace("_", " ").lower(): f"fact:{key}", fact.label.lower(): f"fact:{key}"}
    found = [known.get(header.replace("_", " ").strip().lower(), IGNORE) for header in headers]
    return [one if one not in found[:place] else IGNORE for place, one in enumerate(found)]


def plan(table: Table, meanings: Sequence[str], *, by: User) -> Plan:
    """What setting the table would do, with `meanings` of its columns; a handful of queries for any number of rows."""
    naming = [place for place, one in enumerate(meanings) if one.startswith("account:")]
    if len(naming) != 1:
        raise ValidationError("Choose exactly one column that names the account.")
    used = [one for one in meanings if one]
    if len(used) != len(set(used)):
        raise ValidationError("Two columns mean the same; choose one of them.")
    if len(used) == 1:
        raise ValidationError("Choose at least one column with values.")
    [place] = naming
    names = [row[place].strip() if place < len(row) else "" for row in table.rows]
    accounts = _accounts(names, meanings[place], by)
    facts = AccountFacts.objects.in_bulk([account.pk for account in accounts.values()])
    known = _Known(accounts, facts, custom_facts(), base_currency())
    lines = enumerate(zip(names, table.rows, strict=True), start=2)
    return Plan([_planned(number, name, cells, meanings, known) for number, (name, cells) in lines])


@dataclass
class _Known:
    """What the rows of a table are compared with."""

    accounts: dict[str, Account]
    rows: dict[int, AccountFacts]
    facts: dict[str, Fact]
    currency: str
    seen: set[int] = field(default_factory=set)


def _accounts(names: Sequence[str], meaning: str, by: User) -> dict[str, Account]:
    """Name in the file → the account, among those that the user sees."""
    rows: Any = listed()
    mine = rows.for_user(by)
    if meaning == KEY:
        return {account.key: account for account in mine.filter(key__in=names)}
    if meaning == DOMAIN:
        found: dict[str, list[Account]] = {}
        for account in mine.filter(domain__in={*names, *(name.lower() for name in names)} - {""}):
            found.setdefault(account.domain, []).append(account)
        return {name: found[name][0] for name in found if len(found[name]) == 1}
    links = ExternalId.objects.filter(source__key=meaning.removeprefix(ID), value__in=names, account__in=mine)
    return {link.value: link.account for link in links.select_related("account")}


def _planned(number: int, name: str, cells: list[str], meanings: Sequence[str], known: _Known) -> Row:
    row = Row(number, name, account=known.accounts.get(name))
    if row.account is None:
        row.errors.append(f"No account is called {name!r} there, or two are." if name else "It names no account.")
        return row
    if row.account.pk in known.seen:
        row.errors.append(f"{row.account.name} stands in an earlier row already.")
    known.seen.add(row.account.pk)
    for meaning, text in zip(meanings, cells, strict=False):
        kind, _, key = meaning.partition(":")
        if not text.strip():  # an empty cell says nothing: it makes no fact unknown
            continue
        if kind == "fact":
            _learn_fact(row, known.facts.get(key), text, known)
        elif kind == "profile" and key in PROFILE:
            _learn_profile(row, key, text.strip())
    return row


def _learn_fact(row: Row, fact: Fact | None, text: str, known: _Known) -> None:
    """Takes a value over where it is news."""
    if fact is None or row.account is None:
        return
    try:
        value = typed(text, fact)
        custom.kept(value, fact.type)
    except ValueError as error:
        row.errors.append(f"{fact.label}: {error}, not {text.strip()[:40]!r}.")
        return
    found = known.rows.get(row.account.pk)
    if value != (value_of(fact, found, currency=known.currency) if found else None):
        row.facts[fact.key] = value


def _learn_profile(row: Row, name: str, text: str) -> None:
    try:
        value = Account._meta.get_field(name).clean(text, row.account)  # type: ignore[union-attr]
    except ValidationError as error:
        row.errors.append(f"{name.replace('_', ' ').capitalize()}: {' '.join(error.messages)}")
        return
    if value != getattr(row.account, name):
        row.profile[name] = value


@transaction.atomic
def carry_out(plan: Plan, *, by: User, at: dt.datetime) -> int:
    """Sets the values of the plan's ready rows, all of them or none; returns how many accounts changed."""
    for row in plan.ready:
        assert row.account is not None
        if row.facts:
            services.set_told(row.account, row.facts, source=BY_FILE, by=by, at=at)
        if row.profile:
            portfolio.change(row.account, by=by, at=at, **row.profile)
    return len(plan.ready)
