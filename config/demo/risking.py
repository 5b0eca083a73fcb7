"""Risks that people raised about their accounts: open ones with a next step, and one that came true."""

import datetime as dt
from typing import Any

from accounts.portfolio.models import Account
from config.demo.handing import DAY, HOUR, Desk
from retention.risks import services as risks
from retention.work import effort

OPEN: tuple[tuple[str, str, str, str, str, str], ...] = (
    (
        "Cascadia Trail Outfitters",
        "maya",
        "relationship",
        "Nobody has taken over from our champion",
        "She left in the autumn; her deputy has never signed in.",
        "Ask their sponsor who answers for it now",
    ),
    (
        "Brightwater Health Network",
        "maya",
        "adoption",
        "Two clinics went back to spreadsheets",
        "New people were never trained.",
        "Train the two clinic leads",
    ),
    (
        "Marigold Catering",
        "ethan",
        "product",
        "They wait for the export to their till system",
        "Promised for this quarter, not there yet.",
        "Tell them the date that product gave us",
    ),
)
"""Account, owner, category, title, cause, next step."""
CAME_TRUE = "Pinecrest Mutual Credit Union"
LESSON = "The new head was never shown what it saves. Ask for a review within a month of any change at the top."


def tell(desk: Desk) -> None:
    """Raised over the last two weeks; somebody has spent time on each."""
    for number, (name, owner, category, title, cause, step) in enumerate(OPEN):
        account = Account.objects.select_related("facts").get(name=name)
        at = desk.ago(3 + 4 * number, hour=16)
        risk = risks.raise_risk(
            account,
            category=category,
            title=title,
            cause=cause,
            arr_minor=getattr(getattr(account, "facts", None), "arr_minor", None),
            next_step=step,
            next_step_on=_soon(desk, number),
            owner=desk[owner],
            by=desk[owner],
            at=at,
        )
        if risk.work_item:
            effort.spend(risk.work_item, minutes=15 + 20 * number, by=desk[owner], at=at + 2 * HOUR)
    _came_true(desk)


def _soon(desk: Desk, number: int) -> dt.date:
    return (desk.now + (1 + 2 * number) * DAY).date()


def _came_true(desk: Desk) -> None:
    raised_at, account = desk.ago(30), Account.objects.get(name=CAME_TRUE)
    said: dict[str, Any] = {"category": "commercial", "title": "A new head asks what they pay for"}
    step: dict[str, Any] = {"next_step": "Show the saving", "next_step_on": raised_at.date() + 7 * DAY}
    risk = risks.raise_risk(account, **said, **step, owner=desk["maya"], by=desk["maya"], at=raised_at)
    risks.close(risk, outcome="came_true", lesson=LESSON, by=desk["maya"], at=desk.ago(14))
