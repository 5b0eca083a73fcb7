"""The invented company's own people: two teams that share no account, and whoever works beside them."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from accounts.foundation.keys import keyed_hash
from accounts.team import services as team
from accounts.team.models import Role, Team, User
from config.demo.companies import AMERICAS, INTERNATIONAL

COMPANY = "Larkspur Cloud"
DOMAIN = "larkspur.example"
CURRENCY = "USD"
TIME_ZONE = "America/New_York"
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody mistakes for one another."""


@dataclass(frozen=True)
class Colleague:
    """One of our people. `signs_in_as` is what the table of sign-ins calls them; empty: they have no password."""

    username: str
    name: str
    role: str
    zone: str
    team: str = ""
    leads: bool = False
    signs_in_as: str = ""


COLLEAGUES = (
    Colleague("maya", "Maya Okafor", "csm", "America/New_York", AMERICAS, signs_in_as="CSM"),
    Colleague("ethan", "Ethan Park", "csm", "America/Los_Angeles", AMERICAS),
    Colleague("camila", "Camila Duarte", "csm", "America/Sao_Paulo", AMERICAS),
    Colleague("naomi", "Naomi Brandt", "cs_manager", "America/Chicago", AMERICAS, leads=True, signs_in_as="CS manager"),
    Colleague("amelie", "Amélie Fournier", "csm", "Europe/Paris", INTERNATIONAL, signs_in_as="CSM, other team"),
    Colleague("yuto", "Yuto Nakamura", "csm", "Asia/Tokyo", INTERNATIONAL),
    Colleague("henrik", "Henrik Lindqvist", "cs_manager", "Europe/Stockholm", INTERNATIONAL, leads=True),
    Colleague("liam", "Liam O'Connell", "ae", "America/New_York", signs_in_as="Account executive"),
    Colleague("sofia", "Sofia Marchetti", "ae", "Europe/Rome"),
    Colleague("robert", "Robert Achterberg", "leader", "America/New_York", signs_in_as="Leader"),
    Colleague("tomasz", "Tomasz Zielinski", "support", "Europe/Warsaw", signs_in_as="Support"),
    Colleague("grace", "Grace Mbeki", "content_author", "Africa/Johannesburg", signs_in_as="Content author"),
    Colleague("devika", "Devika Rao", "operator", "Europe/London", signs_in_as="Operator"),
    Colleague("ines", "Inés Calderón", "administrator", "America/New_York", signs_in_as="Administrator"),
)


def password(username: str) -> str:
    """The password that `username` was given: this installation's own, and on no disk."""
    digest = keyed_hash(f"demo sign-in {username}")
    letters = [ALPHABET[int(digest[place : place + 4], 16) % len(ALPHABET)] for place in range(0, 48, 4)]
    return "-".join("".join(letters[start : start + 4]) for start in (0, 4, 8))


class Office:
    """Our people once they are hired, and whose turn it is to take an account."""

    def __init__(self, people: dict[str, User]) -> None:
        self.people = people
        self.operator = people["devika"]
        self.executives = {AMERICAS: people["liam"], INTERNATIONAL: people["sofia"]}
        self._turns: dict[str, Iterator[User]] = {name: cycle(self._csms(name)) for name in (AMERICAS, INTERNATIONAL)}

    def _csms(self, team_name: str) -> list[User]:
        return [self.people[one.username] for one in COLLEAGUES if one.role == "csm" and one.team == team_name]

    def csm(self, username: str | None, *, team_name: str) -> User | None:
        """The CSM called `username`; None: whose turn it is in the team; empty: nobody."""
        if username is None:
            return next(self._turns[team_name])
        return self.people[username] if username else None


def hire(*, at: dt.datetime) -> Office:
    """Everybody, in their teams and with their roles."""
    teams = {name: team.form_team(name=name, by=None, at=at) for name in (AMERICAS, INTERNATIONAL)}
    roles = {role.key: role for role in Role.objects.all()}
    people = {one.username: _hired(one, roles[one.role], teams.get(one.team), at=at) for one in COLLEAGUES}
    for one in COLLEAGUES:
        if one.leads:
            team.lead_team(teams[one.team], manager=people[one.username], by=None, at=at)
    return Office(people)


def _hired(one: Colleague, role: Role, group: Team | None, *, at: dt.datetime) -> User:
    given, _, family = one.name.partition(" ")
    return team.add_user(
        username=one.username,
        email=f"{one.username}@{DOMAIN}",
        first_name=given,
        last_name=family,
        role=role,
        team=group,
        by=None,
        at=at,
        password=password(one.username) if one.signs_in_as else None,
        time_zone=one.zone,
    )


def sign_ins() -> str:
    """Who can sign in with which password, one role a line."""
    here = set(User.objects.filter(is_active=True).values_list("username", flat=True))
    who = [(one.signs_in_as, one.username, password(one.username)) for one in COLLEAGUES if one.signs_in_as]
    rows = [("Role", "User name", "Password"), *(row for row in who if row[1] in here)]
    widths = [max(len(row[place]) for row in rows) for place in (0, 1)]
    return "\n".join(f"{role:<{widths[0]}}   {name:<{widths[1]}}   {secret}" for role, name, secret in rows)
