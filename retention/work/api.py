"""Work items on the REST API."""

from typing import Any, cast

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.team.filters import FlagFilter, InstantFilter
from accounts.team.models import User
from accounts.team.rest import Conflict, Listed, NumberedViewSet, PersonField, Strict
from retention.evaluation.rest import EvidenceSerializer, evidence
from retention.slas.clocks import NotPossible
from retention.slas.models import Pause
from retention.work import delegating, effort, mine, putting_off, queries, services, thread
from retention.work.models import WorkComment, WorkItem
from retention.work.registry import work_kinds

FIELDS = ["kind", "title", "guidance", "assignee", "due_at", "snoozed_until", "is_overdue", "is_waiting", "clock"]
TRAIL = ["state", "outcome", "note", "minutes", "created_at", "closed_at", "closed_by"]


class WorkItemSerializer(serializers.ModelSerializer):
    """Something a person must do for an account."""

    account = serializers.CharField(source="account.key", read_only=True)
    assignee = serializers.CharField(source="assignee.username", allow_null=True, read_only=True)
    closed_by = serializers.CharField(source="closed_by.username", allow_null=True, read_only=True)
    is_overdue = serializers.SerializerMethodField(help_text="Open past its due time.")

    is_waiting = serializers.BooleanField(read_only=True, help_text="Its clock stands still: others have to act first.")
    clock = serializers.IntegerField(
        source="clock_id", read_only=True, allow_null=True, help_text="Number of the clock by which it is due."
    )

    class Meta:
        model = WorkItem
        fields = ["id", "account", *FIELDS, *TRAIL]
        read_only_fields = fields

    def get_is_overdue(self, item: WorkItem) -> bool:
        return queries.is_overdue(item, at=now())


class ReasonSerializer(EvidenceSerializer):
    """Why a piece of work came: what raised it, and the comparisons that were true then."""

    title = serializers.CharField(help_text="What raised it, such as the name of a play.")
    version = serializers.CharField()
    at = serializers.DateTimeField()

    def get_attribute(self, item: WorkItem) -> dict[str, Any] | None:
        """The reason of an item, in this shape."""
        found = queries.reason(item)
        if found is None:
            return None
        return {"title": found.title, "version": found.version, "at": found.at} | evidence(found.clauses)


class CommentSerializer(serializers.ModelSerializer):
    """What one of us said about a piece of work."""

    author = serializers.CharField(source="author.username", allow_null=True, read_only=True)

    class Meta:
        model = WorkComment
        fields = ["id", "author", "text", "created_at"]
        read_only_fields = fields


