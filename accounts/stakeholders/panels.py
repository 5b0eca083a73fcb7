"""People on the account page: our team, theirs, and who uses the product."""

from collections.abc import Iterable
from typing import Any

from accounts.portfolio.forms import AssignForm
from accounts.portfolio.models import Account, AccountMember
from accounts.portfolio.registry import Column, Headline, Panel, columns, headlines, panels
from accounts.stakeholders.models import ProductUser, Stakeholder
from accounts.team.models import User

USERS = 50


def people_of(account: Account, user: User) -> list[Stakeholder]:
    """Its stakeholders whom `user` may see, with roles and topics; read once for all panels of a page."""
    known: tuple[int, list[Stakeholder]] | None = getattr(account, "known_people", None)
    if known is None or known[0] != user.pk:
        rows = Stakeholder.objects.for_user(user).filter(account=account).prefetch_related("roles", "topics")
        known = user.pk, list(rows)
        account.known_people = known  # type: ignore[attr-defined]
    return known[1]


def _stakeholders(account: Account, user: User) -> dict[str, Any]:
    return {"people": people_of(account, user), "account": account, "may_edit": user.may_edit(Account.AREA)}


def _product_users(account: Account, user: User) -> dict[str, Any]:
    rows = ProductUser.objects.for_user(user).filter(account=account).select_related("source", "stakeholder")
    found = list(rows[: USERS + 1])
    _guess(account, found)
    return {"users": found[:USERS], "has_more": len(found) > USERS, "may_edit": user.may_edit(Account.AREA)}


def _guess(account: Account, users: list[ProductUser]) -> None:
    """Notes who each is whom nobody recognised, as far as their address tells: offered, never taken for granted."""
    people = Stakeholder.objects.filter(account=account).exclude(email="").order_by("-pk")
    called = {person.email.lower(): person for person in people}
    for user in users:
        user.probably = None if user.stakeholder_id else called.get(user.email.lower())  # type: ignore[attr-defined]


def _our_team(account: Account, user: User) -> dict[str, Any]:
    held = {member.part: member for member in account.members.select_related("user")}
    vacant = [label for part, label in AccountMember.Part.choices if part not in held]
    return {
        "held": [held[part] for part in AccountMember.Part.values if part in held],
        "vacant": vacant,
        "account": account,
        "form": AssignForm(user=user) if user.may_edit(Account.AREA) else None,
    }


def _csm_of(members: Iterable[AccountMember]) -> str:
    return next((str(member.user) for member in members if member.part == AccountMember.Part.CSM), "")


def _headline(account: Account, user: User) -> tuple[str, str]:
    return _csm_of(account.members.select_related("user")) or "nobody yet", ""


headlines.add("csm", Headline("CSM", _headline, order=50))
columns.add("csm", Column("CSM", lambda account, currency: _csm_of(account.members.all()) or "–", order=50))
panels.add("stakeholders", Panel("Stakeholders", "accounts/panels/stakeholders.html", _stakeholders, tab="people"))
panels.add("our team", Panel("Our team", "accounts/panels/our_team.html", _our_team, tab="people", order=55))
panels.add(
    "users", Panel("Product users", "accounts/panels/product_users.html", _product_users, tab="people", order=60)
)
