"""Which account a group of waiting signals probably belongs to, and why."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower

from accounts.foundation.keys import key_from
from accounts.identity.models import ExternalId
from accounts.ingestion.quarantine.queries import Group, Reason, mails, named_in_calls, samples
from accounts.ingestion.quarantine.reading import Profile, profile, read
from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.team.models import User

LEGAL_FORMS = (
    *("ab", "ag", "aps", "as", "bv", "co", "company", "corp", "corporation", "gmbh", "inc", "incorporated", "kg"),
    *("limited", "llc", "llp", "ltd", "nv", "oy", "plc", "sa", "sarl", "sas", "se", "sl", "spa", "srl", "sro"),
)
"""What a company's name ends with in one system and not in the other."""


def spelling(name: str) -> str:
    """`name` without accents, signs, capitals and the company's legal form: what different systems agree on.

    An account's key is made of its name in the same way, so most accounts are found by an index.
    """
    plain = key_from(name.replace(".", ""), fallback="")
    rest, _, last = plain.rpartition("-")
    return rest if rest and last in LEGAL_FORMS else plain


@dataclass(frozen=True)
class Suggestion:
    """An account, and what speaks for it."""

    account: Account
    reason: str


@dataclass(frozen=True)
class Guess:
    """What the waiting items of a group tell about its company, and the account that fits."""

    profile: Profile
    suggestion: Suggestion | None
    waits_for: str = ""
    """Of a user: the account id that a `group` call names for them and that nobody has linked; they follow it."""

    @property
    def name(self) -> str:
        """What the group's calls call the company; empty where none said."""
        return self.profile.name


@dataclass(frozen=True)
class _Known:
    """Accounts by what may give them away."""

    by_key: dict[str, list[Account]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[str, list[Account]] = field(default_factory=lambda: defaultdict(list))
    by_domain: dict[str, list[Account]] = field(default_factory=lambda: defaultdict(list))
    by_spelling: dict[str, list[Account]] = field(default_factory=lambda: defaultdict(list))
    by_id: dict[str, list[tuple[Account, str]]] = field(default_factory=lambda: defaultdict(list))


def guesses(groups: Sequence[Group], *, user: User) -> dict[tuple[int, str], Guess]:
    """Place of each group → what can be told about it; a handful of queries for any number of groups."""
    found = samples(groups)
    addresses = mails((place[0], one) for place, rows in found.items() for one, _ in rows if one)
    profiles = {group.place: _told(group, found.get(group.place, []), addresses) for group in groups}
    known = _known(groups, profiles.values(), user)
    named = named_in_calls(groups)
    return {
        one.place: Guess(
            profiles[one.place], _fitting(one, profiles[one.place], known), waits_for=named.get(one.place, "")
        )
        for one in groups
    }


def _told(group: Group, rows: list[tuple[str, str]], addresses: dict[tuple[int, str], str]) -> Profile:
    """What the group's items, and earlier calls about the same people, tell of the company."""
    users = {(group.source.pk, one) for one, _ in rows}
    return profile((read(item) for _, item in rows), (addresses[one] for one in users if one in addresses))


def _known(groups: Sequence[Group], profiles: Iterable[Profile], user: User) -> _Known:
    profiles = list(profiles)
    values = {group.value for group in groups}
    keys = {key_from(value, fallback="") for value in values} - {""}
    plain = {spelling(one.name) for one in profiles} - {""}
    spellings = plain | {f"{one}-{form}" for one in plain for form in LEGAL_FORMS}
    names = {text.lower() for text in values | {one.name for one in profiles} if text}
    domains = {domain for one in profiles for domain in (one.domain, *one.mail_domains) if domain}
    rows: Any = listed()
    accounts = (
        rows.for_user(user)
        .annotate(small_name=Lower("name"), small_domain=Lower("domain"))
        .filter(Q(key__in=keys | spellings) | Q(small_name__in=names) | Q(small_domain__in=domains))
    )
    known = _Known()
    for account in accounts:
        known.by_key[account.key].append(account)
        known.by_name[account.name.lower()].append(account)
        known.by_domain[account.domain.lower()].append(account)
        known.by_spelling[spelling(account.name)].append(account)
    for link in ExternalId.objects.for_user(user).filter(value__in=values).select_related("account", "source"):
        known.by_id[link.value].append((link.account, link.source.name))
    return known


def _fitting(group: Group, told: Profile, known: _Known) -> Suggestion | None:
    """The account that the first clue with one answer points to; two answers are none."""
    for accounts, reason in _clues(group, told, known):
        if len({account.pk for account in accounts}) == 1:
            return Suggestion(accounts[0], reason)
    return None


def _clues(group: Group, told: Profile, known: _Known) -> Iterable[tuple[list[Account], str]]:
    """Accounts that each clue finds, the strongest clue first."""
    value = group.value
    if group.reason == Reason.UNKNOWN_ACCOUNT:
        yield (
            [account for account, _ in known.by_id[value]] if not value.isdigit() else [],
            (f"another source calls it {value} too"),
        )
        yield known.by_domain[told.domain] if told.domain else [], f"its domain is {told.domain}"
        yield known.by_name[told.name.lower()] if told.name else [], f"it is called {told.name} there"
        near = spelling(told.name)
        yield known.by_spelling[near] if near else [], f"it is called {told.name} there, nearly as here"
        yield known.by_key[key_from(value, fallback="")], "its key is that id"
        yield known.by_name[value.lower()], "its name is that id"
    for domain in sorted(told.mail_domains):
        yield known.by_domain[domain], f"people there have addresses at {domain}"
