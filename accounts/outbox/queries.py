"""What was sent, would have been sent, waits, or came to nothing."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.outbox.gates import kept_by
from accounts.outbox.models import Delivery, WebhookEndpoint
from accounts.outbox.registry import purposes, transports
from accounts.team.models import User

State, Outcome = Delivery.State, Delivery.Outcome

STATUSES: dict[str, tuple[str, Q]] = {
    "waiting": ("Waiting", Q(state=State.DUE)),
    "sent": ("Sent", Q(state=State.DONE, outcome=Outcome.SENT)),
    "previewed": ("Would have been sent", Q(state=State.DONE, outcome=Outcome.PREVIEWED)),
    "refused": ("Not sent", Q(state=State.DONE, outcome=Outcome.REFUSED)),
    "unknown": ("Unknown whether it arrived", Q(state=State.DEAD, outcome=Outcome.UNKNOWN)),
    "late": ("Waited too long", Q(state=State.DEAD, outcome=Outcome.LATE)),
    "failed": ("Failed", Q(state=State.DEAD, outcome__in=(Outcome.FAILED, Outcome.WAITING))),
    "left": ("Left unsent", Q(state=State.DISCARDED)),
}
"""Status → its words, and the deliveries that have it."""
PLANNED = 1_000
EXAMPLES = 5


def status(delivery: Delivery) -> str:
    """Where a delivery stands, as one of STATUSES."""
    if delivery.state == State.DUE:
        return "waiting"
    if delivery.state == State.DISCARDED:
        return "left"
    if delivery.state == State.DEAD and delivery.outcome == Outcome.WAITING:
        return "failed"
    return delivery.outcome


@dataclass(frozen=True)
class Line:
    """One delivery as a sentence: what, to whom, about whom, and what became of it."""

    delivery: Delivery
    what: str
    subject: str
    status: str
    status_label: str
    because: str
    purpose: str


def line(delivery: Delivery) -> Line:
    """A delivery as it is told."""
    name = status(delivery)
    purpose = purposes.get(delivery.purpose)
    return Line(
        delivery,
        transports[delivery.channel].label if delivery.channel in transports else delivery.channel,
        delivery.body.subject if hasattr(delivery, "body") else "",
        name,
        STATUSES[name][0],
        because(delivery, name),
        purpose.label if purpose else delivery.purpose,
    )


def because(delivery: Delivery, name: str) -> str:
    """Why a delivery stands where it does; empty where there is nothing to say."""
    if name == "waiting" and delivery.error and not delivery.reason:
        tried = "once" if delivery.tries == 1 else f"{delivery.tries} times"
        return f"Tried {tried}. {plain(delivery.error)}"
    if name in ("unknown", "late", "failed"):
        return plain(delivery.error)
    return delivery.receipt if name == "sent" else delivery.reason


def plain(error: str) -> str:
    """The words of an error, without the name it has in the code."""
    return error.partition(": ")[2] or error


def deliveries(user: User) -> QuerySet[Any]:
    """What `user` may see of what was sent, newest first, with what a line tells."""
    rows = Delivery.objects.for_user(user).select_related("account", "user", "stakeholder", "endpoint", "body")
    return rows.order_by("-created_at", "-id")


def about_person(text: str) -> Q:
    """Deliveries whose recipient's name or address holds `text`."""
    found = Q(endpoint__name__icontains=text)
    for name in ("user__first_name", "user__last_name", "user__username", "user__email"):
        found |= Q(**{f"{name}__icontains": text})
    return found | Q(stakeholder__name__icontains=text) | Q(stakeholder__email__icontains=text)


def notifications(user: User) -> QuerySet[Any]:
    """What `user` is told in the console, newest first."""
    rows = Delivery.objects.filter(user=user, channel="in_app", outcome=Outcome.SENT)
    return rows.select_related("body", "account").order_by("-created_at", "-id")


def unread(user: User) -> int:
    """How much of it is new; more than 99 is as good as 99."""
    return len(notifications(user).filter(read_at=None).order_by().values_list("pk")[:99])


@dataclass
class Plan:
    """What an outbound mode would do with what waits now."""

    waiting: int = 0
    go: Counter[str] = field(default_factory=Counter)
    """Label of a channel → how many would be sent."""
    stay: Counter[str] = field(default_factory=Counter)
    """Reason → how many would be kept."""
    examples: list[Line] = field(default_factory=list)
    """Some of those that would be sent."""

    @property
    def sums(self) -> list[tuple[int, str]]:
        """What would be sent and what kept, in words. (A template reads `items` of a Counter as one of its keys.)"""
        sent = [(count, f"would be sent: {channel}") for channel, count in self.go.items()]
        return sent + [(count, f"would be kept. {reason}") for reason, count in self.stay.items()]


def plan(mode: str, allowed: list[str], *, at: dt.datetime) -> Plan:
    """What would become of the next deliveries that wait, were the installation in `mode`."""
    rows = Delivery.objects.filter(state=State.DUE, next_attempt_at__lte=at + dt.timedelta(days=1))
    rows = rows.select_related("account", "user", "stakeholder", "endpoint", "body").order_by("next_attempt_at")
    found = Plan(waiting=rows.count())
    for delivery in rows[:PLANNED]:
        if verdict := kept_by(mode, allowed, delivery):
            found.stay[verdict.reason] += 1
            continue
        found.go[transports[delivery.channel].label] += 1
        if len(found.examples) < EXAMPLES:
            found.examples.append(line(delivery))
    return found


def endpoints_with_counts(*, since: dt.datetime) -> list[tuple[WebhookEndpoint, Counter[str]]]:
    """Every endpoint with what became of its deliveries since an instant, by status."""
    counts: dict[int, Counter[str]] = {}
    rows = Delivery.objects.filter(endpoint__isnull=False, created_at__gte=since).order_by()
    for endpoint, state, outcome, count in rows.values_list("endpoint", "state", "outcome").annotate(Count("pk")):
        counts.setdefault(endpoint, Counter())[status(Delivery(state=state, outcome=outcome))] += count
    return [(one, counts.get(one.pk, Counter())) for one in WebhookEndpoint.objects.order_by("name")]
