"""Many items at once on the REST API, for systems outside the CRM and for warehouses."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.ingestion.bulk import reading, rows, services
from accounts.ingestion.bulk.items import BulkItem
from accounts.ingestion.bulk.services import Item, Taken
from accounts.portfolio.models import Account
from accounts.team.rest import KeyField, ScopedViewSet, Strict
from accounts.workspace.models import Source


class SourceNamed(Strict):
    """Whose items these are."""

    source = KeyField(Source, scoped=False, listed=True, help_text="Key of the source.")  # type: ignore[assignment]


class WaitingSerializer(serializers.Serializer):
    """An item whose account is not known yet. It is stored by itself when the id is linked."""

    index = serializers.IntegerField(help_text="Its place in the request, from 0.")
    account_id = serializers.CharField(help_text="The id that nobody has linked to an account.")


class WrongSerializer(serializers.Serializer):
    """One thing that is wrong with an item."""

    field = serializers.CharField(help_text="Empty where it is the item as a whole.")
    message = serializers.CharField(help_text="What is wrong, and what to do.")


class RefusedSerializer(serializers.Serializer):
    """An item that cannot be stored. The others are not harmed."""

    index = serializers.IntegerField(help_text="Its place in the request, from 0.")
    errors = WrongSerializer(many=True)  # type: ignore[assignment]


class TakenSerializer(serializers.Serializer):
    """What became of the items."""

    stored = serializers.IntegerField(help_text="Rows that are new, or that say something else now.")
    unchanged = serializers.IntegerField(help_text="Items that changed nothing: we knew it, or a later item says more.")
    quarantined = WaitingSerializer(many=True)
    refused = RefusedSerializer(many=True)


class BulkViewSet(ScopedViewSet):
    """One door for many items of one kind. `door` makes one for each kind."""

    area = Area.ACCOUNTS
    queryset = Account.objects.none()
    serializer_class = TakenSerializer
    parser_classes = [reading.BulkParser]
    kind: type[BulkItem]

    def create(self, request: Request) -> Response:
        sent = request.data  # bytes, as the parser leaves them; where there is no body it was not asked
        body = reading.body(sent if isinstance(sent, bytes) else b"")
        named = SourceNamed(data={"source": body.source}, context=self.get_serializer_context())
        named.is_valid(raise_exception=True)
        source = named.validated_data["source"]
        taken = services.take(self.kind, body.items, source=source, by=self.caller, at=now())
        return Response(_shown(taken))


def _shown(taken: Taken) -> dict[str, Any]:
    return {
        "stored": taken.stored,
        "unchanged": taken.unchanged,
        "quarantined": [{"index": item.place, "account_id": item.account_id} for item in taken.quarantined],
        "refused": [_refused(item) for item in taken.refused],
    }


def _refused(item: Item) -> dict[str, Any]:
    return {"index": item.place, "errors": item.problems}


def door(kind: type[BulkItem], *, name: str, about: str, example: dict[str, Any]) -> dict[str, type[BulkViewSet]]:
    """The route for items of `kind` below `name`, with its place in the OpenAPI document."""
    title = kind.__name__.removesuffix("Item")
    items = {"source": serializers.CharField(help_text="Key of the source."), "items": kind(many=True)}
    body = type(f"{title}Bulk", (Strict,), items | {"__doc__": f"Up to {reading.MOST:,} items of one source."})
    shown = OpenApiExample("Two items", request_only=True, value=example)
    described = extend_schema(
        request=body, responses={200: TakenSerializer}, examples=[shown], description=about, summary=None
    )
    create = described(lambda self, request: BulkViewSet.create(self, request))
    made = type(f"{title}BulkViewSet", (BulkViewSet,), {"kind": kind, "basename": f"{name}-bulk", "create": create})
    made.__doc__ = about
    return {f"{name}/bulk": made}


SAME = (
    "Every item stands for itself: bad ones are named with their place and cost the others nothing. "
    "The same items in any order, as often as you like, end in the same rows."
)
OPENED = {"severity": 2, "state": "open", "opened_at": "2026-01-15T09:00:00Z", "updated_at": "2026-01-15T09:00:00Z"}
BILLED = {"amount": "4000.00", "issued_on": "2026-01-01", "due_on": "2026-01-31"}
CALLED = {"kind": "call", "happened_at": "2026-01-15T09:00:00Z", "minutes": 20}
ANSWERED = {"kind": "nps", "score": 9, "received_at": "2026-01-15T09:00:00Z"}
DOORS: dict[str, tuple[type[BulkItem], dict[str, Any]]] = {
    "tickets": (rows.TicketItem, OPENED),
    "invoices": (rows.InvoiceItem, BILLED),
    "touches": (rows.TouchItem, CALLED),
    "survey-responses": (rows.SurveyItem, ANSWERED),
}


def _routes() -> dict[str, type[BulkViewSet]]:
    routes: dict[str, type[BulkViewSet]] = {}
    for name, (kind, said) in DOORS.items():
        named = {"external_id": "1042", "account": "northwind-traders"}, {"external_id": "1043", "account_id": "acct-7"}
        example = {"source": "helpdesk", "items": [one | said for one in named]}
        about = f"Saves up to {reading.MOST:,} {name.replace('-', ' ')} of one source. {SAME}"
        routes |= door(kind, name=name, about=about, example=example)
    return routes


ROUTES = _routes()
