"""While a dimension is edited: who would move, at once; afterwards: what each version changed."""

from typing import Any

import pytest
from django.test import Client

from accounts.foundation.scope import Area
from accounts.team.models import Grant
from retention.segments import edit_page
from retention.segments.models import AccountSegment, Dimension
from tests.cast import person
from tests.retention.segments.test_console import dimension, operator, page, signed_in, typed

pytestmark = pytest.mark.django_db
__all__ = ["dimension", "operator"]
HIGHER = {"segment-1-condition": '{"fact": "employees", "operator": "greaterThanInclusive", "value": 70}'}
LOWER = {"segment-2-condition": '{"fact": "employees", "operator": "lessThan", "value": 70}'}


def live(client: Client, dimension: Dimension, **changes: Any) -> str:
    return client.post(page("edit", dimension.pk), typed(dimension, do="live", **changes)).content.decode()


def test_who_would_move_is_told_while_one_types(operator: Client, dimension: Dimension) -> None:
    assert "No account would move." in live(operator, dimension)
    text = live(operator, dimension, **HIGHER, **LOWER)
    assert "4 of 5 accounts would move" in text
    assert "Middle → Small: 4" in text
    assert "Fabrikam 0, Fabrikam 1, Fabrikam 2, …" in text
    assert "“Middle” loses all its accounts." in text
    assert dimension.versions.count() == 1
    assert AccountSegment.objects.filter(dimension=dimension, segment__key="middle").count() == 4


def test_a_form_that_is_not_right_yet_moves_nobody(operator: Client, dimension: Dimension) -> None:
    for wrong in ({"segment-0-condition": "{"}, {"segment-0-name": ""}, {"segment-1-condition": ""}):
        assert "Complete what you began" in live(operator, dimension, **wrong)


def test_in_a_large_book_it_is_told_when_asked_for(
    operator: Client, dimension: Dimension, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edit_page, "LIVE_AT_MOST", 4)
    assert "The book is large" in live(operator, dimension, **HIGHER, **LOWER)


def test_who_sees_few_accounts_is_asked_about_the_whole_book(dimension: Dimension) -> None:
    Grant.objects.filter(role__key="operator", area=Area.ACCOUNTS).update(reach="own")
    client = signed_in(person("otto", role="operator", group=None))
    body = typed(dimension, do="publish", **HIGHER, **LOWER)
    text = client.post(page("edit", dimension.pk), body).content.decode()
    assert "4 of 5 accounts (80 %) move to another segment." in text
    assert 'name="confirmed"' in text
    assert "Fabrikam" not in text
    assert client.post(page("edit", dimension.pk), body | {"confirmed": "yes"}).status_code == 302


def test_each_version_says_what_it_changed(operator: Client, dimension: Dimension) -> None:
    changes = HIGHER | LOWER | {"segment-0-name": "Huge", "segment-0-capacity": "12", "confirmed": "yes"}
    assert operator.post(page("edit", dimension.pk), typed(dimension, do="publish", **changes)).status_code == 302
    text = operator.get(page("change", dimension.pk)).content.decode()
    assert "Large is now called Huge." in text
    assert "Huge: capacity nothing became 12." in text
    assert "Middle takes accounts for which “Employees is at least 70”; before: “Employees is at least 50”." in text
    assert "The first version." in text
    assert "4 moves, 4 of them by a changed rule" in text
    assert "version 2 was published" in operator.get(page("segment", dimension.pk, "small")).content.decode()


def test_segments_that_came_went_or_changed_places_are_told(operator: Client, dimension: Dimension) -> None:
    new = {
        "segment-4-name": "Tiny",
        "segment-4-place": "25",
        "segment-4-condition": '{"fact": "employees", "operator": "lessThan", "value": 5}',
        "segment-0-place": "21",
        "segment-2-remove": "on",
        "confirmed": "yes",
    }
    answer = operator.post(page("edit", dimension.pk), typed(dimension, do="publish", **new))
    assert answer.status_code == 302
    text = operator.get(page("change", dimension.pk)).content.decode()
    assert "Small is gone." in text
    assert "Tiny is new: it takes accounts for which “Employees is below 5”." in text
    assert "Now in this order: Middle, Large, Tiny, Unknown." in text


def test_a_dimension_that_reads_itself_is_refused_when_it_is_looked_at(operator: Client, dimension: Dimension) -> None:
    itself = {"segment-1-condition": '{"fact": "head_count", "operator": "equal", "value": "large"}'}
    answer = operator.post(page("edit", dimension.pk), typed(dimension, do="preview", **itself))
    assert answer.status_code == 400
    assert "This asks for the segment that is decided here." in answer.content.decode()
