"""How the timeline and my work speak of handoffs."""

from collections.abc import Mapping

from django.urls import reverse

from accounts.portfolio.events import EventKind, Group, kinds
from accounts.portfolio.models import AccountEvent
from retention.handoffs.models import Handoff, Promise
from retention.handoffs.services.turns import KIND
from retention.work.models import WorkItem
from retention.work.registry import WorkKind, work_kinds

VERDICTS = dict(Promise.Verdict.choices)


def _page(item: WorkItem) -> str:
    handoff = Handoff.objects.filter(work=item).values_list("pk", flat=True).first()
    return reverse("admin:retention_handoff_change", args=[handoff]) if handoff else ""


work_kinds.add(
    KIND,
    WorkKind(
        label="Handoff",
        done={"submitted": "Submitted", "accepted": "Accepted", "returned": "Returned with reasons"},
        dismissed={"called_off": "Called off", "held": "The deal is open again"},
        action="Open",
        page=_page,
    ),
)


def _kind(words: str, icon: str) -> EventKind:
    return EventKind(lambda event, people: words.format(**event.data), icon, changes_facts=True, group=Group.LIFECYCLE)


def _many(event: AccountEvent) -> str:
    return f"{event.data['items']} item{'' if event.data['items'] == 1 else 's'}"


def _returned(event: AccountEvent, people: Mapping[int, str]) -> str:
    return f"Handoff {event.data['name']} returned with {_many(event)} to mend"


def _missed(event: AccountEvent, people: Mapping[int, str]) -> str:
    return f"Deal won while {_many(event)} due at commit {'was' if event.data['items'] == 1 else 'were'} missing"


kinds.add("handoff.drafted", _kind("Handoff {name} drafted", "edit_note"))
kinds.add("handoff.started", _kind("Handoff {name} begun", "swap_horizontal_circle"))
kinds.add("handoff.submitted", _kind("Handoff {name} submitted", "outbox"))
kinds.add("handoff.returned", EventKind(_returned, "undo", changes_facts=True, group=Group.LIFECYCLE))
kinds.add("handoff.accepted", _kind("Handoff {name} accepted", "handshake"))
kinds.add("handoff.cancelled", _kind("Handoff {name} called off: {reason}", "cancel"))
kinds.add("handoff.held", _kind("Handoff {name} stands still: the deal is open again", "pause_circle"))
kinds.add("handoff.fit_signed", _kind("Bad fit signed off by a leader", "verified"))
kinds.add("handoff.gate_missed", EventKind(_missed, "report", group=Group.LIFECYCLE))
kinds.add(
    "handoff.promise_judged",
    EventKind(
        lambda event, people: f"Promise judged: {VERDICTS[event.data['verdict']].lower()}",
        "fact_check",
        group=Group.LIFECYCLE,
    ),
)
