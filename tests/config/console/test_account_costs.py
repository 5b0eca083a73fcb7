"""The account page costs the same queries however much has happened to the account."""

import datetime as dt
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.portfolio.models import Account
from accounts.portfolio.registry import TABS
from accounts.team.models import User
from accounts.touches import services as touches
from tests.factories import accounts as rows
from tests.factories import retention
from tests.factories.accounts import AT


def grow(account: Account, source: Any, user: User, count: int) -> None:
    for number in range(count):
        at = AT + dt.timedelta(minutes=number)
        person = rows.StakeholderFactory(account=account)
        rows.StakeholderRoleFactory(stakeholder=person, role="champion")
        rows.ProductUserFactory(account=account, source=source, stakeholder=person)
        touches.log(account, kind="call", text="All well.", stakeholders=[person], by=user, at=at)
        rows.ContractFactory(account=account, product=rows.ProductFactory())
        rows.DealFactory(account=account, source=source, owner=user)
        rows.InvoiceFactory(account=account, source=source)
        rows.TicketFactory(account=account, source=source, requester=person)
        rows.ReviewAttendeeFactory(review=rows.BusinessReviewFactory(account=account), stakeholder=person)
        rows.SurveyResponseFactory(account=account, stakeholder=person, loop_closed_by=user)
        rows.ExternalIdFactory(account=account, source=rows.SourceFactory())
        retention.WorkItemFactory(account=account, assignee=user)


def cost(client: Client, account: Account, tab: str) -> int:
    path = f"/admin/accounts/account/{account.pk}/change/?tab={tab}"
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_four_or_twelve_of_everything_cost_the_same(northwind: Account, product: Any, amelia: User) -> None:
    client = Client()
    client.force_login(amelia)
    grow(northwind, product, amelia, 4)
    few = {tab: cost(client, northwind, tab) for tab in TABS}
    grow(northwind, product, amelia, 8)
    assert {tab: cost(client, northwind, tab) for tab in TABS} == few
    assert few.pop("overview") <= 64  # what every room shows of the account: the one page that grows with the rooms
    assert max(few.values()) <= 48, few
