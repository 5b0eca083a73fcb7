"""From a new source to its signals on an account: the integrator connects, the operator settles what nobody knew."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from playwright.sync_api import Page, expect
from segment.analytics.client import Client as Sdk

from accounts.ingestion.models import SignalEvent
from accounts.portfolio.models import Account
from accounts.team.models import User
from tests.accounts.ingestion.calls import group, track
from tests.browser.test_csm_journey import keep
from tests.cast import send

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignIn = Callable[[str], Page]


@pytest.fixture(autouse=True)
def _server_lets_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread of the server that keeps its connection would keep PostgreSQL from dropping the test database."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)


def test_an_integrator_connects_a_source_and_sees_it_come_alive(
    sign_in: SignIn, olga: User, live_server: Any, pump: Any
) -> None:
    page = sign_in("olga")
    page.get_by_role("link", name="Connect a source").first.click()
    page.get_by_label("Name").fill("Web app")
    page.get_by_role("button", name="Create source and write key").click()
    expect(page.get_by_text("Waiting for the first signal")).to_be_visible()
    keep(page, "source-new")

    sdk = Sdk(page.locator("#write-key").inner_text(), host=live_server.url, max_retries=1)
    sdk.group("ada", "acct-1", {"name": "Acme Rockets"})
    for number in range(3):
        sdk.track("ada", "Report Viewed", message_id=f"m{number}")
    sdk.track("ada", "Report Viewed", message_id="m0")
    sdk.shutdown()
    pump()

    figures = page.get_by_label("What it delivers")
    expect(figures).to_contain_text(re.compile(r"Live.*Accepted\s*0.*Repeated\s*1.*Quarantined\s*4", re.DOTALL))
    expect(figures).to_contain_text("1 id unknown")
    keep(page, "source-live")

    figures.get_by_role("link", name="1 id unknown").click()
    expect(page.get_by_role("heading", name="1 unknown account")).to_be_visible()


def test_an_operator_matches_an_unknown_id_and_its_signals_appear(
    sign_in: SignIn, olga: User, northwind: Account, client: Client, ingest_key: str, pump: Any
) -> None:
    send(client, ingest_key, [group("u", "acct-99"), track("u", messageId="t")])
    pump()
    page = sign_in("olga")
    page.goto("/admin/accounts/quarantineditem/?reason=unknown_account")
    page.get_by_role("link", name="Match to…").click()
    page.get_by_label("Account", exact=True).press_sequentially("north")
    page.get_by_role("button", name="Match to Northwind Traders").click()
    expect(page.get_by_text("acct-99 is Northwind Traders")).to_be_visible()
    pump()
    page.goto(f"/admin/accounts/account/{northwind.pk}/change/")
    expect(page.get_by_role("region", name="Known as")).to_contain_text("acct-99")
    assert SignalEvent.objects.filter(account=northwind).count() == 2


def test_all_unknown_ids_become_accounts_after_a_plan(
    sign_in: SignIn, olga: User, client: Client, ingest_key: str, pump: Any
) -> None:
    items = [group(f"u{n}", f"acct-{n}", messageId=f"g{n}", traits={"name": f"Company {n}"}) for n in range(27)]
    send(client, ingest_key, items)
    pump()
    page = sign_in("olga")
    page.goto("/admin/accounts/quarantineditem/")
    page.get_by_role("button", name="Create or match all 27…").click()
    expect(page.get_by_text("Nothing has happened yet")).to_be_visible()
    keep(page, "quarantine-plan")
    page.get_by_role("button", name="Create 27 accounts").click()
    expect(page.get_by_text("27 accounts created")).to_be_visible()
    expect(page.get_by_text("27 items are being used now")).to_be_visible()
    pump()
    expect(page.get_by_text("are being counted now")).to_have_count(0)
    assert SignalEvent.objects.filter(account__isnull=False).count() == 27


def test_an_operator_says_what_a_new_event_name_means(
    sign_in: SignIn, olga: User, northwind: Account, client: Client, ingest_key: str, pump: Any
) -> None:
    send(client, ingest_key, [group(), track(event="Board Opened", messageId="t")])
    pump()
    page = sign_in("olga")
    page.goto("/admin/accounts/feature/")
    page.get_by_label("What Board Opened means").select_option("feature:reports")
    expect(page.get_by_text("Board Opened is a use of Reports")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Every name that came means something")).to_be_visible()
    keep(page, "tracking-plan")
