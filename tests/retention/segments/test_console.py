"""Segments in the console: what an operator sees, tries, is told, and publishes."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.segments.models import AccountSegment, Dimension
from tests.cast import person
from tests.factories.retention import AccountSegmentFactory
from tests.retention.segments.book import AT, SIZE, catch_up, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def dimension(starter: Any) -> Dimension:
    """Four accounts with 60 people and one with 600, divided by size."""
    found = published(SIZE, "head_count").dimension
    for number in range(4):
        portfolio.create(name=f"Fabrikam {number}", employees=60, by=None, at=AT)
    portfolio.create(name="Contoso", employees=600, by=None, at=AT)
    catch_up()
    return found


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def operator(olga: User) -> Client:
    return signed_in(olga)


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:retention_dimension_{name}", args=args)


def typed(dimension: Dimension | None, **changes: Any) -> dict[str, Any]:
    """The edit form as it stands, with some fields changed."""
    found: dict[str, Any] = {"name": "Head count", "meaning": ""}
    rows = [
        ("large", "Large", '{"fact": "employees", "operator": "greaterThanInclusive", "value": 500}'),
        ("middle", "Middle", '{"fact": "employees", "operator": "greaterThanInclusive", "value": 50}'),
        ("small", "Small", '{"fact": "employees", "operator": "lessThan", "value": 50}'),
        ("unknown", "Unknown", ""),
    ]
    for number, (key, name, condition) in enumerate(rows):
        values = {"key": key if dimension else "", "name": name, "condition": condition, "place": (number + 1) * 10}
        found |= {f"segment-{number}-{field}": value for field, value in values.items()}
    return found | changes


def test_the_list_counts_each_segment(operator: Client, dimension: Dimension) -> None:
    text = operator.get(page("changelist")).content.decode()
    assert "Head_count" in text
    assert '<dd class="hf-num">4<small>' in text


def test_the_page_says_in_words_whom_each_segment_takes(operator: Client, dimension: Dimension) -> None:
    text = operator.get(page("change", dimension.pk)).content.decode()
    assert "Employees is at least 500." in text
    assert "Whoever is in no other segment" in text
    assert "No account moved" in text


def test_the_page_of_a_segment_lists_its_accounts(operator: Client, dimension: Dimension) -> None:
    text = operator.get(page("segment", dimension.pk, "large")).content.decode()
    assert "Contoso" in text
    assert "Fabrikam" not in text


def test_a_csm_sees_only_accounts_of_their_own(amelia: User, northwind: Account, dimension: Dimension) -> None:
    portfolio.change(northwind, by=None, at=AT, employees=60)
    catch_up()
    text = signed_in(amelia).get(page("segment", dimension.pk, "middle")).content.decode()
    assert "Northwind Traders" in text
    assert "Fabrikam" not in text
    assert "1 that you may see" in text


def test_what_would_change_is_shown_before_it_is_done(operator: Client, dimension: Dimension) -> None:
    higher = {"segment-0-condition": '{"fact": "employees", "operator": "greaterThanInclusive", "value": 55}'}
    response = operator.post(page("edit", dimension.pk), typed(dimension, do="preview", **higher))
    text = response.content.decode()
    assert response.status_code == 200
    assert "4 of 5 accounts (80 %) move to another segment." in text
    assert "“Middle” loses all its accounts." in text
    assert "Fabrikam 0" in text
    assert dimension.versions.count() == 1
    asked = operator.post(page("edit", dimension.pk), typed(dimension, do="publish", **higher))
    assert "I have looked at what stands above" in asked.content.decode()
    assert "Tick this to go on" in asked.content.decode()
    assert "Tick this to go on" not in text
    assert dimension.versions.count() == 1
    done = operator.post(page("edit", dimension.pk), typed(dimension, do="publish", confirmed="yes", **higher))
    assert done.status_code == 302
    assert AccountSegment.objects.filter(dimension=dimension, segment__key="large").count() == 5


def test_a_gap_is_told_and_mended(operator: Client, dimension: Dimension) -> None:
    gap = {
        "segment-2-condition": '{"all": [{"fact": "employees", "operator": "lessThan", "value": 50},'
        ' {"fact": "employees", "operator": "greaterThan", "value": 0}]}'
    }
    text = operator.post(page("edit", dimension.pk), typed(dimension, do="preview", **gap)).content.decode()
    assert "An account with Employees 0 belongs nowhere." in text


def test_without_a_last_segment_it_cannot_be_published(operator: Client, dimension: Dimension) -> None:
    text = operator.post(
        page("edit", dimension.pk), typed(dimension, do="publish", confirmed="yes", **{"segment-3-remove": "on"})
    ).content.decode()
    assert "Cannot be published" in text
    assert dimension.versions.count() == 1


def test_a_new_segment_stands_before_the_last_one_and_gets_a_key(operator: Client, dimension: Dimension) -> None:
    new = {
        "segment-4-name": "Huge",
        "segment-4-place": "5",
        "segment-4-condition": '{"fact": "employees", "operator": "greaterThan", "value": 5000}',
    }
    assert operator.post(page("edit", dimension.pk), typed(dimension, do="publish", **new)).status_code == 302
    version = dimension.versions.first()
    assert version is not None
    assert [one.key for one in version.segments.all()] == ["huge", "large", "middle", "small", "unknown"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("segment-0-condition", "{", "JSON"),
        ("segment-0-condition", '{"fact": "employes", "operator": "isKnown"}', "did you mean"),
        ("segment-0-condition", "", "Only the last segment may do without a condition"),
        ("segment-0-name", "", "Give the segment a name"),
        ("segment-1-name", "Large", "Another segment has this name"),
        ("segment-1-key", "large", "Another segment has this key"),
        ("segment-0-time_share", "101", "less than or equal to 100"),
        ("name", "", "required"),
    ],
)
def test_what_is_wrong_is_said_beside_it(
    operator: Client, dimension: Dimension, field: str, value: str, said: str
) -> None:
    response = operator.post(page("edit", dimension.pk), typed(dimension, do="preview", **{field: value}))
    assert response.status_code == 400
    assert said in response.content.decode()
    assert dimension.versions.count() == 1


def test_a_new_dimension(operator: Client, dimension: Dimension) -> None:
    made = operator.post(page("new"), typed(None, do="publish", name="Crew"))
    assert made.status_code == 302
    crew = Dimension.objects.get(key="crew")
    assert AccountSegment.objects.filter(dimension=crew, segment__key="middle").count() == 4
    taken = operator.post(page("new"), typed(None, do="publish", name="Employees"))
    assert "is a fact with this key already" in taken.content.decode()


def test_who_may_not_edit_does_not_get_there(amelia: User, dimension: Dimension) -> None:
    client = signed_in(amelia)
    assert client.get(page("edit", dimension.pk)).status_code == 403
    assert client.get(page("new")).status_code == 403
    assert client.get(page("owners", dimension.pk, "large")).status_code == 403


def test_owners_are_shown_and_then_assigned(dimension: Dimension, amelia: User, northwind: Account) -> None:
    root = signed_in(person("root", role="administrator", group=None))
    address = page("owners", dimension.pk, "large")
    text = root.get(address).content.decode()
    assert "Hand over 1 account" in text
    contoso = Account.objects.get(name="Contoso")
    assert root.post(address, {"pair": "1:x"}).status_code == 400
    assert root.post(address, {"pair": f"{contoso.pk}:{amelia.pk}"}).status_code == 302
    assert contoso.members.get(part="csm").user == amelia


def test_combinations_lead_to_their_accounts_in_the_book(operator: Client, dimension: Dimension) -> None:
    text = operator.get(page("combine"), {"by": ["head_count", "adoption"]}).content.decode()
    query = "segment=adoption%3Anot_instrumented&amp;segment=head_count%3Amiddle"
    assert query in text
    assert "1 combination has fewer than 5 accounts" in text or "2 combinations have fewer" in text
    book = operator.get("/admin/book/?segment=head_count:middle&segment=adoption:not_instrumented").content.decode()
    assert "Fabrikam 3" in book
    assert "Contoso" not in book


def test_four_dimensions_are_too_many(operator: Client, dimension: Dimension) -> None:
    four = ["head_count", "adoption", "tenure", "value_segment"]
    text = operator.get(page("combine"), {"by": four}).content.decode()
    assert "4 dimensions together are more than anybody can act on" in text


def test_the_account_says_why_it_is_in_its_segments(operator: Client, dimension: Dimension) -> None:
    contoso = Account.objects.get(name="Contoso")
    text = operator.get(reverse("admin:accounts_account_change", args=[contoso.pk])).content.decode()
    assert "Employees 600 (is at least 500)." in text
    assert "Service tier" in text


def test_why_leaves_out_what_it_is_not(operator: Client, dimension: Dimension) -> None:
    fabrikam = Account.objects.get(name="Fabrikam 0")
    text = operator.get(reverse("admin:accounts_account_change", args=[fabrikam.pk])).content.decode()
    assert "Employees 60 (is at least 50)." in text
    assert "is at least 500" not in text


def test_the_list_costs_the_same_for_more_accounts(operator: Client, dimension: Dimension) -> None:
    costs = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            operator.get(page("changelist"))
            operator.get(page("segment", dimension.pk, "large"))
        costs.append(len(queries))
        large = dimension.versions.get().segments.get(key="large")
        AccountSegmentFactory.create_batch(20, dimension=dimension, segment=large)
    assert costs[1] == costs[2]
