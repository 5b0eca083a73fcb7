"""Pages by key: as fast at the end of a list as at its start, and stable while rows are added."""

import base64
import binascii
import datetime as dt
import json
from typing import Any

from django.db.models import Q
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

SMALLEST, LARGEST, USUAL = 1, 500, 50
MAX_KEY = 2**63 - 1
WRONG = "Expected the cursor of an earlier page; leave it out to start again."


class KeysetPagination(BasePagination):
    """`?limit=` rows from `?cursor=` on; the answer names the next page.

    A view's `order` names the instant its rows are sorted by (`-at`: newest first); without one they come in order
    of creation. The key behind it settles ties. A view whose rows are no model instances has a `fetch_page`, which
    makes tuples of them, the key first.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request, self.limit = request, _limit(request.query_params.get("limit"))
        self.order = getattr(view, "order", "")
        rows = queryset.order_by(*_ordering(self.order))
        if after := _decoded(request.query_params.get("cursor"), dated=bool(self.order)):
            rows = rows.filter(_beyond(self.order, *after))
        found = getattr(view, "fetch_page", list)(rows[: self.limit + 1])
        self.last = self._place(found[self.limit - 1]) if len(found) > self.limit else None
        return found[: self.limit]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._next(), "results": data})

    def _next(self) -> str | None:
        if self.last is None:
            return None
        return replace_query_param(self.request.build_absolute_uri(), "cursor", _encoded(*self.last))

    def _place(self, row: Any) -> tuple[dt.datetime | None, int]:
        if isinstance(row, tuple):  # columns, the key first: of a list in the order of creation
            return None, row[0]
        return getattr(row, self.order.lstrip("-")) if self.order else None, row.pk

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        following = {
            "type": ["string", "null"],
            "format": "uri",
            "description": "The next page; null on the last.",
        }
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": following, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        whole = {"type": "integer", "minimum": SMALLEST, "maximum": LARGEST, "default": USUAL}
        return [
            {"name": "limit", "in": "query", "required": False, "schema": whole, "description": "Rows a page."},
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "schema": {"type": "string"},
                "description": "Where the page starts: taken from `next` of the page before.",
            },
        ]


def _ordering(order: str) -> list[str]:
    return [order, "-pk" if order.startswith("-") else "pk"] if order else ["pk"]


def _beyond(order: str, at: dt.datetime | None, key: int) -> Q:
    """What comes after the row with this instant and key; the first term lets an index find the place."""
    if not order:
        return Q(pk__gt=key)
    field, than = order.lstrip("-"), "lt" if order.startswith("-") else "gt"
    tied_or_later = Q(**{f"{field}__{than}": at}) | Q(**{f"pk__{than}": key})
    return Q(**{f"{field}__{than}e": at}) & tied_or_later


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL
    if not text.isascii() or not text.isdigit() or not SMALLEST <= int(text[:9]) <= LARGEST:
        raise ValidationError({"limit": f"Expected a whole number from {SMALLEST} to {LARGEST}."})
    return int(text)


def _encoded(at: dt.datetime | None, key: int) -> str:
    plain = json.dumps([at.astimezone(dt.UTC).isoformat() if at else None, key])
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _decoded(text: str | None, *, dated: bool) -> tuple[dt.datetime | None, int] | None:
    if not text:
        return None
    try:
        return _read(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))), dated=dated)
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError):
        raise ValidationError({"cursor": WRONG}) from None


def _read(value: Any, *, dated: bool) -> tuple[dt.datetime | None, int]:
    """The instant and the key of a cursor; ValueError or TypeError for anything that we did not write."""
    at, key = value
    if type(key) is not int or not 0 <= key <= MAX_KEY or (at is not None) != dated:
        raise ValueError(WRONG)
    return (dt.datetime.fromisoformat(at).astimezone(dt.UTC) if dated else None), key
