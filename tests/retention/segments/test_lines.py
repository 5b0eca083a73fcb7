"""The segments of a dimension that is edited, folded to a line each: the one that somebody works on is open."""

import re
from typing import Any

from django.test import Client

from retention.segments.models import Dimension
from tests.retention.segments.test_console import dimension, operator, page, typed
from tests.retention.segments.test_editing import HIGHER, LOWER, live, pytestmark

__all__ = ["dimension", "operator", "pytestmark"]
FOLD = re.compile(r'<details class="hf-card hf-fold( hf-fold--wrong)?" id="segment-(\d+)"( open)?>')


def folds(text: str) -> list[tuple[int, bool, bool]]:
    """Each segment in the order of the page: its number, whether it is open, whether something is wrong in it."""
    return [(int(number), bool(is_open), bool(is_wrong)) for is_wrong, number, is_open in FOLD.findall(text)]


def edited(client: Client, dimension: Dimension, **changes: Any) -> str:
    return client.post(page("edit", dimension.pk), typed(dimension, do="preview", **changes)).content.decode()


def test_each_segment_is_a_line_with_its_condition_and_its_accounts(operator: Client, dimension: Dimension) -> None:
    text = operator.get(page("edit", dimension.pk)).content.decode()
    assert folds(text) == [(number, False, False) for number in (1, 2, 3, 4, 5)]
    assert '<h2>Middle</h2><span>Employees is at least 50.</span><span class="hf-num">4 accounts</span>' in text
    assert '<h2>Large</h2><span>Employees is at least 500.</span><span class="hf-num">1 account</span>' in text
    assert "<h2>Another segment</h2>" in text


def test_the_one_that_was_asked_for_is_open(operator: Client, dimension: Dimension) -> None:
    segment = operator.get(page("segment", dimension.pk, "small")).content.decode()
    assert f"{page('edit', dimension.pk)}?segment=small" in segment
    text = operator.get(page("edit", dimension.pk), {"segment": "small"}).content.decode()
    assert (3, True, False) in folds(text)
    assert (2, False, False) in folds(text)


def test_the_one_in_which_something_is_wrong_opens_and_is_named_above(operator: Client, dimension: Dimension) -> None:
    text = edited(operator, dimension, **{"segment-1-condition": "{"})
    assert folds(text)[:3] == [(1, False, False), (2, True, True), (3, False, False)]
    assert 'Something is not right yet in <a href="#segment-2">Middle</a>.' in text
    assert "Its condition is not right yet." in text


def test_what_the_service_refuses_opens_its_segment(operator: Client, dimension: Dimension) -> None:
    text = edited(operator, dimension, **{"segment-0-condition": ""})
    assert folds(text)[0] == (1, True, True)


def test_what_was_changed_stays_open_and_says_how_many_it_would_have(operator: Client, dimension: Dimension) -> None:
    text = edited(operator, dimension, **HIGHER, **LOWER)
    assert [number for number, is_open, _ in folds(text) if is_open] == [2, 3]
    assert "4 → 0 accounts" in text
    assert "0 → 4 accounts" in text


def test_lines_stand_in_the_order_that_was_typed(operator: Client, dimension: Dimension) -> None:
    text = edited(operator, dimension, **{"segment-0-place": "20", "segment-1-place": "10"})
    assert [number for number, *_ in folds(text)] == [2, 1, 3, 4, 5]
    assert not any(is_open for _, is_open, _ in folds(text)), "nothing in them was changed"


def test_lines_follow_while_one_types(operator: Client, dimension: Dimension) -> None:
    text = live(operator, dimension, **HIGHER, **LOWER)
    assert 'id="line-2" hx-swap-oob="true"' in text
    assert "<span>Employees is at least 70.</span>" in text
    assert "4 → 0 accounts" in text
    assert "hx-swap-oob" not in live(operator, dimension, **{"segment-0-condition": "{"})


def test_a_place_that_is_no_number_is_said_beside_it(operator: Client, dimension: Dimension) -> None:
    text = edited(operator, dimension, **{"segment-0-place": "9" * 5000})
    assert (1, True, True) in folds(text)
    assert edited(operator, dimension, **{"segment-0-place": "²"}).count("Enter a whole number.") == 1


def test_a_new_dimension_begins_with_segments_that_are_open(operator: Client, dimension: Dimension) -> None:
    text = operator.get(page("new")).content.decode()
    assert folds(text) == [(1, True, False), (2, True, False), (3, False, False), (4, False, False)]
    assert text.count("<h2>New segment</h2>") == 2
    assert text.index("<h2>New segment</h2>") < text.index("<h2>Unknown</h2>") < text.index("<h2>Another segment</h2>")
    assert page("changelist") in text.partition("Show what would change")[2], "one can go back"
