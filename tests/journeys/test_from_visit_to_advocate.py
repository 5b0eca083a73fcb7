"""One customer, from the first look at our prices to a sponsor who is back: what the guides tell, day by day.

Everything comes through the doors that it comes through in life: signals over the fold, deals of a CRM, touches, a fact
over the API. What is checked is what people would see: the stages of both lifecycles, segments, and health.
"""

import datetime as dt
import json
from typing import Any

import pytest

from accounts.deals import services as deals
from accounts.deals.models import Deal
from accounts.facts.models import AccountFacts
from accounts.facts.services import set_custom
from accounts.identity import services as identity
from accounts.ingestion.fold import fold
from accounts.ingestion.services import accept
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.stakeholders import services as stakeholders
from accounts.stakeholders.models import Stakeholder
from accounts.touches import services as touches
from accounts.workspace import services as workspace
from accounts.workspace.models import Source
from retention.evaluation import fullpass
from retention.health.models import AccountHealth
from retention.lifecycle.models import AccountStage, StageChange
from retention.success_plans import starting, tasks
from retention.success_plans.models import SuccessPlan
from tests.retention.segments.book import catch_up, segment_of

pytestmark = pytest.mark.django_db
BEGAN = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
FEATURES = ["Dashboard Viewed", "Report Viewed", "Alert Created", "Campaign Launched"]
PEOPLE = {"ada": "admin", "ben": "marketer", "cem": "marketer", "dot": "analyst", "eve": "analyst", "fay": "lead"}


def day(number: float) -> dt.datetime:
    return BEGAN + dt.timedelta(days=number)


class Story:
    """Northwind as the machine hears of it."""

    def __init__(self, product: Source) -> None:
        self.product, self.sent = product, 0
        self.crm = workspace.connect_source(key="crm", kind="crm", by=None, at=day(-1))
        fitting = {
            "industry": "Retail",
            "employees": 300,
            "tech_stack": ["HubSpot"],
            "use_case": "marketing_automation",
        }
        self.account = portfolio.create(name="Northwind Traders", by=None, at=day(-1), region="Europe", **fitting)
        identity.link(self.account, source=product, value="acct-42", by=None, at=day(-1))

    def says(self, number: float, *items: dict[str, Any]) -> None:
        """The product and the site tell of these, on that day."""
        for item in items:
            self.sent += 1
            item |= {"timestamp": day(number).isoformat(), "messageId": f"m-{self.sent}"}
        accept(json.dumps({"batch": list(items)}).encode(), call="batch", source=self.product, at=day(number))
        while fold():
            pass

    def sees(self, number: float, path: str, **who: Any) -> None:
        self.says(number, {"type": "page", "properties": {"path": path}, **who})

    def uses(self, number: float, people: list[str], events: list[str]) -> None:
        """These people use these features."""
        at_work = {"context": {"groupId": "acct-42"}}
        traits = [{"type": "identify", "userId": one, "traits": {"role": PEOPLE[one]}, **at_work} for one in people]
        used = [{"type": "track", "userId": one, "event": event, **at_work} for one in people for event in events]
        self.says(number, *traits, *used)

    def stages(self, number: float) -> tuple[str | None, str | None]:
        """Where it stands at the end: go to market, and the customer's own journey."""
        catch_up(day(number))
        rows = AccountStage.objects.filter(account=self.account).select_related("stage", "lifecycle")
        found = {row.lifecycle.key: row.stage.key if row.stage else None for row in rows}
        return found.get("go_to_market"), found.get("customer_journey")

    def health(self) -> AccountHealth:
        return AccountHealth.objects.select_related("version__model").get(account=self.account)

    def passed(self, lifecycle: str) -> list[str]:
        """The stages it was in, in order."""
        rows = StageChange.objects.filter(account=self.account, lifecycle__key=lifecycle).order_by("id")
        return [row.to_stage.key if row.to_stage else "" for row in rows.select_related("to_stage")]


@pytest.fixture
def story(product: Source) -> Story:
    Source.objects.update(stale_after_hours=24 * 60)
    return Story(product)


def interest(story: Story) -> None:
    """Prices, silence, a comparison, and after two weeks the wish to see it."""
    story.says(0, {"type": "group", "userId": "ada", "groupId": "acct-42"})
    story.sees(0, "/pricing", userId="ada")
    assert story.stages(0) == ("qualified", "awareness")
    assert story.stages(9) == ("qualified", "awareness"), "silence says nothing"
    story.sees(10, "/compare/others", anonymousId="visitor-1")
    assert story.stages(10) == ("qualified", "awareness"), "nobody knows yet who that was"
    story.says(14, {"type": "track", "userId": "ada", "anonymousId": "visitor-1", "event": "Demo Requested"})
    assert story.stages(14) == ("qualified", "evaluation"), "the comparison is theirs, and so is the interest"
    assert AccountFacts.objects.get(account=story.account).competitor_research_at == day(10)


