"""A page of 100 accounts with their team, external ids and stage, against three statements by hand and msgspec."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIRequestFactory, force_authenticate

from accounts.identity.models import ExternalId
from accounts.portfolio.api import AccountViewSet
from accounts.portfolio.models import AccountMember
from accounts.team.models import User
from accounts.workspace.models import Source
from config.api.render import Json
from tests.benchmarks import book
from tests.benchmarks.harness import Result, Side, agree, at_most, compared, figure, in_turns

PAGE, ROUNDS, CALLS = 100, 30, 10
PARTS = ("ae", "csm", "support_lead")
PEOPLE = 50


def prepare(size: int) -> int:
    """Accounts with facts, three people and two external ids each."""
    book.fill(size)
    Source.objects.bulk_create([Source(key=key, name=key.title()) for key in ("crm", "product")])
    people = [User(username=f"user-{n}", password="!") for n in range(PEOPLE)]
    User.objects.bulk_create([*people, User(username="root", password="!", is_superuser=True, is_staff=True)])
    users = list(User.objects.filter(username__startswith="user-").values_list("pk", flat=True))
    sources = list(Source.objects.order_by("key").values_list("pk", flat=True))
    numbers = range(1, size + 1)
    members = ((n, part, users[(n + place) % PEOPLE], book.AT) for n in numbers for place, part in enumerate(PARTS))
    book.insert(AccountMember, ["account_id", "part", "user_id", "since"], members)
    ids = ((n, source, f"{source}-{n}") for n in numbers for source in sources)
    book.insert(ExternalId, ["account_id", "source_id", "value"], ids)
    book.analyze()
    return size


class OurPage:
    """The view's list, without the request around it."""

    def __init__(self, limit: int = PAGE) -> None:
        request = APIRequestFactory(SERVER_NAME="127.0.0.1").get("/api/v1/accounts/", {"limit": str(limit)})
        force_authenticate(request, User.objects.get(username="root"))
        self.view = AccountViewSet(action_map={"get": "list"}, kwargs={}, format_kwarg=None)
        self.view.request = self.view.initialize_request(request)
        self.renderer = Json()

    def __call__(self) -> bytes:
        return self.renderer.render(self.view.list(self.view.request).data["results"])


ACCOUNTS = """
    SELECT a.id, a.key, a.name, a.domain, a.state, a.industry, a.employees, a.region, a.time_zone, a.use_case,
        a.complexity, a.tech_stack, a.goals, a.fiscal_year_end_month, a.budget_month, a.acquisition_source, a.campaign,
        p.key, a.created_at, a.archived_at, m.key, f.stage
    FROM accounts_account a LEFT JOIN accounts_account p ON p.id = a.parent_id
    LEFT JOIN accounts_account m ON m.id = a.merged_into_id LEFT JOIN accounts_accountfacts f ON f.account_id = a.id
    WHERE a.archived_at IS NULL AND a.merged_into_id IS NULL AND a.id > %s ORDER BY a.id LIMIT %s
"""
TEAMS = """
    SELECT t.account_id, t.part, u.username FROM accounts_accountmember t
    JOIN accounts_user u ON u.id = t.user_id WHERE t.account_id IN ({marks}) ORDER BY t.account_id, t.part
"""
IDS = """
    SELECT e.account_id, s.key, e.value FROM accounts_externalid e
    JOIN accounts_source s ON s.id = e.source_id WHERE e.account_id IN ({marks}) ORDER BY s.name, e.value
"""
NAMES = [field for field in ACCOUNTS.partition("SELECT ")[2].partition("FROM")[0].replace("\n", " ").split(",")]
NAMES = [{"p.key": "parent", "m.key": "merged_into"}.get(name.strip(), name.strip()[2:]) for name in NAMES]


def by_hand() -> bytes:
    """What somebody writes who knows the tables."""
    with connection.cursor() as cursor:
        cursor.execute(ACCOUNTS, [0, PAGE + 1])
        rows = [dict(zip(NAMES, row, strict=True)) for row in cursor.fetchall()[:PAGE]]
        ids = [row["id"] for row in rows]
        marks = ", ".join(["%s"] * len(ids))
        cursor.execute(TEAMS.format(marks=marks), ids)
        teams: dict[int, dict[str, str]] = defaultdict(dict)
        for account, part, username in cursor.fetchall():
            teams[account][part] = username
        cursor.execute(IDS.format(marks=marks), ids)
        named: dict[int, list[dict[str, str]]] = defaultdict(list)
        for account, source, value in cursor.fetchall():
            named[account].append({"source": source, "id": value})
    for row in rows:
        account = row.pop("id")
        row["tech_stack"] = msgspec.json.decode(row["tech_stack"])
        row["team"], row["external_ids"] = teams[account], named[account]
        row["csm"] = row["team"].get("csm")
    return msgspec.json.encode(rows)


def plain(text: bytes) -> list[dict[str, Any]]:
    """The rows, with instants as both databases tell them."""
    return [{**row, "created_at": str(row["created_at"])[:10]} for row in json.loads(text)]


def a_page(size: int) -> Iterator[Result]:
    ours = OurPage()
    agree("a page of accounts", plain(ours()), plain(by_hand()))

    def times(work: Any) -> Side:
        return Side(lambda: [work() for _ in range(CALLS)])

    taken, theirs = in_turns(times(ours), times(by_hand), rounds=ROUNDS)
    per_page = [seconds / CALLS for seconds in taken], [seconds / CALLS for seconds in theirs]
    against = "three statements by hand and msgspec"
    yield compared("list of 100 accounts with relations", *per_page, against=against, budget=at_most(2))


def its_queries(size: int) -> Iterator[Result]:
    counts = []
    for limit in (10, PAGE, 500):
        page = OurPage(limit)
        with CaptureQueriesContext(connection) as queries:
            page()
        counts.append(len(queries))
    agree("statements for 10, 100 and 500 rows", len(set(counts)), 1)
    yield figure("statements for a page of any size", counts[0], "statements", at_most(3))


def a_whole_request(size: int) -> Iterator[Result]:
    """With sign-in, scope and the frame's middleware, in a session of the console."""
    client = Client(headers={"Host": "127.0.0.1"})
    client.force_login(User.objects.get(username="root"))

    def ask() -> None:
        response = client.get("/api/v1/accounts/", {"limit": PAGE})
        agree("accounts of a request", len(response.json()["results"]), PAGE)

    taken, theirs = in_turns(Side(ask), Side(by_hand), rounds=ROUNDS)
    yield compared("the same as a whole request", taken, theirs, against="the statements alone", budget=at_most(10))
