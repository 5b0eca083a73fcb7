"""Bases of the REST API: scope, request bodies that hide nothing, references by key, one shape of answer."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.db import models
from django.http import Http404
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.fields import empty
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.foundation.keys import KEY
from accounts.foundation.records import Record
from accounts.idempotency.rest import Idempotent
from accounts.team.models import ApiKey, User
from accounts.workspace.models import Source

NUMBER = re.compile(r"[0-9]{1,18}")
USERNAME = re.compile(r"[\w.@+-]{1,150}")
PAGING = {"limit", "cursor", "format"}
NAMED_AT_MOST = 10
LONGEST_NAME = 254
"""Of a username or e-mail address: a longer one names nobody, and SQLite refuses to look for it."""


class Conflict(APIException):
    """The request is right in itself, but the row is no longer in the state it needs."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "This is not possible in the present state."
    default_code = "conflict"


class Whole(BasePagination):
    """A list short enough to come in one page, in the shape of all lists."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        return list(queryset)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": None, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        following = {"type": "null", "description": "Always null: this is all of it."}
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": following, "results": schema},
        }


class Strict(serializers.Serializer):
    """A request body. Whatever is not one of its fields is refused by name instead of being ignored."""

    default_error_messages = {"invalid": "Expected a JSON object."}

    def to_internal_value(self, data: Any) -> Any:
        known = {name: field for name, field in self.fields.items() if not field.read_only}
        unknown = [str(name)[:80] for name in data if name not in known] if isinstance(data, Mapping) else []
        errors: dict[str, Any] = {name: [f"Unknown field. Known are: {', '.join(known)}."] for name in unknown}
        try:
            values = super().to_internal_value(data)
        except ValidationError as refused:
            raise ValidationError({**refused.detail, **errors}) from None  # type: ignore[dict-item]
        if errors:
            raise ValidationError(errors)
        return values


class KeyField(serializers.CharField):
    """Names a row by its key; what the caller may not see does not exist. Validates to the row.

    With `scoped=False` every row may be named; `listed=True` says in the error which keys there are.
    """

    def __init__(self, model: type[Record], *, scoped: bool = True, listed: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model, self.scoped, self.listed = model, scoped, listed

    def run_validation(self, data: Any = empty) -> Any:
        key = super().run_validation(data)
        if key is None:
            return None
        rows: Any = self.model.objects.all()
        if self.scoped:
            rows = rows.for_user(self.context["request"].user)
        row = rows.called(key).first()
        if row is None:
            keys = ", ".join(rows.order_by("key").values_list("key", flat=True)) if self.listed else ""
            known = f" There are: {keys}." if keys else ""
            raise ValidationError(f"There is no {self.model._meta.verbose_name} {key!r}.{known}")
        _must_speak_for(row, self.context["request"].auth)
        return row


def _must_speak_for(row: Any, key: Any) -> None:
    """A key with a source of its own names no other."""
    if isinstance(row, Source) and isinstance(key, ApiKey) and key.source_id not in (None, row.pk):
        raise ValidationError(f"This API key speaks for the source {key.source} alone.")


class PersonField(serializers.CharField):
    """Names one of our people by username or e-mail address. Validates to the user."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": LONGEST_NAME} | kwargs)

    def run_validation(self, data: Any = empty) -> Any:
        text = super().run_validation(data)
        return None if text is None else _person(text, asking=self.context["request"].user)


def optional(choices: type[models.TextChoices]) -> serializers.ChoiceField:
    """Shows a choice that may be empty."""
    return serializers.ChoiceField(choices.choices, allow_blank=True, read_only=True)


def people() -> Any:
    """Users who are people: the users that API keys act as cannot own work or accounts."""
    return User.objects.filter(is_staff=True)


