"""What handoffs look like on the REST API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.portfolio.models import Account
from accounts.team.rest import KeyField, PersonField, Strict, optional
from retention.handoffs.checklist import Line, checklist, given
from retention.handoffs.models import Handoff, HandoffItem, HandoffTemplate, ItemReturn, Promise
from retention.slas.models import Pause

PEOPLE = ("giver", "receiver", "submitted_by", "accepted_by", "fit_signed_by")
MOMENTS = ["created_at", "started_at", "submitted_at", "accepted_at", "cancelled_at"]


def _name(source: str) -> serializers.CharField:
    return serializers.CharField(source=f"{source}.username", allow_null=True, read_only=True, help_text="Username.")


class HandoffSerializer(serializers.ModelSerializer):
    """One customer handed over by one of us to another."""

    account = serializers.CharField(source="account.key", read_only=True)
    template = serializers.CharField(source="version.template.key", read_only=True, help_text="Key of its checklist.")
    version = serializers.IntegerField(source="version.number", read_only=True)
    deal = serializers.IntegerField(source="deal_id", read_only=True, allow_null=True, help_text="Null: begun by hand.")
    giver, receiver, submitted_by, accepted_by, fit_signed_by = (_name(one) for one in PEOPLE)
    work_item = serializers.IntegerField(
        source="work_id", read_only=True, allow_null=True, help_text="Number of the work of the side whose turn it is."
    )
    promised = serializers.DictField(
        child=serializers.DateTimeField(), read_only=True, help_text="Date → the instant promised; it never moves."
    )

    class Meta:
        model = Handoff
        fields = ["id", "account", "template", "version", "deal", "state", "readiness", "lacking", "loops"]
        fields += [*PEOPLE, *MOMENTS, "fit_signed_at", "fit_note", "work_item", "promised"]
        read_only_fields = fields


class PromiseSerializer(serializers.ModelSerializer):
    """One thing that somebody of us promised the customer."""

    promised_by = _name("promised_by")
    verdict = optional(Promise.Verdict)

    class Meta:
        model = Promise
        fields = ["id", "what", "to_whom", "promised_by", "due_on", "evidence", "verdict", "note", "judged_at"]
        read_only_fields = fields


class ReturnSerializer(serializers.ModelSerializer):
    """Why the receiver sent an item back."""

    class Meta:
        model = ItemReturn
        fields = ["reason", "note", "loop", "at"]
        read_only_fields = fields


class LineSerializer(serializers.Serializer):
    """One item of a running handoff."""

    key = serializers.CharField(source="item.key")
    name = serializers.CharField(source="item.name")
    section = serializers.CharField(source="item.section.key")
    evidence = serializers.ChoiceField(source="item.evidence", choices=HandoffItem.Evidence.choices)
    value = serializers.SerializerMethodField(
        "read_value",
        help_text="By kind of evidence: text, day, number as text, true or false, file name; of a person or a plan "
        "its number.",
    )
    file = serializers.IntegerField(
        source="answer.file_id",
        allow_null=True,
        default=None,
        help_text="Number of the file given, by which it is fetched; null where none is.",
    )
    source = serializers.SerializerMethodField(  # type: ignore[assignment]
        help_text="Which fact's source filled it in; empty: a person."
    )
    revision = serializers.IntegerField(help_text="To be named by the next save; 0 before the first.")
    is_done = serializers.BooleanField()
    blocks = serializers.BooleanField(help_text="Whether nobody hands over without it.")
    due_at = serializers.DateTimeField(allow_null=True)
    returned = ReturnSerializer(allow_null=True, help_text="Null where the receiver has nothing against it.")

    @extend_schema_field({"type": ["string", "integer", "boolean", "null"]})
    def read_value(self, line: Line) -> Any:
        value = given(line.item, line.answer)
        if line.item.evidence in (HandoffItem.Evidence.STAKEHOLDER, HandoffItem.Evidence.PLAN):
            return value.pk if value else None
        return value if value is None or isinstance(value, bool) else str(value)

    def get_source(self, line: Line) -> str:
        return line.answer.source if line.answer else ""


class HandoffDetailSerializer(HandoffSerializer):
    """A handoff with its checklist as it stands, and its promises."""

    fits_badly = serializers.BooleanField(
        source="found.is_bad_fit", help_text="Whether a leader has to sign the account off before anybody accepts it."
    )
    items = LineSerializer(source="found.lines", many=True)
    promises = PromiseSerializer(many=True, read_only=True)

    class Meta(HandoffSerializer.Meta):
        fields = [*HandoffSerializer.Meta.fields, "fits_badly", "items", "promises"]
        read_only_fields = fields

    def to_representation(self, handoff: Any) -> Any:
        handoff.found = checklist(handoff)  # read once for all that is shown of it
        return super().to_representation(handoff)


class HandoffDraft(Strict):
    """A handoff begun by hand."""

    account = KeyField(Account, help_text="Key of the account.")
    template = KeyField(HandoffTemplate, scoped=False, listed=True, help_text="Key of its checklist.")
    giver = PersonField(required=False, allow_null=True, help_text="Who hands over; left out: as the team says.")
    receiver = PersonField(required=False, allow_null=True, help_text="Who takes over; left out: as the team says.")


class ItemChange(Strict):
    """What is given for one item."""

    value = serializers.JSONField(
        allow_null=True,
        help_text="Text, a number, a day, true or false; the number of a stakeholder or their name, email and title; "
        "the number of a success plan, or “draft” to have one made from the template that fits; null takes it back.",
    )
    revision = serializers.IntegerField(min_value=0, max_value=10**9, help_text="The one that was read.")


class ReturnDraft(Strict):
    """One item to send back."""

    item = serializers.CharField(max_length=80, help_text="Key of the item.")
    reason = serializers.ChoiceField(choices=ItemReturn.Reason.choices)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class Returning(Strict):
    """What the receiver sends back."""

    items = serializers.ListField(child=ReturnDraft(), allow_empty=False, max_length=300)


class PromiseDraft(Strict):
    """One promise."""

    what = serializers.CharField(max_length=500)
    to_whom = serializers.CharField(max_length=200, required=False, allow_blank=True)
    promised_by = PersonField(required=False, allow_null=True, help_text="Username or e-mail address.")
    due_on = serializers.DateField(required=False, allow_null=True)
    evidence = serializers.CharField(max_length=1000, required=False, allow_blank=True, help_text="Where it stands.")


class PromiseChange(PromiseDraft):
    """What is changed of a promise; what is left out stays."""

    def get_fields(self) -> dict[str, Any]:
        """The same fields, none of them needed."""
        found = super().get_fields()
        for field in found.values():
            field.required = False
        return found


class Judgement(Strict):
    """Whether a promise can be kept."""

    promise = serializers.IntegerField(min_value=1, max_value=2**62, help_text="Number of the promise.")
    verdict = serializers.ChoiceField(choices=Promise.Verdict.choices)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, help_text="What stands in the way.")


class Pausing(Strict):
    """For whom one waits."""

    reason = serializers.ChoiceField(choices=Pause.Reason.choices)


class SigningOff(Strict):
    """Why we take a customer who fits badly."""

    note = serializers.CharField(max_length=500, help_text="Why we take this customer all the same.")


class CallingOff(Strict):
    """Why it is called off."""

    reason = serializers.CharField(max_length=250)
