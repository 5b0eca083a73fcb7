"""Handoffs on the REST API: each verb is one call of a service."""

from typing import Any

from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.stakeholders.models import Stakeholder
from accounts.team.filters import InstantFilter
from accounts.team.rest import Conflict, Listed
from retention.handoffs import services, sides
from retention.handoffs.api import shapes
from retention.handoffs.api.files import Files
from retention.handoffs.api.promises import Promises
from retention.handoffs.checklist import given
from retention.handoffs.models import Handoff, HandoffItem
from retention.success_plans.models import SuccessPlan

RELATED = ("account", "version__template", "deal", "giver__team", "receiver__team__manager", "submitted_by")
LARGEST_ID = 2**62
DRAFT = "draft"
"""Sent for a success plan: make one."""


class HandoffFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    template = filters.CharFilter("version__template__key", label="Key of its checklist.")
    state = filters.ChoiceFilter(choices=Handoff.State.choices, label="State of the handoff.")
    giver = filters.CharFilter("giver__username", label="Username of who hands over.")
    receiver = filters.CharFilter("receiver__username", label="Username of who takes over.")
    created_before = InstantFilter("created_at", lookup_expr="lt", label="Made before this instant.")


BEGIN = OpenApiExample(
    "To Support",
    request_only=True,
    value={"account": "northwind-traders", "template": "cs_to_support", "receiver": "bruno"},
)
SAVE = OpenApiExample("A date", request_only=True, value={"value": "2026-02-01", "revision": 0})
RETURN = OpenApiExample(
    "Two items",
    request_only=True,
    value={"items": [{"item": "value_hypothesis", "reason": "vague_value", "note": "No baseline"}]},
)


