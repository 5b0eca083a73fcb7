"""A customer to hand over: Sal sells, Amelia takes over, and what makes a checklist complete."""

from typing import Any

from django.core.files.base import ContentFile

from accounts.deals import services as deals
from accounts.deals.models import Deal
from accounts.events import services as events
from accounts.foundation.clock import now
from accounts.outbox.models import Delivery
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.stakeholders import services as stakeholders
from config import pipeline
from retention.fit.services import Criterion, IdealDraft, define
from retention.handoffs import services
from retention.handoffs.checklist import Evidence, checklist
from retention.handoffs.models import Handoff

CLOCK: dict[str, Any] = {"by": None}


def won(account: Account, seller: Any, **values: Any) -> Deal:
    """A won deal of type new, after everything that follows from it."""
    given = {"name": "First contract", "type": "new", "state": "won", "owner": seller, "amount_minor": 4_800_000}
    deal = deals.enter(account, by=None, at=now(), **(given | values))
    events.react()
    return deal


def of(deal: Deal) -> Handoff:
    """The handoff of a deal, as it stands."""
    return Handoff.objects.get(deal=deal)


def item(handoff: Handoff, key: str) -> Any:
    return handoff.version.items.get(key=key)


def answered(handoff: Handoff, key: str, value: Any, *, by: Any = None) -> Any:
    """Saves an item as somebody does who has just read it."""
    line = checklist(handoff).line(key)
    assert line is not None
    return services.save(handoff, line.item, value, revision=line.revision, by=by, at=now())


def fits_badly(handoff: Handoff) -> None:
    """The account becomes one that is too small for the ideal customer."""
    large = {"fact": "employees", "operator": "greaterThan", "value": 50}
    define(IdealDraft([Criterion("size", "Not too small", 100, large)]), by=None, at=now())
    portfolio.change(handoff.account, by=None, at=now(), employees=3)
    pipeline.run()


def subjects(user: Any) -> list[str]:
    """What somebody was told, the first first."""
    told = Delivery.objects.filter(user=user, channel="in_app").order_by("pk")
    return [one.body.subject for one in told.select_related("body")]


def completed(handoff: Handoff, *, by: Any = None) -> Handoff:
    """Everything that blocks gets its evidence."""
    person = handoff.account.stakeholders.first()
    person = person or stakeholders.add(handoff.account, name="Lena Ortiz", by=None, at=now())
    values = {
        Evidence.TEXT: "As agreed in writing",
        Evidence.FACT: "As agreed in writing",
        Evidence.NUMBER: "250",
        Evidence.DATE: "2027-02-01",
        Evidence.LINK: "https://example.com/plan",
        Evidence.STAKEHOLDER: person,
        Evidence.YES_NO: True,
        Evidence.PROMISES: True,
    }
    for line in checklist(handoff).open:
        plan = handoff.account.success_plans.first()
        if line.item.evidence == Evidence.PLAN and plan is None:
            services.draft_plan(handoff, line.item, revision=line.revision, by=by, at=now())
            continue
        values[Evidence.PLAN] = plan
        value = values.get(Evidence(line.item.evidence)) or ContentFile(b"signed", name="sow.pdf")
        services.save(handoff, line.item, value, revision=line.revision, by=by, at=now())
    return Handoff.objects.get(pk=handoff.pk)