def purchase(story: Story) -> tuple[Stakeholder, SuccessPlan]:
    """A deal is opened and won, its contract signed and its plan started; the kickoff is held."""
    offer: dict[str, Any] = {"name": "First contract", "amount_minor": 2_400_000, "currency": "USD", "seats": 10}
    deal = deals.save(
        story.account, source=story.crm, external_id="d-1", by=None, at=day(15), starts_on=day(30).date(),
        term_months=12, **offer,
    )  # fmt: skip
    assert story.stages(15) == ("qualified", "evaluation")
    assert segment_of(story.account, "tenure", day(15)) == "pre_customer"
    won = deals.change(deal, state=Deal.State.WON, by=None, at=day(30))
    deals.accept(won.proposal, by=None, at=day(30))
    plan = starting.start_for(won, won_at=day(30), at=day(30))
    assert plan is not None
    assert story.stages(30) == ("closed_won", "purchase_onboarding")
    sponsor = stakeholders.add(story.account, name="Sam", roles=["executive_sponsor"], by=None, at=day(32))
    touches.log(
        story.account,
        kind="meeting",
        purpose="kickoff",
        stakeholders=[sponsor],
        happened_at=day(33),
        by=None,
        at=day(33),
    )
    return sponsor, plan


def set_up_and_stall(story: Story, plan: SuccessPlan) -> None:
    """The admin sets it up, what is due is done, and then nothing happens: the clock of the first value runs down."""
    story.uses(35, ["ada"], ["Workspace Activated"])
    set_custom(story.account, {"integration_status": "in_progress"}, source="crm", at=day(35))
    for task in plan.tasks.filter(due_on__lte=day(36)):
        tasks.finish(task, by=None, at=day(30))
    assert story.stages(36) == ("closed_won", "purchase_onboarding")
    began = story.health()
    assert (began.version and began.version.model.key, began.band) == ("onboarding", "green")
    assert story.stages(56) == ("closed_won", "purchase_onboarding")
    stalled = story.health()
    assert stalled.band == "red"
    assert stalled.score is not None
    assert began.score is not None
    assert stalled.score < began.score


def value_and_rise(story: Story) -> None:
    """A first campaign, then features, people and roles: after two weeks of that it is adopted."""
    set_custom(story.account, {"integration_status": "connected"}, source="crm", at=day(57))
    story.uses(57, ["ada"], ["Campaign Launched"])
    assert story.stages(57) == ("onboarded", "initial_value")
    assert segment_of(story.account, "adoption", day(57)) == "light"
    story.uses(60, list(PEOPLE), FEATURES)
    story.uses(61, list(PEOPLE), FEATURES)
    assert story.stages(61) == ("onboarded", "initial_value"), "not yet for two weeks"
    assert segment_of(story.account, "adoption", day(61)) == "regular"
    story.uses(70, list(PEOPLE), FEATURES)
    assert story.stages(74.9) == ("onboarded", "initial_value")
    assert story.stages(75.1) == ("adopted", "engagement_expansion")


def sponsor_back(story: Story, sponsor: Stakeholder) -> None:
    """The sponsor was silent for months; a review brings them back, and the score shows it."""
    for number in (85, 100, 101, 115, 125, 126):
        story.uses(number, list(PEOPLE), FEATURES)
        story.stages(number)
    quiet = story.health()
    review = touches.plan_review(story.account, planned_for=day(127), stakeholders=[sponsor], by=None, at=day(120))
    touches.hold_review(review, outcome="growth", held_at=day(127), by=None, at=day(127))
    assert story.stages(127) == ("adopted", "engagement_expansion")
    back = story.health()
    assert AccountFacts.objects.get(account=story.account).sponsor_last_engaged_at == day(127)
    assert quiet.score is not None
    assert back.score is not None
    assert back.score > quiet.score


def test_from_the_first_look_at_prices_to_a_sponsor_who_is_back(story: Story) -> None:
    interest(story)
    sponsor, plan = purchase(story)
    set_up_and_stall(story, plan)
    value_and_rise(story)
    sponsor_back(story, sponsor)
    assert story.passed("go_to_market") == ["qualified", "closed_won", "onboarded", "adopted"]
    assert story.passed("customer_journey") == [
        "awareness",
        "evaluation",
        "purchase_onboarding",
        "initial_value",
        "engagement_expansion",
    ]
    assert fullpass.run(at=day(127)).missed.total() == 0
    assert Account.objects.get() == story.account
