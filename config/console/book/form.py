"""What of the book somebody wants to see, and in which order."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from accounts.facts.models import AccountFacts
from accounts.foundation import money
from accounts.foundation.scope import Area, Reach
from accounts.portfolio.models import AccountMember
from accounts.portfolio.queries import account_ids_within, listed
from accounts.team.models import User
from accounts.team.queries import colleagues
from accounts.touches.models import Pulse
from accounts.touches.queries import with_latest_contact
from accounts.workspace.queries import base_currency, today
from retention.health.models import Band
from retention.segments.models import AccountSegment
from retention.segments.queries import current_segments

WHOSE: dict[str, str] = {Reach.OWN: "Mine", Reach.TEAM: "My team's", Reach.ALL: "All I may see"}
RENEWALS = [("30", "Within 30 days"), ("60", "Within 60 days"), ("120", "Within 120 days"), ("over", "Over already")]
QUIET = [("14", "For 14 days"), ("30", "For 30 days"), ("60", "For 60 days"), ("90", "For 90 days")]
STEPS = [("overdue", "Overdue"), ("missing", "None is set"), ("set", "Is set")]
UNSET = "unset"
WORST_FIRST = Case(
    *(When(latest_pulse=value, then=Value(rank)) for rank, value in enumerate(("red", "amber", "green"))),
    default=Value(3),
    output_field=IntegerField(),
)
SORTS: dict[str, Any] = {
    "name": F("name"),
    "health": F("health__score"),
    "stage": F("facts__stage"),
    "arr": F("facts__arr_minor"),
    "trend": F("facts__active_users_change_30d"),
    "renewal": F("facts__contract_end_date"),
    "decision": F("facts__decision_date"),
    "contact": F("last_contact"),
    "step": F("step_due_on"),
    "pulse": WORST_FIRST,
}
"""Column → what the rows are sorted by; unknown values come last either way."""
SORTING = [
    ("", "Name"),
    ("health", "Health, worst first"),
    ("-arr", "ARR, largest first"),
    ("trend", "Trend, steepest fall first"),
    ("renewal", "Contract end, soonest first"),
    ("decision", "Decision, soonest first"),
    ("contact", "Contact, longest ago first"),
    ("step", "Next step, most urgent first"),
    ("pulse", "Pulse, worst first"),
    ("stage", "Stage"),
]
"""The orders that people ask for, also where the screen is too narrow for columns to click."""


class BookForm(forms.Form):
    """The filters above the book; whatever makes no sense is said beside it and narrows nothing."""

    q = forms.CharField(required=False, max_length=100, label="Name", widget=forms.TextInput(attrs={"type": "search"}))
    whose = forms.ChoiceField(required=False, label="Accounts")
    owner = forms.ChoiceField(required=False, label="CSM")
    stage = forms.ChoiceField(required=False)
    segment = forms.MultipleChoiceField(required=False, label="Segments", widget=forms.CheckboxSelectMultiple)
    health = forms.ChoiceField(choices=[("", "Any"), *Band.choices], required=False)
    renewal = forms.ChoiceField(choices=[("", "Any time"), *RENEWALS], required=False, label="Contract ends")
    pulse = forms.ChoiceField(choices=[("", "Any"), *Pulse.Value.choices, (UNSET, "Nobody has set it")], required=False)
    quiet = forms.ChoiceField(choices=[("", "Any"), *QUIET], required=False, label="No contact")
    step = forms.ChoiceField(choices=[("", "Any"), *STEPS], required=False, label="Next step")
    arr_from = forms.DecimalField(required=False, min_value=0, max_value=10**12, label="ARR from")
    arr_to = forms.DecimalField(required=False, min_value=0, max_value=10**12, label="ARR to")
    sort = forms.ChoiceField(required=False, label="Sort by")

    def __init__(self, asked: Any, *, user: User) -> None:
        super().__init__(asked)
        self.user = user
        self.reaches = _reaches(user)
        self.fields["whose"].choices = [(one, WHOSE[one]) for one in self.reaches]  # type: ignore[attr-defined]
        people = [(str(one.pk), str(one)) for one in colleagues(user)]
        self.fields["owner"].choices = [("", "Anybody"), ("nobody", "Nobody"), *people]  # type: ignore[attr-defined]
        self.fields["segment"].choices = _segments()  # type: ignore[attr-defined]
        self.fields["stage"].choices = [("", "Any"), *_stages(user)]  # type: ignore[attr-defined]
        self.fields["sort"].choices = _sorting(asked.get("sort", ""))  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """The filters that are set."""
        self.is_valid()
        found = getattr(self, "cleaned_data", {})
        return {name: value for name, value in found.items() if name != "sort" and value not in (None, "", [])}

    def rows(self, *, sort: str, at: dt.datetime) -> QuerySet[Any]:
        """The accounts that are asked for, in order."""
        chosen = self.chosen()
        rows: Any = listed().for_user(self.user)  # type: ignore[attr-defined]
        whose = chosen.pop("whose", next(iter(self.reaches), ""))
        if whose and whose != Reach.ALL:
            rows = rows.filter(pk__in=account_ids_within(self.user, whose))
        rows = with_latest_contact(rows)
        for name, value in chosen.items():
            rows = rows.filter(_condition(name, value, at))
        return rows.order_by(*_order(sort))


def _reaches(user: User) -> list[str]:
    """How far the book may go for `user`, farthest first: that is what it shows unless asked."""
    reach = user.reach(Area.ACCOUNTS)
    order = list(Reach)
    return [one.value for one in reversed(order[: order.index(Reach(reach)) + 1])] if reach else []


def _stages(user: User) -> list[tuple[str, str]]:
    rows = AccountFacts.objects.for_user(user).exclude(stage=None).order_by("stage")
    keys = filter(None, rows.values_list("stage", flat=True).distinct())
    return [(key, key.replace("_", " ").capitalize()) for key in keys]


def _sorting(sort: str) -> list[tuple[str, str]]:
    """The orders to choose from, with the one that a column has set."""
    is_other = sort.removeprefix("-") in SORTS and sort not in dict(SORTING)
    return [*SORTING, (sort, "As the columns say")] if is_other else SORTING


def _segments() -> list[tuple[str, list[tuple[str, str]]]]:
    """The segments of each dimension, in its group."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in current_segments():
        dimension = one.version.dimension
        found.setdefault(dimension.name, []).append((f"{dimension.key}:{one.key}", one.name))
    return list(found.items())


