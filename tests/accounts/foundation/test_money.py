from decimal import Decimal

import pytest
from babel.numbers import get_currency_precision
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.foundation import money

CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KWD", "CLF"])
AMOUNTS = st.integers(-(10**15), 10**15)


@given(AMOUNTS, CURRENCIES)
def test_minor_units_survive_the_way_to_units_and_back(minor, currency):
    units = Decimal(minor).scaleb(-get_currency_precision(currency))
    assert money.to_minor(units, currency) == minor
    assert money.to_minor(str(units), currency) == minor
    assert money.to_units(minor, currency) == pytest.approx(float(units), rel=1e-12)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("48000", "USD", 4_800_000), ("48000.05", "USD", 4_800_005), (1200, "JPY", 1200), ("1.234", "KWD", 1234)],
)
def test_knows_how_many_decimals_a_currency_has(amount, currency, minor):
    assert money.to_minor(amount, currency) == minor


@pytest.mark.parametrize(("amount", "currency"), [("0.001", "USD"), ("0.5", "JPY"), ("1.2345", "KWD")])
def test_refuses_fractions_of_a_minor_unit(amount, currency):
    with pytest.raises(ValidationError, match="more decimals"):
        money.to_minor(amount, currency)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (4_800_000, "USD", "$48,000"),
        (4_800_050, "USD", "$48,000.50"),
        (-150_000, "EUR", "-€1,500"),
        (1200, "JPY", "¥1,200"),
        (0, "USD", "$0"),
    ],
)
def test_is_shown_as_people_write_it(minor, currency, text):
    assert money.shown(minor, currency) == text


def test_whole_units_are_whole_numbers():
    assert money.to_units(4_800_000, "USD") == 48_000
    assert isinstance(money.to_units(4_800_000, "USD"), int)
    assert money.to_units(4_800_050, "USD") == 48_000.5


@pytest.mark.parametrize("code", ["", "usd", "US", "DOLLAR", "XYZ"])
def test_refuses_what_is_no_currency(code):
    with pytest.raises(ValidationError, match="Use three letters"):
        money.validate_currency(code)
    money.validate_currency("USD")