def _person(text: str, *, asking: User) -> User:
    known = people().filter(is_active=True).for_user(asking)
    if user := known.filter(username=text).first():
        return user
    found = list(known.filter(email__iexact=text)[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise ValidationError(f"Several users have the e-mail address {text!r}; give the username.")
    names = list(known.order_by("username").values_list("username", flat=True)[: NAMED_AT_MOST + 1])
    more = " and others" if len(names) > NAMED_AT_MOST else ""
    raise ValidationError(
        f"There is no active user {text!r}. There are: {', '.join(names[:NAMED_AT_MOST])}{more}; see /api/v1/users/."
    )


class ScopedViewSet(Idempotent, GenericViewSet[Any]):
    """Rows of one kind, always narrowed to what the caller may see.

    A subclass names its `area`, whose grants decide, its `queryset` with everything its serializer reads, and how a
    row is looked up: by `key`, or by number where it has none.
    """

    area: ClassVar[str]
    self_service: ClassVar[bool] = False
    """Whether who sees the area may also change what the view's own rules allow; an action may say it for itself."""
    lookup_field = "key"
    lookup_value_regex = "[^/]+"
    lookup_shape: ClassVar[re.Pattern[str]] = KEY
    filterset_class: Any = None
    order: ClassVar[str] = ""
    """The instant by which lists are sorted, such as `-at`; empty: the order of creation."""

    @property
    def caller(self) -> User:
        """Who asks; the permission let nobody else in."""
        return cast(User, self.request.user)

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return rows.for_user(self.caller)

    def get_object(self) -> Any:
        value = self.kwargs[self.lookup_url_kwarg or self.lookup_field]
        row = self._rows_called(value).first() if self._has_shape(value) else None
        if row is None:
            raise Http404
        return row

    def _rows_called(self, value: str) -> Any:
        rows = self.get_queryset()
        return rows.called(value) if self.lookup_field == "key" else rows.filter(**{self.lookup_field: value})

    def _has_shape(self, value: str) -> bool:
        return bool(self.lookup_shape.fullmatch(value))

    def filter_queryset(self, queryset: Any) -> Any:
        """Applies the filters; a parameter that nobody reads is refused, because it would silently narrow nothing."""
        known = self._filters() | PAGING
        unknown = sorted(self.request.query_params.keys() - known)
        if unknown:
            message = f"Unknown parameter. Known are: {', '.join(sorted(known - {'format'}))}."
            raise ValidationError({name[:80]: message for name in unknown})
        if not self.request.query_params.keys() - PAGING:
            return queryset  # to make the filters costs more than many lists do
        return super().filter_queryset(queryset)

    def _filters(self) -> set[str]:
        return set(self.filterset_class.base_filters) if self.filterset_class else set()

    def body(self, draft: type[serializers.Serializer[Any]], **options: Any) -> dict[str, Any]:
        """The checked request body as `draft` reads it."""
        checked = draft(data=self.request.data, context=self.get_serializer_context(), **options)
        checked.is_valid(raise_exception=True)
        return checked.validated_data

    def is_known(self, *, source: Any, external_id: str) -> bool:
        """Whether `source` told of the row before. One that is not the caller's to see is not theirs to change."""
        rows = cast(Any, self).queryset.filter(source=source, external_id=external_id)
        if rows.exists() and not rows.for_user(self.caller).exists():
            raise ValidationError({"external_id": f"{source} told of this for an account that is not yours to see."})
        return bool(rows.exists())

    def answer(self, row: models.Model, *, code: int = status.HTTP_200_OK) -> Response:
        """`row` as it stands now, with everything its serializer reads, also when it just left the caller's reach."""
        rows = cast(Any, self).queryset  # the checker takes a class attribute that is a queryset for a manager
        fresh = rows.all().get(pk=row.pk)
        return Response(self.get_serializer(fresh).data, status=code)


class NumberedViewSet(ScopedViewSet):
    """Rows without a key: an opaque number names them."""

    lookup_field = "pk"
    lookup_url_kwarg = "id"
    lookup_shape = NUMBER


class Listed(ListModelMixin, RetrieveModelMixin):
    """Reading: the list, and one row."""
