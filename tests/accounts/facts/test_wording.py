"""Facts as people write them."""

import pytest

from accounts.facts.catalogue import facts
from accounts.facts.wording import unit_of


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("active_users_30d", 14, "people, 30 days"),
        ("active_users_30d", 1, "person, 30 days"),
        ("active_users_30d", 0, "people, 30 days"),
        ("active_users_30d", None, "people, 30 days"),
        ("seats_bought", 1, "seat"),
        ("arr", 1, ""),
        ("auto_renew", True, ""),
        ("fiscal_year_end_month", 1, ""),
    ],
)
def test_a_unit_follows_its_value(key, value, says):
    assert unit_of(facts[key], value) == says
