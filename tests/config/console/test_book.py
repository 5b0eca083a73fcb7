"""The book: whose accounts stand in it, in which order, and what leaves it as a file."""

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.facts.models import AccountFacts
from accounts.foundation.clock import now
from accounts.foundation.spreadsheets import safe
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, SavedFilter
from accounts.team.models import User
from accounts.touches import services
from accounts.touches.queries import open_step
from tests.cast import person
from tests.factories.accounts import AccountActivityFactory, AccountFactsFactory

pytestmark = pytest.mark.django_db
FETCHED = {"X-Requested-With": "fetch"}
DAY = dt.timedelta(days=1)


def page_of(user: User) -> Client:
    client = Client(headers=FETCHED)
    client.force_login(user)
    return client


def an_account(name: str, csm: User, **facts: Any) -> Account:
    account = portfolio.create(name=name, by=None, at=now())
    portfolio.assign(account, part="csm", user=csm, by=None, at=now())
    AccountFactsFactory(account=account, **facts)
    return account


@pytest.fixture
def three(amelia: User) -> dict[str, Account]:
    today, at = now().date(), now()
    found = {
        "Alpha": an_account(
            "Alpha", amelia, arr_minor=100_00, contract_end_date=today + 20 * DAY, stage="adopted", decision_date=today
        ),
        "Beta": an_account("Beta", amelia, arr_minor=900_00, contract_end_date=today - 9 * DAY, stage="renewal"),
        "Gamma": an_account("Gamma", amelia, arr_minor=None, contract_end_date=None, stage=None),
    }
    services.log(found["Alpha"], kind="call", happened_at=at - 40 * DAY, by=amelia, at=at)
    services.log(found["Beta"], kind="call", happened_at=at - 2 * DAY, by=amelia, at=at)
    services.set_next_step(found["Alpha"], text="Call them", due_on=today - DAY, by=amelia, at=at)
    services.set_next_step(found["Beta"], text="=HYPERLINK()", due_on=today + 9 * DAY, by=amelia, at=at)
    services.set_pulse(found["Beta"], value="red", by=amelia, at=at)
    return found


def names(client: Client, query: str = "") -> list[str]:
    response = client.get(f"/admin/book/{query}")
    assert response.status_code == 200
    return [line.account.name for line in response.context["lines"]]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["Alpha", "Beta", "Gamma"]),
        ("?q=ALPH", ["Alpha"]),
        ("?pulse=red", ["Beta"]),
        ("?pulse=unset", ["Alpha", "Gamma"]),
        ("?quiet=30", ["Alpha", "Gamma"]),
        ("?quiet=60", ["Gamma"]),
        ("?step=overdue", ["Alpha"]),
        ("?step=missing", ["Gamma"]),
        ("?step=set", ["Alpha", "Beta"]),
        ("?renewal=30", ["Alpha"]),
        ("?renewal=over", ["Beta"]),
        ("?stage=renewal", ["Beta"]),
        ("?arr_from=200", ["Beta"]),
        ("?arr_from=50&arr_to=200", ["Alpha"]),
        ("?owner=nobody", []),
        ("?sort=-arr", ["Beta", "Alpha", "Gamma"]),
        ("?sort=contact", ["Alpha", "Beta", "Gamma"]),
        ("?sort=-contact", ["Beta", "Alpha", "Gamma"]),
        ("?sort=step", ["Alpha", "Beta", "Gamma"]),
        ("?sort=renewal", ["Beta", "Alpha", "Gamma"]),
        ("?sort=decision", ["Alpha", "Beta", "Gamma"]),
        ("?sort=pulse", ["Beta", "Alpha", "Gamma"]),
        ("?sort=nonsense", ["Alpha", "Beta", "Gamma"]),
        ("?page=99", ["Alpha", "Beta", "Gamma"]),
        ("?page=x", ["Alpha", "Beta", "Gamma"]),
    ],
)
def test_filters_and_sorts(three: dict[str, Account], amelia: User, query: str, shown: list[str]) -> None:
    assert names(page_of(amelia), query) == shown


@pytest.mark.parametrize(
    "query", ["?pulse=purple", "?owner=x", "?arr_from=lots", "?quiet=1", "?q=%00", "?whose=all", "?arr_to=1e999"]
)
def test_a_filter_that_makes_no_sense_is_said_and_narrows_nothing(
    three: dict[str, Account], amelia: User, query: str
) -> None:
    client = page_of(amelia)
    assert len(names(client, query)) == 3
    assert "hf-error" in client.get(f"/admin/book/{query}").content.decode()


