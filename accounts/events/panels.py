"""The timeline on the account page."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.http import urlencode

from accounts.events.forms import TimelineForm
from accounts.events.timeline import about, events_of, older_than, timeline, told, within
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.team.models import User

SHORT, PAGE = 8, 50


def _recent(account: Account, user: User) -> dict[str, Any]:
    return {"entries": timeline(account, user=user, limit=SHORT), "is_short": True}


def _whole(account: Account, user: User, asked: Mapping[str, str]) -> dict[str, Any]:
    """A page of the timeline, as the address asks for it."""
    rows = events_of(account, user)
    form = TimelineForm(asked or None, actors=_actors(rows))
    chosen = form.chosen()
    rows = _narrowed(rows, chosen)
    below = form.below()
    found = list((older_than(rows, below) if below else rows)[: PAGE + 1])
    filters = {name: str(value) for name, value in chosen.items() if name != "older"}
    older = filters | {"tab": "timeline", "older": str(found[PAGE - 1].pk)} if len(found) > PAGE else {}
    return {
        "entries": told(found[:PAGE]),
        "form": form,
        "is_filtered": bool(filters),
        "is_later": below is not None,
        "older": urlencode(older),
    }


def _narrowed(rows: QuerySet[Any], chosen: Mapping[str, Any]) -> QuerySet[Any]:
    if "group" in chosen:
        rows = about(rows, chosen["group"])
    if "actor" in chosen:
        rows = rows.filter(actor=chosen["actor"])
    return within(rows, chosen.get("first"), chosen.get("last"), timezone.get_current_timezone())


def _actors(rows: QuerySet[Any]) -> list[tuple[int, str]]:
    """Everybody of us who did something here, by name."""
    ids = rows.exclude(actor=None).order_by().values("actor").distinct()
    return [(user.pk, str(user)) for user in User.objects.filter(pk__in=ids)]


panels.add("recent", Panel("Lately", "accounts/panels/timeline.html", _recent, order=60))
panels.add("timeline", Panel("Timeline", "accounts/panels/timeline.html", _whole, tab="timeline", asks=True))
