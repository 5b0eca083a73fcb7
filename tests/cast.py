"""A small cast with fixed parts, and the operating model they work under.

`amelia` owns the account, `bruno` leads her team, `carla` is on another team and must see nothing of it.
"""

import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts.foundation.clock import now
from accounts.identity import services as identity
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team import keys
from accounts.team import services as team
from accounts.team.models import Role, Team, User
from accounts.workspace import services as workspace
from accounts.workspace.models import Source, Workspace
from config import pipeline
from plays.definitions.models import Play
from plays.definitions.services import activate
from plays.playbook.services import import_folder
from tests.once import once

STARTER = Path(settings.STATIC_ROOT).parent.parent / "plays" / "playbook" / "starter"


def import_starter() -> None:
    once("starter", lambda: import_folder(STARTER, by=None, at=now()))


@pytest.fixture
def starter(db: Any) -> Workspace:
    """The starter playbook, imported through its files, and the workspace row."""
    import_starter()
    return workspace.found(company="Anchor Analytics", by=None, at=now())


def person(username: str, *, role: str, group: Team | None) -> User:
    return team.add_user(
        username=username,
        email=f"{username}@anchor.example",
        first_name=username.capitalize(),
        last_name="Tester",
        role=Role.objects.get(key=role),
        team=group,
        by=None,
        at=now(),
        password=f"{username}-pass-1",
    )


@pytest.fixture
def east(starter: Workspace) -> Team:
    return team.form_team(name="East", by=None, at=now())


@pytest.fixture
def west(starter: Workspace) -> Team:
    return team.form_team(name="West", by=None, at=now())


@pytest.fixture
def amelia(east: Team) -> User:
    """A CSM; the account is hers."""
    return person("amelia", role="csm", group=east)


@pytest.fixture
def bruno(east: Team) -> User:
    """The manager of Amelia's team."""
    manager = person("bruno", role="cs_manager", group=east)
    team.lead_team(east, manager=manager, by=None, at=now())
    return manager


@pytest.fixture
def carla(west: Team) -> User:
    """A CSM of another team."""
    return person("carla", role="csm", group=west)


@pytest.fixture
def olga(starter: Workspace) -> User:
    """An operator."""
    return person("olga", role="operator", group=None)


@pytest.fixture
def product(starter: Workspace) -> Source:
    return workspace.connect_source(key="product", by=None, at=now())


@pytest.fixture
def ingest_key(product: Source) -> str:
    """The text of a key that may send signals as the source `product`."""
    return keys.issue(name="product", scope="ingest", source=product, by=None, at=now())[1]


@pytest.fixture
def write_key(starter: Workspace) -> str:
    """The text of a key of scope write."""
    return keys.issue(name="writer", scope="write", by=None, at=now())[1]


@pytest.fixture
def northwind(product: Source, amelia: User) -> Account:
    """Amelia's account, which the product calls acct-42."""
    account = portfolio.create(name="Northwind Traders", by=None, at=now())
    portfolio.assign(account, part="csm", user=amelia, by=None, at=now())
    identity.link(account, source=product, value="acct-42", by=None, at=now())
    return account


@pytest.fixture
def usage_drop(starter: Workspace) -> Play:
    """The play that reacts to a drop in use, active."""
    return activate(Play.objects.get(key="usage_drop"), by=None, at=now())


def basic(key: str) -> str:
    """The Authorization header of a client that uses its write key as user name."""
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def send(client: Any, key: str, items: list[dict[str, Any]]) -> Any:
    """Sends one batch as an SDK would, and asserts that it was stored."""
    body = json.dumps({"batch": items, "sentAt": now().isoformat()})
    response = client.post("/v1/batch", body, content_type="application/json", headers={"Authorization": basic(key)})
    assert response.status_code == 200, response.content
    return response


def usage(*, group: str = "acct-42", earlier: int = 12, lately: int = 2) -> list[dict[str, Any]]:
    """The signals of an account whose use dropped: `earlier` users 31 to 60 days ago, `lately` of them since."""
    at = now()
    items: list[dict[str, Any]] = []
    for number in range(earlier):
        user = f"user-{number}"
        items.append(_item("group", user, at - dt.timedelta(days=60), f"group-{number}", groupId=group))
        items.append(
            _item(
                "identify",
                user,
                at - dt.timedelta(days=60),
                f"identify-{number}",
                traits={"email": f"{user}@northwind.example", "name": f"User {number}"},
            )
        )
        for day in (34, 41, 48, 55):
            items.append(
                _item("track", user, at - dt.timedelta(days=day), f"track-{number}-{day}", event="Report Viewed")
            )
    for number in range(lately):
        for day in (1, 5, 9, 13, 17, 21):
            items.append(
                _item(
                    "track",
                    f"user-{number}",
                    at - dt.timedelta(days=day),
                    f"late-{number}-{day}",
                    event="Report Viewed",
                )
            )
    return items


def _item(kind: str, user: str, at: dt.datetime, message: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "userId": user, "messageId": message, "timestamp": at.isoformat(), **fields}


@pytest.fixture
def pump() -> Any:
    """Runs the pump until it is idle."""
    return pipeline.run
