"""Somebody at the customer opens her link on a phone, ticks her task and takes it back; a revoked link says so."""

import datetime as dt
import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.stakeholders.links import sign
from accounts.team.models import User
from retention.success_plans import links, prospects
from retention.success_plans.office_hours import services as hours
from retention.success_plans.outcome_models import PlanLink
from tests.browser.test_every_page import RULES
from tests.factories import accounts, retention

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def link(northwind: Account, amelia: User) -> PlanLink:
    """A plan of everything that its page can show, shared with Ines."""
    ines = accounts.StakeholderFactory(account=northwind, name="Ines Albers")
    plan = retention.SuccessPlanFactory(account=northwind, name="First year")
    goal = retention.PlanObjectiveFactory(
        plan=plan, goal="A live campaign", measure="People reached", due_on=now().date()
    )
    for title, person in (("Invite your admin", ines), ("Check the data", ines), ("Ask finance", None)):
        retention.PlanTaskFactory(plan=plan, their_owner=person, title=title, objective=None if person else goal)
    retention.PlanWinFactory(plan=plan, title="Mondays are free")
    rule = {"weekday": "tuesday", "time": dt.time(15), "time_zone": "Europe/Berlin", "starts_on": now().date()}
    hours.plan_for(plan, title="Ask us", host=amelia, join_url="https://meet.example/ask", by=amelia, at=now(), **rule)
    return links.share(plan, stakeholder=ines, by=amelia, at=now())


def test_she_ticks_her_task_on_her_phone(link: PlanLink, browser: Browser, live_server: Any, amelia: User) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{live_server.url}/s/{sign(links.PLAN, link.nonce)}/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name=re.compile("done.*Invite your admin")).click()
    expect(page.get_by_role("status")).to_contain_text("noted")
    undo = page.get_by_role("button", name=re.compile("Undo.*Invite your admin"))
    expect(undo).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Join.*Ask us"))).to_be_visible()
    assert faults(page) == []
    task = link.plan.tasks.get(title="Invite your admin")
    assert (task.state, task.done_by_customer) == ("done", link.stakeholder)
    undo.click()
    expect(page.get_by_role("button", name=re.compile("done.*Invite your admin"))).to_be_visible()

    links.revoke(link, by=amelia, at=now())
    page.get_by_role("button", name=re.compile("done.*Check the data")).click()
    expect(page.locator("main")).to_contain_text("taken back")
    assert link.plan.tasks.get(title="Check the data").is_open
    assert faults(page) == []
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_prospect_reads_what_happens_until_it_is_taken_back(
    width: int, browser: Browser, live_server: Any, amelia: User
) -> None:
    tasks = [{"key": "data", "title": "Connect your data", "side": "theirs", "objective": "value", "due": "5 bd"}]
    goals = [{"key": "value", "goal": "A first report", "due": "14 d"}]
    body = {"objectives": goals, "tasks": tasks, "office_hours": [{"key": "ask", "title": "Ask us"}]}
    template = retention.PlanTemplateVersionFactory(body=body).template
    shown = prospects.show(template, company="Fern & Sons", language="de", by=amelia, at=now())
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(f"{live_server.url}/s/{sign(links.TEMPLATE, shown.nonce)}/")
    expect(page.locator("main")).to_contain_text("Connect your data")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults(page) == []

    prospects.revoke(shown, by=amelia, at=now())
    page.reload()
    expect(page.locator("main")).to_contain_text("zurückgezogen")
    assert faults(page) == []
    context.close()


def faults(page: Page) -> list[str]:
    """What a page asks of people that not everybody can do."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {[node['html'][:160] for node in one['nodes']]}" for one in found]
