"""Items of a bulk request: what every kind of them has in common."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Q
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import empty

from accounts.foundation.keys import KEY
from accounts.foundation.many import among, among_texts
from accounts.foundation.records import Record
from accounts.foundation.registry import Registry
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.team.models import User
from accounts.team.rest import Strict
from accounts.workspace.models import Source

LARGEST_ID = 2**63 - 1
Known = Mapping[type[Record], Mapping[Any, Any]]
"""Model → key or id → the row, of all that the items of one request name and that the caller sees."""


class Named(serializers.CharField):
    """Names a row by its key, among those that were looked up for all items at once. Validates to the row."""

    def __init__(self, model: type[Record], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model = model

    def to_internal_value(self, data: Any) -> Any:
        key = super().to_internal_value(data)
        row = self.context["known"][self.model].get(key)
        if row is None:
            raise ValidationError(f"There is no {self.model._meta.verbose_name} {key!r}.")
        return row


class StakeholderId(serializers.IntegerField):
    """The same for a stakeholder, who is named by a number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **kwargs)

    def run_validation(self, data: Any = empty) -> Any:
        pk = super().run_validation(data)
        if pk is None:
            return None
        row = self.context["known"][Stakeholder].get(pk)
        if row is None:
            raise ValidationError(f"There is no stakeholder {pk}; see /api/v1/stakeholders/.")
        return row


class BulkItem(Strict):
    """One item of a bulk request. A kind adds its fields, and says how its items become rows."""

    KIND: ClassVar[str]
    """As the quarantine calls it."""
    MODEL: ClassVar[type[Record] | None] = None
    """Whose rows a source knows by `external_id`; None where items name nothing but an account."""

    account = Named(Account, required=False, help_text="Key of the account.")
    account_id = serializers.CharField(
        required=False, max_length=200, help_text="What the source calls the account, in place of its key."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("account" in attrs) == ("account_id" in attrs):
            raise ValidationError({"account": "Name the account once: by account (its key here) or account_id."})
        return attrs

    def draft(self, account: Account, values: dict[str, Any], *, at: dt.datetime) -> Any:
        """What a service stores. Raises ValidationError, by field, for what it would refuse."""
        raise NotImplementedError

    @staticmethod
    def store(drafts: Sequence[Any], *, source: Source, by: Any, at: dt.datetime) -> int:
        """Stores the drafts, of which later ones count more; returns how many rows are new or changed."""
        raise NotImplementedError


kinds: Registry[type[BulkItem]] = Registry("kind of bulk item")


def must_be_at(account: Account, people: Iterable[Stakeholder], *, field: str) -> None:
    """Refuses people of another account. While the account is not known yet, nobody can tell."""
    if account.pk and any(person.account_id != account.pk for person in people):
        raise ValidationError({field: "This is no stakeholder of the account."})


def known(items: Collection[Any], *, user: User | None) -> Known:
    """The rows that these items name, by model: a handful of queries for any number of items.

    Whatever stands where a name is expected is looked up by its shape alone: fields check the rest.
    """
    wanted = [one for one in items if isinstance(one, dict)]
    return {model: find(wanted, user) for model, find in FINDERS.items()}


def _accounts(items: Sequence[dict[str, Any]], user: User | None) -> dict[Any, Any]:
    keys = _keys(items, "account")
    named = Account.objects.filter(key__in=among_texts(keys)).values_list("key", "pk", "merged_into") if keys else ()
    ids = {key: merged_into or pk for key, pk, merged_into in named}
    rows = accounts(ids.values(), user=user)
    return {key: rows[pk] for key, pk in ids.items() if pk in rows}


def accounts(ids: Iterable[int], *, user: User | None) -> dict[int, Account]:
    """Those of the accounts that `user` sees; all where nobody asks."""
    found = list(ids)
    return {row.pk: row for row in _seen(Account, user).filter(pk__in=among(found))} if found else {}


def _stakeholders(items: Sequence[dict[str, Any]], user: User | None) -> dict[Any, Any]:
    told = [value for one in items for name in PEOPLE for value in _listed(one.get(name))]
    ids = {int(value) for value in told if _is_id(value)}
    return {row.pk: row for row in _seen(Stakeholder, user).filter(pk__in=among(ids))} if ids else {}


PEOPLE = ("requester", "stakeholder", "stakeholders")
"""Fields in which kinds name people at the customer."""
FINDERS: dict[type[Record], Callable[[Sequence[dict[str, Any]], User | None], dict[Any, Any]]] = {
    Account: _accounts,
    Stakeholder: _stakeholders,
}


def by_key(model: type[Record], field: str) -> None:
    """Lets items name rows of `model` by key in `field`. Called where a kind is declared."""

    def find(items: Sequence[dict[str, Any]], user: User | None) -> dict[Any, Any]:
        keys = _keys(items, field)
        return {row.key: row for row in _seen(model, user).filter(key__in=among_texts(keys))} if keys else {}

    FINDERS[model] = find


def _keys(items: Sequence[dict[str, Any]], field: str) -> set[str]:
    told = (one.get(field) for one in items)
    return {text.strip() for text in told if isinstance(text, str) and KEY.fullmatch(text.strip())}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_id(value: Any) -> bool:
    if isinstance(value, str):
        return value.isascii() and value.isdigit() and len(value) < 19
    return type(value) is int and 0 < value <= LARGEST_ID


def _seen(model: type[Record], user: User | None) -> Any:
    return model.objects.filter(Q()) if user is None else model.objects.for_user(user)
