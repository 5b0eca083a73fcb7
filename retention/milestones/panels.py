"""Milestones on the account page, and saying by hand that one was reached."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.portfolio.models import Account
from accounts.portfolio.quick import carry_out, posted, refused, row_of, saved
from accounts.portfolio.registry import Page, Panel, pages, panels
from accounts.team.models import User
from retention.milestones import services
from retention.milestones.forms import ReachForm
from retention.milestones.models import AccountMilestone
from retention.milestones.queries import stands_of
from retention.milestones.standing import WORDS, Status

TONES = {Status.REACHED: "good", Status.MISSED: "bad", Status.PENDING: "", Status.NOT_TRACKED: "warn"}


def _milestones(account: Account, user: User) -> dict[str, Any]:
    stands = stands_of(account, at=now())
    return {
        "rows": [(one, WORDS[one.status], TONES[one.status], _is_late(one)) for one in stands],
        "account": account,
        "may_edit": user.may_edit(Account.AREA),
    }


def _is_late(one: Any) -> bool:
    return bool(one.reached_at and one.due_on and one.reached_at.date() > one.due_on)


def reach_page(page: Any, request: HttpRequest, account: Account) -> HttpResponse:
    """Says that the account reached a milestone, with what shows it."""

    def reach(**values: Any) -> tuple[Account, str]:
        row = services.reach(account, by=reader(request), at=now(), **values)
        return account, f"{account.name} has reached {row.milestone}."

    open_ones = [one.milestone.pk for one in stands_of(account, at=now()) if one.status is not Status.REACHED]
    form = ReachForm(posted(request), open_ones=open_ones)
    return carry_out(request, form, reach, title=f"Milestone reached by {account.name}", button="Set as reached")


def take_back_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes back what somebody said by hand."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    row = row_of(request, AccountMilestone, pk)
    try:
        services.take_back(row, by=reader(request), at=now())
    except ValidationError as error:
        return refused(request, row.account, error)
    return saved(request, row.account, f"{row.milestone} is not reached after all.")


panels.add("milestones", Panel("Milestones", "retention/panels/milestones.html", _milestones, order=30))
pages.add("reach-milestone", Page("Milestone reached…", reach_page))
