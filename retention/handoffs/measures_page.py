"""The page of the onboarding measures, and the handoffs behind each of its figures."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.foundation.many import among
from retention.handoffs import measures
from retention.handoffs.measures import CHOICES, PERIODS, USUAL, Group, Pace
from retention.handoffs.models import Handoff, ItemReturn
from retention.health.drawing import TREND_HEIGHT, TREND_WIDTH, steps

BETWEEN = "~"
"""Between the parts of what names a figure in an address."""
REASONS = dict(ItemReturn.Reason.choices)
SPANS = (
    ("Won to accepted handoff", "accepted", "accepted", "not_accepted"),
    ("Won to onboarded", "onboarded", "onboarded", "not_onboarded"),
    ("Won to first value", "first_value", "first_value", "no_first_value"),
)
"""Words, the field of a group, and the figures of who is done and who is not."""


@dataclass(frozen=True)
class Chart:
    """How one span of time goes: its figures, its line, and the handoffs behind them."""

    words: str
    pace: Pace
    points: str
    until: float
    done_url: str
    open_url: str


@dataclass(frozen=True)
class Row:
    """One group with the address of what each of its figures counts."""

    group: Group
    urls: dict[str, str]


class Measured(admin.SimpleListFilter):
    """The handoffs behind one figure of the page of measures; not offered but by its links."""

    title = "measure"
    parameter_name = "measure"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        said = request.GET.get(self.parameter_name, "")
        if (named := _named(said)) is None:
            return []
        days, _, what, group = named
        words = CHOICES[what][0] if what in CHOICES else f"Returned: {REASONS[what].lower()}"
        return [(said, ", ".join([words, *([group] if group else []), f"{PERIODS[days].lower()}"]))]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        if (named := _named(self.value() or "")) is None:
            return queryset
        days, by, what, group = named
        pks = measures.counted(reader(request), days=days, grouping=by, group=group, what=what, at=now())
        return queryset.filter(pk__in=among(pks))


def _named(said: str) -> tuple[int, str, str, str | None] | None:
    """Period, grouping, figure and group that an address names; None where it names none."""
    parts = said.split(BETWEEN, 3)
    if len(parts) < 3 or parts[0] not in map(str, PERIODS) or parts[2] not in CHOICES.keys() | REASONS.keys():
        return None
    return int(parts[0]), parts[1], parts[2], parts[3] if len(parts) > 3 else None


def asked(said: Any) -> tuple[int, str]:
    """The period and the grouping that `said`, the parameters of a request, asks for; the usual ones where none."""
    days, by = said.get("days", ""), said.get("by", "")
    return (int(days) if days in map(str, PERIODS) else USUAL), by if by in measures.groupings() else ""


def page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """All measures of the chosen period, in total and by group."""
    at, user = now(), reader(request)
    days, by = asked(request.GET)
    found = measures.cases(user, days=days, grouping=by, at=at)
    total = measures.whole(measures.ALL, found, at=at)
    reasons = [(REASONS[one.reason], one.count, _url(days, by, one.reason)) for one in total.reasons]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Onboarding measures",
        "periods": PERIODS.items(),
        "days": days,
        "groupings": measures.groupings().items(),
        "by": by,
        "total": Row(total, _urls(days, by)),
        "rows": [Row(one, _urls(days, by, one.name)) for one in measures.measured(found, at=at)] if by else [],
        "charts": [_chart(total, *span, days=days, by=by) for span in SPANS],
        "width": TREND_WIDTH,
        "height": TREND_HEIGHT,
        "reasons": reasons,
        "most": max((count for _, count, _ in reasons), default=1),
    }
    return render(request, "retention/handoff/measures.html", context)


def _chart(total: Group, words: str, name: str, done: str, still_open: str, *, days: int, by: str) -> Chart:
    pace: Pace = getattr(total, name)
    until = max((when for when, _ in pace.curve), default=0.0)
    points = steps(pace.curve, until=until) if pace.curve else ""
    return Chart(words, pace, points, until, _url(days, by, done), _url(days, by, still_open))


def _urls(days: int, by: str, group: str | None = None) -> dict[str, str]:
    return {what: _url(days, by, what, group) for what in CHOICES}


def _url(days: int, by: str, what: str, group: str | None = None) -> str:
    parts = [str(days), by, what, *([] if group is None else [group])]
    address = reverse(f"admin:{Handoff._meta.app_label}_{Handoff._meta.model_name}_changelist")
    return f"{address}?{urlencode({Measured.parameter_name: BETWEEN.join(parts)})}"