class HandoffViewSet(Listed, Files, Promises):
    """Handoffs, newest first. A won deal of type new or expansion starts one by itself, once."""

    area = Area.WORK
    queryset = Handoff.objects.select_related(*RELATED, "accepted_by", "fit_signed_by")
    filterset_class = HandoffFilters
    order = "-created_at"

    def get_serializer_class(self) -> type[shapes.HandoffSerializer]:
        return shapes.HandoffSerializer if self.action == "list" else shapes.HandoffDetailSerializer

    @extend_schema(request=shapes.HandoffDraft, responses={201: shapes.HandoffDetailSerializer}, examples=[BEGIN])
    def create(self, request: Request) -> Response:
        """Begins a handoff by hand; its clock runs at once."""
        values = self.body(shapes.HandoffDraft)
        account = values.pop("account")
        handoff = services.start(account, by=self.caller, at=now(), **values)
        return self.answer(handoff, code=201)

    @extend_schema(
        operation_id="handoffs_save_item",
        request=shapes.ItemChange,
        responses=shapes.HandoffDetailSerializer,
        examples=[SAVE],
    )
    @action(detail=True, methods=["patch"], url_path=r"items/(?P<key>[a-z0-9_-]{1,80})")
    def save_item(self, request: Request, id: str, key: str) -> Response:  # noqa: A002
        """Saves one item. 409 where somebody saved it since `revision` was read: the answer tells both values."""
        handoff, values = self.get_object(), self.body(shapes.ItemChange)
        item = self._item(handoff, key)
        if not sides.may_fill(handoff, self.caller):
            raise Conflict("The other side fills this in.")
        given_for = {"revision": values["revision"], "by": self.caller, "at": now()}
        try:
            if item.evidence == HandoffItem.Evidence.PLAN and values["value"] == DRAFT:
                services.draft_plan(handoff, item, **given_for)
            else:
                services.save(handoff, item, self._value(handoff, item, values["value"]), **given_for)
        except services.Stale as stale:
            theirs = given(item, stale.theirs)
            both = f"Theirs, revision {stale.theirs.revision}: {theirs}. Yours: {values['value']}."
            raise Conflict(f"{' '.join(stale.messages)} {both}"[:2000]) from None
        except services.NotPossible as refused:
            raise Conflict(" ".join(refused.messages)) from None
        return self.answer(handoff)

    def _value(self, handoff: Handoff, item: HandoffItem, value: Any) -> Any:
        """What is sent; a person or a plan by number, among those that the caller may see."""
        if item.evidence == HandoffItem.Evidence.PLAN and value is not None:
            plans = SuccessPlan.objects.for_user(self.caller).filter(account=handoff.account_id)
            found = plans.filter(pk=value).first() if _is_number(value) else None
            if found is None:
                message = f"Give the number of a success plan of {handoff.account}, or “{DRAFT}”."
                raise ValidationError({"value": [message]})
            return found
        return _value(handoff, item, value)

    def _item(self, handoff: Handoff, key: str) -> HandoffItem:
        item = handoff.version.items.filter(key=key).first()
        if item is None:
            raise Http404
        return item

    @extend_schema(request=None, responses=shapes.HandoffDetailSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, id: str) -> Response:  # noqa: A002
        """Hands it to the receiver. 409 with all that is missing, or where it is not the giver's turn."""
        return self.done(services.submit, self.get_object())

    @extend_schema(request=None, responses=shapes.HandoffDetailSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, id: str) -> Response:  # noqa: A002
        """Takes the customer over. 409 for who handed it over, and while a promise is not judged."""
        return self.done(services.accept, self.get_object())

    @extend_schema(
        operation_id="handoffs_return_create",
        request=shapes.Returning,
        responses=shapes.HandoffDetailSerializer,
        examples=[RETURN],
    )
    @action(detail=True, methods=["post"], url_path="return")
    def send_back(self, request: Request, id: str) -> Response:  # noqa: A002
        """Returns items, each with a coded reason; they block until they are mended."""
        handoff, values = self.get_object(), self.body(shapes.Returning)
        known = {item.key: item for item in handoff.version.items.all()}
        unknown = [one["item"] for one in values["items"] if one["item"] not in known]
        if unknown:
            raise ValidationError({"items": [f"There is no item {', '.join(unknown)[:200]} in this handoff."]})
        items = [(known[one["item"]], one["reason"], one["note"]) for one in values["items"]]
        return self.done(services.return_items, handoff, items=items)

    @extend_schema(request=shapes.Pausing, responses=shapes.HandoffDetailSerializer)
    @action(detail=True, methods=["post"])
    def wait(self, request: Request, id: str) -> Response:  # noqa: A002
        """Lets the internal clock stand still; what the customer was promised does not move."""
        handoff, values = self.get_object(), self.body(shapes.Pausing)
        return self.done(services.wait, handoff, **values)

    @extend_schema(request=None, responses=shapes.HandoffDetailSerializer)
    @action(detail=True, methods=["post"], url_path="go-on")
    def go_on(self, request: Request, id: str) -> Response:  # noqa: A002
        """Lets the internal clock go on. 409 where it does not stand still."""
        return self.done(services.go_on, self.get_object())

    @extend_schema(request=shapes.CallingOff, responses=shapes.HandoffDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, id: str) -> Response:  # noqa: A002
        """Calls it off, and tells both sides."""
        handoff, values = self.get_object(), self.body(shapes.CallingOff)
        return self.done(services.cancel, handoff, **values)

    @extend_schema(request=shapes.SigningOff, responses=shapes.HandoffDetailSerializer)
    @action(detail=True, methods=["post"], url_path="sign-fit", self_service=True)
    def sign_fit(self, request: Request, id: str) -> Response:  # noqa: A002
        """A leader signs off an account that fits badly. 409 where there is nothing to sign, or somebody did."""
        handoff, values = self.get_object(), self.body(shapes.SigningOff)
        if not sides.may_sign_fit(self.caller):
            raise PermissionDenied("Only a leader signs off an account that fits badly.")
        return self.done(services.sign_fit, handoff, **values)


def _value(handoff: Handoff, item: HandoffItem, value: Any) -> Any:
    """A stakeholder by number; everything else as it was sent."""
    if item.evidence != HandoffItem.Evidence.STAKEHOLDER or isinstance(value, dict) or value is None:
        return value
    found = Stakeholder.objects.filter(pk=value, account=handoff.account_id).first() if _is_number(value) else None
    if found is None:
        raise ValidationError({"value": [f"Give the number of a stakeholder of {handoff.account}, or a new one."]})
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < LARGEST_ID