class OutcomeSerializer(serializers.Serializer):
    """One outcome with which a piece of work can end."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    state = serializers.ChoiceField([("done", "Done"), ("dismissed", "Dismissed: needs a note")])


class WorkItemDetailSerializer(WorkItemSerializer):
    """A work item with its reason, and the outcomes it can end with."""

    comments = CommentSerializer(many=True, read_only=True, help_text="What was said about it, the first one first.")
    reason = ReasonSerializer(read_only=True, allow_null=True, help_text="Null where a person made the item.")
    outcomes = serializers.SerializerMethodField()

    class Meta(WorkItemSerializer.Meta):
        fields = [*WorkItemSerializer.Meta.fields, "reason", "outcomes", "comments"]
        read_only_fields = fields

    @extend_schema_field(OutcomeSerializer(many=True))
    def get_outcomes(self, item: WorkItem) -> Any:
        kind = work_kinds[item.kind]
        groups = {"done": kind.done, "dismissed": kind.dismissed}
        return [
            {"key": key, "label": label, "state": state}
            for state, outcomes in groups.items()
            for key, label in outcomes.items()
        ]


class Closing(Strict):
    """How a piece of work ended."""

    outcome = serializers.CharField(max_length=30, help_text="Key of one of the item's outcomes.")
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=10_000, help_text="What was found; needed to dismiss the item."
    )
    minutes = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=100_000, help_text="Minutes spent."
    )


class Reassigning(Strict):
    """Who takes over."""

    assignee = PersonField(allow_null=True, help_text="Username or e-mail address; null: whoever takes it.")


class Waiting(Strict):
    """Why a clock is to stand still."""

    reason = serializers.ChoiceField(choices=Pause.Reason.choices)


class Snoozing(Strict):
    """Until when work is out of sight."""

    until = serializers.DateTimeField(help_text="In the future, within 90 days.")


class Delegating(Strict):
    """Who does it instead."""

    to = PersonField(help_text="Username or e-mail address of a colleague who sees the account.")
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=thread.LONGEST, help_text="What they should know; a comment."
    )


class Commenting(Strict):
    """What to say about a piece of work."""

    text = serializers.CharField(max_length=thread.LONGEST, help_text="@username has somebody hear of it.")


class Minutes(Strict):
    """How long somebody worked on it."""

    minutes = serializers.IntegerField(min_value=1, max_value=effort.MOST_MINUTES)


class WorkItemFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    assignee = filters.CharFilter("assignee__username", label="Username.")
    unassigned = FlagFilter("assignee", lookup_expr="isnull", label="Whether nobody has it.")
    state = filters.ChoiceFilter(choices=WorkItem.State.choices, label="State of the item.")
    kind = filters.ChoiceFilter(choices=lambda: [(key, kind.label) for key, kind in work_kinds.items()], label="Kind.")
    view = filters.ChoiceFilter(
        choices=[(key, view.label) for key, view in mine.VIEWS.items()],
        method="of_view",
        label="Open work as the page My work shows it to the caller.",
    )
    due_before = InstantFilter("due_at", lookup_expr="lt", label="Due before this instant.")
    due_after = InstantFilter("due_at", lookup_expr="gt", label="Due after this instant.")

    def of_view(self, rows: Any, name: str, value: str) -> Any:
        """Narrows to a view of My work."""
        moment = mine.Moment(cast(User, self.request.user), now())
        return rows.filter(mine.VIEWS[value].rows(moment), state=WorkItem.State.OPEN)


CLOSE = OpenApiExample(
    "Spoke to the customer",
    request_only=True,
    value={"outcome": "next_step_agreed", "note": "Training on Thursday", "minutes": 25},
)


class WorkItemViewSet(Listed, NumberedViewSet):
    """Work for people, by due time."""

    area = Area.WORK
    queryset = WorkItem.objects.select_related("account", "assignee", "closed_by", "clock")
    filterset_class = WorkItemFilters
    order = "due_at"

    def get_serializer_class(self) -> type[WorkItemSerializer]:
        return WorkItemSerializer if self.action == "list" else WorkItemDetailSerializer

    @extend_schema(request=Closing, responses=WorkItemDetailSerializer, examples=[CLOSE])
    @action(detail=True, methods=["post"])
    def close(self, request: Request, id: str) -> Response:  # noqa: A002
        """Ends the item with an outcome; what waited for it goes on. 409 where it was closed before."""
        item, values = self.get_object(), self.body(Closing)
        return self._done(item, services.close, **values)

    @extend_schema(request=Reassigning, responses=WorkItemDetailSerializer)
    @action(detail=True, methods=["post"])
    def reassign(self, request: Request, id: str) -> Response:  # noqa: A002
        """Hands the item to somebody else. 409 where it was closed before."""
        item, values = self.get_object(), self.body(Reassigning)
        return self._done(item, services.reassign, to=values["assignee"])

    @extend_schema(request=Waiting, responses=WorkItemDetailSerializer)
    @action(detail=True, methods=["post"])
    def wait(self, request: Request, id: str) -> Response:  # noqa: A002
        """Lets the clock stand still because others have to act first. 409 where none runs."""
        item, values = self.get_object(), self.body(Waiting)
        return self._done(item, services.wait, **values)

    @extend_schema(request=None, responses=WorkItemDetailSerializer)
    @action(detail=True, methods=["post"], url_path="go-on")
    def go_on(self, request: Request, id: str) -> Response:  # noqa: A002
        """Lets the clock go on with the time that was left. 409 where it does not stand still."""
        return self._done(self.get_object(), services.go_on)

    @extend_schema(request=Snoozing, responses=WorkItemDetailSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, id: str) -> Response:  # noqa: A002
        """Puts the item out of sight until then. It stays due when it was due. 409 where it is closed."""
        item, values = self.get_object(), self.body(Snoozing)
        return self._done(item, putting_off.snooze, **values)

    @extend_schema(request=None, responses=WorkItemDetailSerializer)
    @action(detail=True, methods=["post"])
    def wake(self, request: Request, id: str) -> Response:  # noqa: A002
        """Brings the item back into sight. 409 where it is closed."""
        return self._done(self.get_object(), putting_off.wake)

    @extend_schema(request=Delegating, responses=WorkItemDetailSerializer)
    @action(detail=True, methods=["post"])
    def delegate(self, request: Request, id: str) -> Response:  # noqa: A002
        """Hands the item to a colleague who sees its account; the clock goes on. 409 where it is closed."""
        item, values = self.get_object(), self.body(Delegating)
        return self._done(item, delegating.delegate, **values)

    @extend_schema(request=Minutes, responses=WorkItemDetailSerializer)
    @action(detail=True, methods=["post"])
    def minutes(self, request: Request, id: str) -> Response:  # noqa: A002
        """Adds minutes that the caller spent on it, open or closed."""
        item, values = self.get_object(), self.body(Minutes)
        effort.spend(item, by=self.caller, at=now(), **values)
        return self.answer(item)

    @extend_schema(request=Commenting, responses=WorkItemDetailSerializer)
    @action(detail=True, methods=["post"])
    def comment(self, request: Request, id: str) -> Response:  # noqa: A002
        """Adds to what was said about it. Whoever has it, who spoke and who is named as @username hears of it."""
        item, values = self.get_object(), self.body(Commenting)
        thread.comment(item, by=self.caller, at=now(), **values)
        return self.answer(item)

    def _done(self, item: WorkItem, verb: Any, **values: Any) -> Response:
        try:
            return self.answer(verb(item, by=self.caller, at=now(), **values))
        except (services.AlreadyClosed, NotPossible) as refused:
            raise Conflict(" ".join(refused.messages)) from None


ROUTES = {"work-items": WorkItemViewSet}
