"""How we kept in touch with one account of the demo book: touches, reviews, a next step, a pulse, survey answers."""

import datetime as dt
from random import Random
from typing import TYPE_CHECKING

from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.team.models import User
from accounts.touches import services as touches
from accounts.touches.models import BusinessReview, NextStep, Pulse, Touch
from config.demo.dice import dice

if TYPE_CHECKING:
    from config.demo.desk import Customer, Office

DAY = dt.timedelta(days=1)
SAID = {
    Touch.Purpose.CHECK_IN: [
        "Reports are used in the Monday meeting. They ask for a weekly export.",
        "Two new people started; both need an introduction to the dashboards.",
        "Busy with their own planning until the end of the month. All fine with the product.",
        "They compare us with a spreadsheet that finance still keeps. Worth a session with finance.",
    ],
    Touch.Purpose.TRAINING: [
        "Showed alerts and saved views to the team. Recording is with their admin.",
        "Trained six people; the questions were about permissions.",
    ],
    Touch.Purpose.SUPPORT: ["Import of old data failed twice. Support found the cause, they are going again tomorrow."],
    Touch.Purpose.RENEWAL: ["They want the same terms for two years, and ask what a longer one is worth."],
}
WORRIED = [
    "Half of the team has stopped, and nobody could say why. They want a call with their head first.",
    "They look at an alternative. Price comes up, and that new people were never trained.",
    "Their own project took the team away. They promise to come back to it next quarter.",
    "The new head asks what they pay for. We owe them numbers.",
]
STEPS = [
    "Send the summary of the quarter",
    "Introduce finance to the cost report",
    "Agree on a date for the training",
    "Ask the sponsor about next year's plan",
    "Show the new alerts to the admins",
    "Send the renewal proposal",
]
REASONS = {
    Pulse.Value.GREEN: ["Weekly use by every team, and they ask for more.", "The sponsor is happy with the numbers."],
    Pulse.Value.AMBER: ["Our champion is busy elsewhere.", "Only one team uses it so far."],
    Pulse.Value.RED: ["The budget is being cut.", "Nobody answers since the new head started."],
}
COMMENTS = {True: "Takes too long to get an answer.", False: "Saves us a day a week."}


def keep_in_touch(
    account: Account, *, csm: User, since: dt.datetime, moment: dt.datetime, number: int, is_unhappy: bool
) -> None:
    """What `csm` logged about a customer since it is one. Has dice of its own: the rest of the book stays as it is."""
    rng = dice(number, "contact")
    _touches(account, csm, since=since, moment=moment, rng=rng, is_unhappy=is_unhappy)
    _reviews(account, csm, since=since, moment=moment, rng=rng, is_unhappy=is_unhappy)
    at = moment - rng.randint(1, 25) * DAY
    if rng.random() < 0.8:
        due = (moment + rng.randint(-6, 25) * DAY).date()
        touches.set_next_step(account, text=rng.choice(STEPS), due_on=due, by=csm, at=at)
    if rng.random() < 0.7:
        _judge(account, csm, rng=rng, at=at, is_unhappy=is_unhappy)
    _answers(account, moment=moment, rng=rng, is_unhappy=is_unhappy)


def _judge(account: Account, csm: User, *, rng: Random, at: dt.datetime, is_unhappy: bool) -> None:
    value = rng.choices(list(Pulse.Value), weights=(0, 3, 2) if is_unhappy else (6, 3, 0))[0]
    touches.set_pulse(account, value=value, reason=rng.choice(REASONS[value]), by=csm, at=at)


def _touches(
    account: Account, csm: User, *, since: dt.datetime, moment: dt.datetime, rng: Random, is_unhappy: bool
) -> None:
    """A kick-off, and the contact by which each of their people was last engaged."""
    kickoff = since + 6 * DAY
    if kickoff < moment:
        touches.log(account, kind="meeting", purpose="kickoff", happened_at=kickoff, minutes=60, by=csm, at=kickoff)
    for person in Stakeholder.objects.filter(account=account, last_engaged_at__range=(since, moment)):
        _talk_with(account, csm, person, at=person.last_engaged_at or moment, rng=rng, is_unhappy=is_unhappy)


def _talk_with(
    account: Account, csm: User, person: Stakeholder, *, at: dt.datetime, rng: Random, is_unhappy: bool
) -> None:
    purpose = Touch.Purpose.CHECK_IN if is_unhappy else rng.choices(list(SAID), weights=(6, 2, 1, 1))[0]
    touches.log(
        account,
        kind=rng.choice(("call", "call", "meeting", "email")),
        purpose=purpose,
        is_two_way=True,
        stakeholders=[person],
        happened_at=at,
        minutes=rng.choice((10, 15, 20, 30, 45)),
        text=rng.choice(WORRIED if is_unhappy else SAID[purpose]),
        by=csm,
        at=at,
    )