def _in_segments(chosen: list[str]) -> Q:
    """Of one dimension any of the segments, of each dimension one."""
    by_dimension: dict[str, list[str]] = {}
    for dimension, _, segment in (one.partition(":") for one in chosen):
        by_dimension.setdefault(dimension, []).append(segment)
    found = Q()
    for dimension, segments in by_dimension.items():
        rows = AccountSegment.objects.filter(dimension__key=dimension, segment__key__in=segments)
        found &= Q(pk__in=rows.values("account"))
    return found


def _condition(name: str, value: Any, at: dt.datetime) -> Q:
    """One filter as a condition on accounts."""
    if name == "q":
        return Q(name__icontains=value)
    if name == "owner":
        csm = AccountMember.objects.filter(part=AccountMember.Part.CSM)
        if value == "nobody":
            return ~Q(pk__in=csm.values("account"))
        return Q(pk__in=csm.filter(user=value).values("account"))
    if name == "segment":
        return _in_segments(value)
    if name == "health":
        return Q(health__band=value)
    if name == "stage":
        return Q(facts__stage=value)
    if name == "pulse":
        return Q(latest_pulse=None) if value == UNSET else Q(latest_pulse=value)
    if name in ("arr_from", "arr_to"):
        return Q(**{f"facts__arr_minor__{'gte' if name == 'arr_from' else 'lte'}": _minor(value)})
    return _in_time(name, value, at)


def _in_time(name: str, value: str, at: dt.datetime) -> Q:
    day = today(at)
    if name == "quiet":
        return Q(last_contact=None) | Q(last_contact__lt=at - dt.timedelta(days=int(value)))
    if name == "step":
        is_set = Q(step_set_at__isnull=False)
        return {"overdue": Q(step_due_on__lt=day), "missing": ~is_set, "set": is_set}[value]
    if value == "over":
        return Q(facts__contract_end_date__lt=day)
    return Q(facts__contract_end_date__range=(day, day + dt.timedelta(days=int(value))))


def _minor(amount: Decimal) -> int:
    return money.nearest_minor(amount, base_currency())


def _order(sort: str) -> list[Any]:
    """The order that `sort` names, such as `arr` or `-arr`; by name where it names none."""
    name = sort.removeprefix("-")
    if name not in SORTS:
        return ["name", "pk"]
    by = SORTS[name].desc(nulls_last=True) if sort.startswith("-") else SORTS[name].asc(nulls_last=True)
    return [by, "name", "pk"]