def test_everybody_sees_their_own(three: dict[str, Account], amelia: User, bruno: User, carla: User) -> None:
    assert names(page_of(carla)) == []
    assert names(page_of(bruno)) == ["Alpha", "Beta", "Gamma"]
    assert names(page_of(bruno), "?whose=own") == []
    assert names(page_of(person("lea", role="leader", group=None))) == ["Alpha", "Beta", "Gamma"]
    assert "No account is in your book yet" in page_of(carla).get("/admin/book/").content.decode()


def test_who_reads_no_accounts_does_not_open_it(starter: Any) -> None:
    nobody = User.objects.create_user("nobody", is_staff=True)
    for path in ("", "export.csv", "assign/", "next-step/"):
        assert page_of(nobody).get(f"/admin/book/{path}").status_code == 403


def test_unknown_reads_unknown_and_never_zero(three: dict[str, Account], amelia: User) -> None:
    text = page_of(amelia).get("/admin/book/?q=gamma").content.decode()
    row = text[text.index(f'id="account-{three["Gamma"].pk}"') :]
    row = row[: row.index("</tr>")]
    assert row.count("unknown</span>") == 4
    assert "$0" not in row


def test_the_weeks_of_use_are_drawn_and_said(three: dict[str, Account], amelia: User) -> None:
    today = (now().date() - dt.date(1970, 1, 1)).days
    AccountFacts.objects.filter(account=three["Alpha"]).update(active_users_30d=4)
    AccountActivityFactory(account=three["Alpha"], daily=[4, 2] + [0] * 5 + [3], daily_until=today)
    [alpha, beta, _] = page_of(amelia).get("/admin/book/").context["lines"]
    assert alpha.weeks == [0] * 11 + [3, 4]
    assert beta.weeks == []
    assert "week by week: 0, 0" in page_of(amelia).get("/admin/book/").content.decode()


def test_home_lists_the_touches_that_are_due(three: dict[str, Account], amelia: User, bruno: User) -> None:
    services.plan_review(three["Gamma"], kind="business", planned_for=now() + 2 * DAY, by=amelia, at=now())
    due = page_of(amelia).get("/admin/").context["due"]
    assert [(one.account.name, one.what) for one in due] == [("Alpha", "Call them"), ("Gamma", "Business review")]
    assert page_of(bruno).get("/admin/").context["due"] == []


def test_ten_or_forty_rows_cost_the_same_queries(starter: Any, amelia: User) -> None:
    client, counts = page_of(amelia), []
    for start, many in ((0, 10), (10, 30)):
        for number in range(start, start + many):
            account = an_account(f"Account {number}", amelia)
            services.log(account, kind="call", text="x", by=amelia, at=now())
            services.set_next_step(account, text="x", by=amelia, at=now())
        client.get("/admin/book/")
        with CaptureQueriesContext(connection) as queries:
            assert len(names(client)) == start + many
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 30


def test_the_file_holds_what_is_shown_and_no_formula(three: dict[str, Account], amelia: User, carla: User) -> None:
    response = page_of(amelia).get("/admin/book/export.csv?sort=-arr")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    head, beta, alpha, gamma = csv.reader(io.StringIO(text))
    assert head[:2] == ["Account", "Key"]
    assert (beta[0], beta[4], beta[9], beta[11]) == ("Beta", "900.00", "'=HYPERLINK()", "At risk")
    assert (alpha[0], gamma[0], gamma[4]) == ("Alpha", "Gamma", "")
    empty = b"".join(page_of(carla).get("/admin/book/export.csv").streaming_content)  # type: ignore[attr-defined]
    assert len(empty.decode().splitlines()) == 1


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1"])
def test_a_formula_is_marked_as_text(text: str) -> None:
    assert safe(text) == f"'{text}"
    assert safe("Alpha = Beta") == "Alpha = Beta"


def test_several_accounts_get_a_csm_and_a_next_step_at_once(
    three: dict[str, Account], amelia: User, bruno: User, carla: User
) -> None:
    ids = ",".join(str(three[name].pk) for name in ("Alpha", "Gamma"))
    client = page_of(bruno)
    plan = client.get(f"/admin/book/assign/?ids={ids}").content.decode()
    assert "Assign a CSM to 2 accounts" in plan
    assert "Alpha, Gamma" in plan
    assert (
        client.post(f"/admin/book/next-step/?ids={ids}", {"text": "Invite", "due_on": "2030-01-01"}).status_code == 200
    )
    steps = [open_step(account) for account in three.values()]
    assert [step and step.text for step in steps] == ["Invite", "=HYPERLINK()", "Invite"]
    assert client.post(f"/admin/book/assign/?ids={ids}", {"user": carla.pk}).status_code == 200
    assert names(page_of(carla)) == ["Alpha", "Gamma"]


