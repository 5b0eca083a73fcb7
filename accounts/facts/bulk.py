"""Custom facts of many accounts at once, as warehouses send them; and values as programs tell them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError as Invalid
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.facts import services
from accounts.facts.lookup import find
from accounts.facts.typed import told
from accounts.ingestion.bulk.items import BulkItem, kinds
from accounts.ingestion.models import QuarantinedItem
from accounts.portfolio.models import Account
from accounts.workspace.models import Source

TOLD = {
    "type": ["number", "string", "boolean", "array"],
    "description": "Of the fact's type: a number (money in currency units), text, true or false, an ISO date or "
    "instant, a list; null: unknown.",
}


@extend_schema_field(TOLD)
class ToldField(serializers.JSONField):
    """The value of a custom fact as a program sends it."""


def told_values() -> serializers.DictField:
    """The field of a body that holds values of custom facts."""
    return serializers.DictField(
        child=ToldField(allow_null=True), allow_empty=False, help_text="Key of the custom fact → its value."
    )


def read_told(values: dict[str, Any]) -> dict[str, Any]:
    """The values in Python's types; what is no custom fact is left for the service to name."""
    read, wrong = {}, {}
    for key, value in values.items():
        fact = find(key)
        try:
            read[key] = told(value, fact) if fact else value
        except ValueError as error:
            wrong[key] = f"{fact.label if fact else key}: {error}."
    if wrong:
        raise Invalid(wrong)
    return read


def below_values(refused: Invalid) -> ValidationError:
    """What the service refused, with the place of each fact in the body."""
    return ValidationError({f"values.{key}": texts for key, texts in refused.message_dict.items()})


@dataclass(frozen=True)
class FactsDraft:
    """Values of custom facts of one account."""

    account_id: int
    values: dict[str, Any]


@kinds.register("facts")
class FactsItem(BulkItem):
    """Values of custom facts of one account."""

    KIND = QuarantinedItem.Kind.FACTS

    values = told_values()

    def draft(self, account: Account, values: dict[str, Any], *, at: dt.datetime) -> FactsDraft:
        try:
            read = read_told(values["values"])
            services.stored(read)
        except Invalid as refused:
            raise below_values(refused) from None
        return FactsDraft(account.pk or 0, read)

    @staticmethod
    def store(drafts: Sequence[FactsDraft], *, source: Source, by: Any, at: dt.datetime) -> int:
        joined: dict[int, dict[str, Any]] = {}
        for draft in drafts:
            joined.setdefault(draft.account_id, {}).update(draft.values)
        return len(services.set_many(joined, source=source.key, at=at))
