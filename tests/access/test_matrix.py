"""Nobody sees what is not theirs: role × route × verb × object, from the URL resolver; it grows with every new route.

Every role asks every route: for a row of its own, for one of another team, for one that does not exist; roles with the
same grant in an area count as one there. What is another team's must answer as what does not exist, in addresses,
filters, searches, fields and bulk actions; nothing of it may stand in any answer; and lists, counts, charts and exports
must be the same with and without the other team.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.base import Template
from django.test import Client
from django.test.utils import _TestState
from pytest_django.plugin import DjangoDbBlocker

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.workspace import services as workspace
from config.console import absent
from tests.access import asking, forms, world
from tests.access.asking import Asker
from tests.access.routes import routes
from tests.cast import STARTER, import_starter
from tests.factories import accounts as factories

ROLES = sorted(path.stem for path in (STARTER / "roles").glob("*.yaml"))


class World:
    """What the roles of a process ask about, made once."""

    def __init__(self) -> None:
        world.begin()
        import_starter()
        workspace.found(company="Anchor Analytics", by=None, at=now())
        self.people = world.people()
        self.ours: Account = factories.AccountFactory(name="Ours")
        for part, role in zip(("csm", "ae", "backup", "support_lead"), ROLES, strict=False):
            factories.AccountMemberFactory(account=self.ours, user=self.people[role], part=part)
        world.make(self.ours, self.people["csm"])
        operator = Client()
        operator.force_login(self.people["administrator"])
        self.document = json.loads(operator.get("/api/v1/schema/?format=json").content)


@pytest.fixture(scope="module")
def shared(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture
def quick(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without the side bar and the list of apps, which show no rows; templates not watched as they render."""
    sidebar = {**settings.UNFOLD["SIDEBAR"], "navigation": []}
    settings.UNFOLD = {**settings.UNFOLD, "SIDEBAR": sidebar}
    monkeypatch.setattr(admin.site, "get_app_list", _no_apps)
    monkeypatch.setattr(absent, "render", _briefly)
    monkeypatch.setattr(Template, "_render", _TestState.saved_data.template_render)


def _no_apps(request: HttpRequest, app_label: str | None = None) -> list[Any]:
    """Django asks each model's grants for each page."""
    return [{"app_label": app_label, "name": app_label, "models": []}] if app_label else []


def _briefly(request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
    """What a page that is not there says, without the frame around it: a third of all answers are this one."""
    return HttpResponse(context["title"], status=status)


@pytest.fixture
def asked(
    shared: World, request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker, quick: None
) -> Iterator[Asker]:
    """Somebody of the role, on whose team the account is; what happens is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        user = shared.people[request.param]
        shared.ours.members.filter(user=user).delete()
        shared.ours.members.filter(part="csm").delete()
        factories.AccountMemberFactory(account=shared.ours, user=user, part="csm")
        yield Asker(type(user).objects.get(pk=user.pk))
        transaction.set_rollback(True)


def test_every_route_declares_its_rule():
    undeclared = [route.name or route.address for route in routes() if route.rule is None]
    assert not undeclared, "declare them in tests/access/rules.py: whose grants decide, and which rows they name"


def test_there_are_routes_and_roles_to_ask():
    assert len(routes()) >= 330
    assert len(ROLES) >= 9


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ROLES, indirect=True)
def test_a_role_is_told_and_let_do_what_its_grants_say(asked: Asker, shared: World) -> None:
    before = {address: asking.looks(asked, address) for address in asking.pages_of_rows(asked)}
    world.west(shared.people["(west)"])
    kept = world.snapshot()
    for address, answer in before.items():
        if asked.narrow >= {Area.ACCOUNTS, Area.WORK} and (now_it := asking.looks(asked, address)) != answer:
            asked.note(
                "GET", address, f"changes when another team gets rows: {asking.first_difference(answer, now_it)}"
            )
    for route in routes():
        if route.rule and not route.address.startswith(("v1", "^v1")):
            asking.door(asked, route)
            asking.foreign_rows(asked, route)
    asking.lists_asked(asked)
    asking.filters_of_api(asked)
    forms.fields_of_forms(asked)
    forms.bodies_of_api(asked, shared.document)
    forms.bulk_actions(asked)
    if asked.narrow >= {Area.ACCOUNTS, Area.WORK}:
        assert world.snapshot() == kept, "rows of another team changed"
    _tell(asked)
    assert not asked.leaks, "\n".join(asked.leaks)


def _tell(asked: Asker) -> None:
    """Adds a line of figures to the file that ACCESS_FIGURES names."""
    if path := os.environ.get("ACCESS_FIGURES"):
        with open(path, "a") as file:
            file.write(f"{asked.user.role}: {len(routes())} routes, {sum(asked.asked.values())} requests ")
            file.write(f"{dict(asked.asked)}, {len(asked.leaks)} leaks\n")