def test_the_csm_changes_in_the_row_and_only_where_one_may(
    three: dict[str, Account], amelia: User, bruno: User, carla: User
) -> None:
    alpha = three["Alpha"]
    address = f"/admin/book/{alpha.pk}/csm/"
    client = page_of(amelia)
    assert f'<option value="{amelia.pk}" selected>' in client.get(address).content.decode()
    assert client.post(address, {"user": bruno.pk}).json()["message"] == f"{bruno} is the CSM of Alpha."
    assert names(page_of(bruno), "?whose=own") == ["Alpha"]
    assert page_of(carla).post(address, {"user": carla.pk}).status_code == 404
    assert page_of(bruno).post(address, {"user": 10**9}).status_code == 400
    assert alpha.members.get(part="csm").user == bruno
    assert page_of(bruno).post(address, {"user": ""}).json()["message"] == "Alpha has no CSM."
    assert not alpha.members.filter(part="csm").exists()


def test_several_accounts_get_a_pulse_at_once(three: dict[str, Account], amelia: User) -> None:
    client = page_of(amelia)
    ids = ",".join(str(three[name].pk) for name in ("Alpha", "Gamma"))
    assert "Set the pulse of 2 accounts" in client.get(f"/admin/book/pulse/?ids={ids}").content.decode()
    assert client.post(f"/admin/book/pulse/?ids={ids}", {"value": "amber", "reason": "Quiet"}).status_code == 200
    assert names(client, "?pulse=amber") == ["Alpha", "Gamma"]


def test_the_head_adds_up_what_is_known_of_all_that_fits(three: dict[str, Account], amelia: User) -> None:
    client = page_of(amelia)
    page = client.get("/admin/book/").content.decode()
    assert "$1,000 ARR (of 2; the others’ is unknown)" in page
    assert "$900 ARR</p>" in client.get("/admin/book/?pulse=red").content.decode()
    assert "ARR (" not in client.get("/admin/book/?pulse=red").content.decode()


def test_what_is_set_is_listed_in_words_each_with_a_way_without_it(three: dict[str, Account], amelia: User) -> None:
    page = page_of(amelia).get("/admin/book/?step=overdue&arr_from=100&sort=-name").content.decode()
    assert "Next step: Overdue" in page
    assert "ARR from: 100" in page
    assert 'href="?arr_from=100&amp;sort=-name" aria-label="Without Next step"' in page
    assert "selected>As the columns say" in page
    assert "Without" not in page_of(amelia).get("/admin/book/").content.decode()


def test_accounts_of_others_and_nonsense_are_not_changed_in_bulk(
    three: dict[str, Account], amelia: User, carla: User
) -> None:
    ids = ",".join(str(account.pk) for account in three.values()) + ",x,999999999999999999999,-1,²"
    response = page_of(carla).post(f"/admin/book/assign/?ids={ids}", {"user": carla.pk})
    assert "Tick the accounts in the book first" in response.content.decode()
    assert names(page_of(amelia)) == ["Alpha", "Beta", "Gamma"]
    assert "This field is required" in page_of(amelia).post(f"/admin/book/next-step/?ids={ids}").content.decode()


def test_a_filter_is_kept_shared_and_deleted_by_its_owner(three: dict[str, Account], amelia: User, bruno: User) -> None:
    client = page_of(amelia)
    for name, is_shared in (("Red ones", "on"), ("Mine only", "")):
        form = {"name": name, "is_shared": is_shared} if is_shared else {"name": name}
        assert client.post("/admin/book/filters/save/?query=pulse%3Dred%26page%3D2", form).status_code == 200
    assert set(SavedFilter.objects.values_list("query", flat=True)) == {"pulse=red"}
    assert "Mine only" in client.get("/admin/book/").content.decode()
    theirs = page_of(bruno).get("/admin/book/").content.decode()
    assert "Red ones" in theirs
    assert "Mine only" not in theirs
    shared = SavedFilter.objects.get(name="Red ones")
    page_of(bruno).post(f"/admin/book/filters/{shared.pk}/delete/")
    assert SavedFilter.objects.count() == 2
    client.post(f"/admin/book/filters/{shared.pk}/delete/")
    assert SavedFilter.objects.get().name == "Mine only"
    assert client.post("/admin/book/filters/save/?query=" + "x%3D" + "y" * 3000, {"name": "Long"}).status_code == 400