def _reviews(
    account: Account, csm: User, *, since: dt.datetime, moment: dt.datetime, rng: Random, is_unhappy: bool
) -> None:
    held_at = moment - rng.randint(40, 150) * DAY
    if since + 60 * DAY < held_at:
        review = touches.plan_review(account, planned_for=held_at, by=csm, at=held_at - 20 * DAY)
        outcome = _outcome(rng, is_unhappy=is_unhappy)
        touches.hold_review(review, outcome=outcome, minutes=60, by=csm, at=held_at)
    if rng.random() < 0.4:
        soon = moment + rng.randint(5, 60) * DAY
        touches.plan_review(account, planned_for=soon, by=csm, at=moment - 3 * DAY)


def _outcome(rng: Random, *, is_unhappy: bool) -> str:
    return rng.choices(list(BusinessReview.Outcome), weights=(0, 2, 3) if is_unhappy else (4, 5, 0))[0]


def _score(rng: Random, *, is_unhappy: bool) -> int:
    return rng.choice((2, 4, 5, 6, 7) if is_unhappy else (6, 7, 8, 8, 9, 9, 10))


def _answers(account: Account, *, moment: dt.datetime, rng: Random, is_unhappy: bool) -> None:
    if rng.random() < 0.5:
        score, at = _score(rng, is_unhappy=is_unhappy), moment - rng.randint(3, 80) * DAY
        touches.record_survey(account, kind="nps", score=score, comment=COMMENTS[score <= 6], by=None, at=at)


TALKS, ANSWERS = 0.08, 0.006
"""How likely a CSM is to talk with a customer on a day, and a customer to answer a survey."""
FORGOTTEN = 2 * DAY
"""So long after its day, a next step is done and the next one set."""
RETHINKS = 80 * DAY


def work(office: "Office") -> None:
    """One day of our CSMs: what they log, complete and plan, each for their own accounts."""
    for one in office.customers:
        if one.csm:
            _talk(one, one.csm, office)
            _step_on(one, one.csm, office)
            _hold_reviews(one, one.csm, office)


def _talk(one: "Customer", csm: User, office: "Office") -> None:
    rng = office.dice("talks", one.number)
    people = list(Stakeholder.objects.filter(account=one.account, left_at=None).order_by("pk"))
    if people and office.today.weekday() < 5 and rng.random() < TALKS:
        _talk_with(
            one.account,
            csm,
            rng.choice(people),
            at=office.at - dt.timedelta(minutes=rng.randint(20, 90)),
            rng=rng,
            is_unhappy=one.is_unhappy,
        )
    if rng.random() < ANSWERS:
        score = _score(rng, is_unhappy=one.is_unhappy)
        touches.record_survey(one.account, kind="nps", score=score, comment=COMMENTS[score <= 6], by=None, at=office.at)


def _step_on(one: "Customer", csm: User, office: "Office") -> None:
    """Nothing stays undone for long, and no judgement goes stale."""
    rng = office.dice("steps", one.number)
    step = NextStep.objects.filter(account=one.account, state=NextStep.State.OPEN).first()
    if step and step.due_on and step.due_on + FORGOTTEN < office.today:
        touches.complete_next_step(step, by=csm, at=office.at)
        due = office.today + rng.randint(5, 25) * DAY
        others = [text for text in STEPS if text != step.text]
        touches.set_next_step(one.account, text=rng.choice(others), due_on=due, by=csm, at=office.at)
    pulse = Pulse.objects.filter(account=one.account, withdrawn_at=None).order_by("-set_at").first()
    if pulse and pulse.set_at + RETHINKS < office.at:
        _judge(one.account, csm, rng=rng, at=office.at, is_unhappy=one.is_unhappy)


def _hold_reviews(one: "Customer", csm: User, office: "Office") -> None:
    planned = BusinessReview.objects.filter(account=one.account, state="planned", planned_for__lte=office.at)
    for review in planned.order_by("pk"):
        rng = office.dice("review", one.number)
        outcome = _outcome(rng, is_unhappy=one.is_unhappy)
        touches.hold_review(review, outcome=outcome, minutes=60, by=csm, at=office.at)
        touches.plan_review(one.account, planned_for=office.at + 90 * DAY, by=csm, at=office.at)
