"""Filters that several lists of the REST API share."""

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django_filters.fields import IsoDateTimeField


class _Instant(IsoDateTimeField):
    default_error_messages = {"invalid": "Expected an instant such as 2026-01-31T09:00:00Z."}

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        try:
            return found.astimezone(dt.UTC) if found else found
        except OverflowError:
            raise ValidationError(self.error_messages["invalid"]) from None


class InstantFilter(django_filters.IsoDateTimeFilter):
    """Compares with an instant; a date alone means its first moment in UTC."""

    field_class = _Instant


LARGEST_NUMBER = 2**62
"""Beyond it, SQLite cannot look for a number at all."""


class NumberOf(django_filters.NumberFilter):
    """Compares with the number of a row; one that no row can have is refused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_value=LARGEST_NUMBER, **kwargs)


class _Flag(forms.Field):
    def to_python(self, value: Any) -> bool | None:
        if value in self.empty_values:
            return None
        if value not in ("true", "false"):
            raise ValidationError("Expected true or false.")
        return value == "true"


class FlagFilter(django_filters.BooleanFilter):
    """Asks for `true` or `false`, and refuses any other word instead of ignoring it."""

    field_class = _Flag
