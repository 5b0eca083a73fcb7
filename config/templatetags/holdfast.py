"""How times and money look in every template."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.foundation import money
from accounts.foundation.scope import Area
from accounts.outbox import queries
from accounts.workspace.queries import base_currency
from retention.slas.business_time import in_words

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86_400


@register.filter
def moment(value: dt.datetime | None) -> SafeString | str:
    """An instant relative to now, exact (in the reader's zone) on hover: 3 hours ago, in 2 days."""
    if value is None:
        return "never"
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        f"{local:%a %d %b %Y, %H:%M} ({local.tzname()})",
        relative(value, now=timezone.now()),
    )


def relative(value: dt.datetime, *, now: dt.datetime) -> str:
    """`value` seen from `now`, in the largest unit that fits."""
    seconds = (value - now).total_seconds()
    amount = _amount(abs(seconds))
    if not amount:
        return "just now"
    return f"in {amount}" if seconds > 0 else f"{amount} ago"


def _amount(seconds: float) -> str:
    for size, name in ((365 * DAY, "year"), (30 * DAY, "month"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        count = int(seconds // size)
        if count:
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return ""


@register.filter
def duration(value: str) -> str:
    """A duration as templates hold it, in words: `1 bd` reads 1 business day. Empty where there is none."""
    return in_words(value) if value else ""


@register.filter
def signed(value: float | None) -> str:
    """A change with its sign: +2.5, −3, 0; a dash where nobody can tell."""
    if value is None:
        return "–"
    return "0" if not value else f"{value:+g}".replace("-", "−")


SPARK_WIDTH, SPARK_HEIGHT = 64, 16


@register.filter
def sparkline(values: Sequence[int]) -> SafeString:
    """Numbers as a small line, the oldest at the left; its words are for whoever cannot see it."""
    highest, step = max(values) or 1, SPARK_WIDTH / max(len(values) - 1, 1)
    points = " ".join(
        f"{n * step:.0f},{SPARK_HEIGHT - 1 - v * (SPARK_HEIGHT - 2) / highest:.1f}" for n, v in enumerate(values)
    )
    words = f"Most users of a day, week by week: {', '.join(map(str, values))}"
    return format_html(
        '<svg class="hf-spark" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img" aria-label="{2}">'
        '<title>{2}</title><polyline points="{3}"/></svg>',
        SPARK_WIDTH,
        SPARK_HEIGHT,
        words,
        points,
    )


@register.filter
def due(value: dt.datetime) -> SafeString:
    """When something is due, as one says it: today 15:00, tomorrow 10:00, Mon 24 Nov 13:00; how far off on hover."""
    local, today = timezone.localtime(value), timezone.localtime().date()
    days = (local.date() - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(days)
    text = f"{near or format_day(local)} {local:%H:%M}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), relative(value, now=timezone.now()), text
    )


def format_day(local: dt.datetime) -> str:
    """A day of this year without the year: Mon 24 Nov."""
    year = "" if local.year == timezone.localtime().year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year}"


@register.filter
def days_off(value: dt.date | None) -> str:
    """How far off a date is: today, in 12 days, 3 months ago."""
    if value is None:
        return "–"
    days = (value - timezone.localtime().date()).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(days)
    amount = _amount(abs(days) * DAY)
    return near or (f"in {amount}" if days > 0 else f"{amount} ago")


@register.filter
def may_log(user: Any) -> bool:
    """Whether this user may log touches: whoever may change what we know of accounts."""
    return bool(user and user.is_authenticated and user.may_edit(Area.ACCOUNTS))


@register.filter
def unread(user: Any) -> int:
    """How many notifications this user has not read."""
    return queries.unread(user) if user and user.is_authenticated else 0


@register.simple_tag(takes_context=True)
def history_link(context: Any) -> str:
    """Where the history of the one thing that this page shows is read; empty elsewhere, and for who may not read it."""
    request = context.get("request")
    here = getattr(request, "resolver_match", None)
    if here is None or not here.kwargs.get("object_id") or not str(here.url_name).endswith("_change"):
        return ""
    if not request.user.is_authenticated or request.user.reach(Area.AUDIT) is None:
        return ""
    about = here.url_name.removesuffix("_change").partition("_")[2]
    if about == "auditentry":
        return ""
    query = urlencode({"about": about, "object": here.kwargs["object_id"]})
    return f"{reverse('admin:accounts_auditentry_changelist')}?{query}"


@register.filter
def day(value: dt.date | None) -> str:
    """A date as 12 Nov 2026."""
    return f"{value:%d %b %Y}".removeprefix("0") if value else "–"


@register.filter
def amount(minor: int | None, currency: str = "") -> str:
    """Minor units as money, in the base currency where none is named."""
    return "–" if minor is None else money.shown(minor, currency or base_currency())
