"""The timeline tells every kind of event as a sentence, to those who may see the account."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.events.timeline import timeline
from accounts.portfolio.events import kinds
from tests.factories.accounts import AT, AccountEventFactory, AccountFactory, AccountMemberFactory, UserFactory
from tests.factories.retention import CLAUSE

pytestmark = pytest.mark.django_db
AMELIA, BRUNO, GONE = 9_001, 9_002, 9_003
DEAL = {"name": "Seats for Berlin", "type": "expansion", "amount": 1_200_000, "currency": "USD"}
HANDED = {"name": "Sales to CS", "loops": 0}
TICKET = {"ticket": "4711", "severity": 2}

TOLD = {
    "office_hours.planned": ({"title": "Ask us"}, "Office hours planned: Ask us"),
    "office_hours.changed": ({"title": "Ask us"}, "Office hours changed: Ask us"),
    "office_hours.ended": ({"title": "Ask us"}, "Office hours ended: Ask us"),
    "plan.started": ({"name": "First year"}, "Success plan started: First year"),
    "plan.drafted": ({"name": "First year"}, "Success plan drafted: First year"),
    "plan.reviewed": ({"name": "First year"}, "Success plan reviewed: First year"),
    "plan.held": ({"name": "First year"}, "Success plan on hold: First year"),
    "plan.resumed": ({"name": "First year"}, "Success plan goes on: First year"),
    "plan.completed": ({"name": "First year"}, "Success plan completed: First year"),
    "plan.objective_added": ({"goal": "A live campaign"}, "Objective added: A live campaign"),
    "plan.objective_changed": ({"goal": "A live campaign"}, "Objective changed: A live campaign"),
    "plan.objective_closed": ({"goal": "A live campaign"}, "Objective reached: A live campaign"),
    "plan.objective_reopened": ({"goal": "A live campaign"}, "Objective opened again: A live campaign"),
    "plan.objective_dropped": ({"goal": "A live campaign"}, "Objective dropped: A live campaign"),
    "plan.goal_missed": ({"goal": "Ten users"}, "Goal of use fell short: Ten users"),
    "plan.goal_reached": ({"goal": "Ten users"}, "Goal of use reached: Ten users"),
    "plan.task_finished": (
        {"title": "Invite your admin", "state": "done", "stakeholder": 7},
        "Invite your admin: done by the customer",
    ),
    "plan.task_reopened": ({"title": "Invite your admin"}, "Task of the plan opened again: Invite your admin"),
    "plan.win_added": ({"title": "Faster"}, "Win: Faster"),
    "plan.win_changed": ({"title": "Faster"}, "Win changed: Faster"),
    "plan.shared": ({"name": "First year"}, "Success plan shared: First year"),
    "plan.link_revoked": ({"name": "First year"}, "Link to the success plan revoked: First year"),
    "plan.seen": ({"name": "First year"}, "The customer opened the success plan: First year"),
    "account.created": ({}, "Account created"),
    "account.changed": ({"fields": ["industry"]}, "Profile changed"),
    "account.moved": ({"from": "northwind", "to": "contoso"}, "Moved below contoso"),
    "account.assigned": ({"part": "csm", "user": AMELIA, "before": BRUNO}, "Amelia Tester became CSM"),
    "stakeholder.added": ({}, "Stakeholder added"),
    "person.erased": ({}, "A person's data was erased on request"),
    "identity.linked": (
        {"source": "product", "source_name": "Web app", "value": "acct-42"},
        "Known to Web app as acct-42",
    ),
    "identity.unlinked": ({"source": "product", "value": "acct-42"}, "No longer known to product as acct-42"),
    "contract.signed": ({"arr": 4_800_000, "currency": "USD"}, "Contract signed, $48,000 a year"),
    "contract.cancelled": ({"until": "2027-03-31"}, "Notice given, runs until 2027-03-31"),
    "contract.changed": (
        {"changed": {"billing_status": "on_hold", "usage_target": "5000.0000", "sow": None}},
        "Contract changed: billing on hold, statement of work none, usage target 5,000",
    ),
    "contract.corrected": (
        {"from": 48_000_000, "to": 4_800_000, "currency": "USD", "reason": "A zero too many"},
        "Contract amount corrected from $480,000 to $48,000 a year: A zero too many",
    ),
    "invoice.payment_failed": (
        {"number": "2026-7", "amount": 400_000, "currency": "USD"},
        "Payment of invoice 2026-7 over $4,000 failed",
    ),
    "invoice.paid": (
        {"number": "2026-7", "amount": 400_000, "currency": "USD"},
        "Paid after a failed payment: invoice 2026-7 over $4,000",
    ),
    "deal.opened": (DEAL, "Deal “Seats for Berlin” (expansion, $12,000) opened"),
    "deal.committed": (DEAL, "Deal “Seats for Berlin” (expansion, $12,000) committed"),
    "deal.won": (DEAL | {"amount": None}, "Deal “Seats for Berlin” (expansion) won"),
    "deal.won_again": (DEAL, "Deal “Seats for Berlin” (expansion, $12,000) won again"),
    "deal.lost": (DEAL | {"reason": "Budget cut"}, "Deal “Seats for Berlin” (expansion, $12,000) lost: Budget cut"),
    "deal.reopened": (DEAL, "Deal “Seats for Berlin” (expansion, $12,000) reopened"),
    "deal.proposal_declined": (DEAL, "No contract follows from the deal “Seats for Berlin”"),
    "ticket.opened": (TICKET, "Ticket 4711 opened, severity 2"),
    "ticket.reopened": (TICKET, "Ticket 4711 reopened, severity 2"),
    "ticket.solved": (TICKET, "Ticket 4711 solved"),
    "ticket.severity_raised": (TICKET, "Ticket 4711 raised to severity 2"),
    "touch.logged": ({"kind": "call", "purpose": "check_in", "direction": "outbound"}, "Call: check-in"),
    "touch.changed": (
        {"kind": "email", "purpose": "support", "direction": "inbound"},
        "E-mail from them: support (corrected)",
    ),
    "touch.removed": ({"kind": "note", "purpose": "check_in", "direction": "outbound"}, "Note (taken back)"),
    "review.planned": ({"kind": "business", "for": "2026-05-12"}, "Business review planned for 12 May 2026"),
    "review.held": ({"kind": "executive", "outcome": "at_risk"}, "Executive review held: at risk"),
    "review.cancelled": ({"kind": "business"}, "Business review cancelled"),
    "pulse.set": ({"value": "amber", "was": "green"}, "Pulse set to Watch (was Good)"),
    "pulse.withdrawn": ({}, "Pulse taken back"),
    "next_step.set": ({"due": "2026-05-12"}, "Next step set, due 12 May 2026"),
    "next_step.done": ({}, "Next step done"),
    "next_step.withdrawn": ({}, "Next step taken back"),
    "survey.answered": ({"kind": "nps", "score": 4}, "NPS answer 4 of 10"),
    "survey.loop_closed": ({"kind": "csat", "score": 2}, "Loop closed on CSAT answer 2 of 5"),
    "signals.started": ({"source": "Product"}, "First signal from Product"),
    "account.merged": (
        {"name": "Northwind Ltd", "old": "northwind-ltd"},
        "Northwind Ltd turned out to be the same account",
    ),
    "milestone.reached": ({"milestone": "First value"}, "Reached First value"),
    "milestone.taken_back": ({"milestone": "First value"}, "First value is not reached after all"),
    "risk.tier_changed": (
        {"from": "Low", "to": "High", "points": 5},
        "Renewal risk went from low to high, at 5 points",
    ),
    "risk.raised": ({"category": "Relationship"}, "Risk raised: relationship"),
    "risk.changed": ({}, "Risk: plan changed"),
    "risk.reviewed": ({}, "Risk reviewed"),
    "risk.closed": ({"outcome": "Resolved"}, "Risk closed: resolved"),
    "visits.attached": (
        {"visits": 14, "from": "2026-03-01", "to": "2026-03-09", "intents": ["Pricing", "Security"]},
        "14 earlier visits attached, from 1 March 2026 to 9 March 2026 (pages: Pricing, Security)",
    ),
    "delivery.sent": ({"channel": "email"}, "E-mail sent"),
    "delivery.refused": ({"channel": "email", "reason": "unsubscribed"}, "E-mail not sent: unsubscribed"),
    "delivery.unknown": ({"channel": "email"}, "E-mail: unknown whether it arrived"),
    "delivery.failed": ({"channel": "email"}, "E-mail could not be sent"),
    "segment.changed": (
        {"dimension": "Adoption", "from": "Light", "to": "Regular"},
        "Adoption changed from Light to Regular",
    ),
    "health.changed": ({"from": "Green", "to": "Red", "score": 41.5}, "Health went from green to red, at 41.5 of 100"),
    "health.overridden": ({"band": "Red", "until": "2026-01-30"}, "Health set to red by hand until 30 Jan 2026"),
    "health.override_ended": ({}, "Health is computed again"),
    "stage.changed": ({"from": "Adopted", "to": "Renewal"}, "Stage changed from Adopted to Renewal"),
    "handoff.drafted": (HANDED, "Handoff Sales to CS drafted"),
    "handoff.started": (HANDED, "Handoff Sales to CS begun"),
    "handoff.gate_missed": (HANDED | {"items": 2}, "Deal won while 2 items due at commit were missing"),
    "handoff.submitted": (HANDED, "Handoff Sales to CS submitted"),
    "handoff.returned": (HANDED | {"items": 1}, "Handoff Sales to CS returned with 1 item to mend"),
    "handoff.accepted": (HANDED, "Handoff Sales to CS accepted"),
    "handoff.cancelled": (HANDED | {"reason": "the deal is lost"}, "Handoff Sales to CS called off: the deal is lost"),
    "handoff.held": (HANDED, "Handoff Sales to CS stands still: the deal is open again"),
    "handoff.fit_signed": (HANDED, "Bad fit signed off by a leader"),
    "handoff.promise_judged": ({"verdict": "needs_product"}, "Promise judged: needs product"),
    "clock.paused": ({"reason": "customer"}, "Clock stands still: waiting for the customer"),
    "clock.resumed": ({}, "Clock goes on"),
    "clock.breached": ({}, "Clock ran out"),
    "work.opened": ({"title": "Call them", "kind": "task", "user": AMELIA}, "Call them (for Amelia Tester)"),
    "work.closed": (
        {"title": "Call them", "kind": "task", "outcome": "next_step_agreed"},
        "Call them: Spoke, next step agreed",
    ),
    "work.reassigned": ({"title": "Call them", "user": BRUNO}, "Call them handed to Bruno Tester"),
    "step.given_up": (
        {"play": "Usage drop", "step": "call"},
        "Play Usage drop waits: its step call could not be carried out",
    ),
    "run.started": (
        {"play": "Usage drop", "clauses": [CLAUSE]},
        "Play Usage drop started: Active users 2 (is below 3)",
    ),
    "run.ended": ({"play": "Usage drop"}, "Play Usage drop ended"),
}
"""Kind → data of an event, and the sentence. A new kind of event adds its line."""


@pytest.fixture
def boss():
    return UserFactory(is_superuser=True, username="boss")


@pytest.fixture
def people():
    UserFactory(pk=AMELIA, first_name="Amelia")
    UserFactory(pk=BRUNO, first_name="Bruno")


def test_every_registered_kind_is_listed_here():
    assert set(kinds) == set(TOLD)


@pytest.mark.parametrize("kind", TOLD)
def test_tells_as_a_sentence(kind, boss, people):
    data, sentence = TOLD[kind]
    event = AccountEventFactory(kind=kind, data=data)
    [entry] = timeline(event.account, user=boss)
    assert entry.sentence == sentence
    assert entry.icon
    assert (entry.kind, entry.at) == (kind, AT)


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        ("account.assigned", {"part": "csm", "user": None, "before": AMELIA}, "CSM became vacant"),
        ("account.assigned", {"part": "csm", "user": GONE, "before": None}, "CSM became vacant"),
        ("work.opened", {"title": "Call them", "kind": "task", "user": None}, "Call them (for nobody yet)"),
        ("work.reassigned", {"title": "Call them", "user": None}, "Call them handed to nobody"),
        (
            "visits.attached",
            {"visits": 1, "from": "2026-03-01", "to": "2026-03-01"},
            "1 earlier visit attached, on 1 March 2026",
        ),
        ("health.changed", {"from": "", "to": "Amber", "score": 60.0}, "Health is amber, at 60 of 100"),
        (
            "health.changed",
            {"from": "Red", "to": "", "score": None},
            "No health model applies; health was red",
        ),
        ("stage.changed", {"from": "", "to": "Adopted"}, "Entered stage Adopted"),
        ("stage.changed", {"from": "Adopted", "to": ""}, "Left stage Adopted"),
    ],
)
def test_tells_of_what_is_missing(kind, data, sentence, boss, people):
    event = AccountEventFactory(kind=kind, data=data)
    assert timeline(event.account, user=boss)[0].sentence == sentence


def test_stands_in_order_newest_first_and_names_who_did_it(boss):
    account, amelia = AccountFactory(), UserFactory(first_name="Amelia")
    AccountEventFactory(account=account, at=AT, actor=amelia)
    AccountEventFactory(account=account, at=AT + dt.timedelta(hours=1), kind="account.changed")
    AccountEventFactory(account=account, at=AT - dt.timedelta(hours=1), kind="stakeholder.added")
    told = [(entry.kind, entry.actor) for entry in timeline(account, user=boss)]
    assert told == [("account.changed", ""), ("account.created", "Amelia Tester"), ("stakeholder.added", "")]


def test_shows_the_newest_up_to_a_limit(boss):
    account = AccountFactory()
    for hour in range(5):
        AccountEventFactory(account=account, at=AT + dt.timedelta(hours=hour))
    assert [entry.at.hour for entry in timeline(account, user=boss, limit=2)] == [14, 13]


def test_shows_nothing_to_who_may_not_see_the_account(boss):
    event = AccountEventFactory()
    assert timeline(event.account, user=UserFactory()) == []
    assert len(timeline(event.account, user=boss)) == 1


def test_costs_the_same_for_many_events_as_for_few(boss, people):
    def cost(times: int) -> int:
        account = AccountFactory()
        for _ in range(times):
            for kind, (data, _) in TOLD.items():
                AccountEventFactory(account=account, kind=kind, data=data, actor=boss)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(timeline(account, user=boss, limit=1_000)) == times * len(TOLD)
        return len(queries)

    cost(1)  # whatever is kept for a minute is asked for now
    assert cost(10) == cost(1) <= 3


def test_a_member_of_the_account_team_sees_it(starter, amelia, carla):
    event = AccountEventFactory()
    AccountMemberFactory(account=event.account, user=amelia)
    assert len(timeline(event.account, user=amelia)) == 1
    assert timeline(event.account, user=carla) == []
