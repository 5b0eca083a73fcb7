"""Money is an integer of minor units and a currency code."""

from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision, list_currencies
from django.core.exceptions import ValidationError


def validate_currency(code: str) -> None:
    """Refuses what is no ISO 4217 code."""
    if code not in list_currencies():
        raise ValidationError(f"{code} is no currency code. Use three letters such as USD, EUR or JPY.")


def to_minor(amount: Decimal | int | str, currency: str) -> int:
    """`amount` in currency units as minor units; refuses fractions of a minor unit."""
    minor = Decimal(amount).scaleb(get_currency_precision(currency))
    if minor != minor.to_integral_value():
        raise ValidationError(f"{amount} {currency} has more decimals than {currency} knows.")
    return int(minor)


def nearest_minor(amount: Decimal | int | str, currency: str) -> int:
    """`amount` in currency units as the nearest whole number of minor units: for showing, never for keeping."""
    return round(Decimal(amount).scaleb(get_currency_precision(currency)))


def to_units(minor: int, currency: str) -> float | int:
    """Minor units as a number of currency units: 4_800_000 USD cents are 48000."""
    precision = get_currency_precision(currency)
    return minor if precision == 0 else _plain(minor / 10**precision)


def _plain(amount: float) -> float | int:
    return int(amount) if amount.is_integer() else amount


def decimal_text(minor: int, currency: str) -> str:
    """Minor units as an exact decimal of currency units for machines: 48000.00, or 48000 where there are no cents."""
    return f"{Decimal(minor).scaleb(-get_currency_precision(currency)):f}"


def shown(minor: int, currency: str, locale: str = "en_US") -> str:
    """Minor units as people write money: $48,000 (decimals only where there are any)."""
    amount = Decimal(minor).scaleb(-get_currency_precision(currency))
    whole = amount == amount.to_integral_value()
    return format_currency(amount, currency, "¤#,##0" if whole else None, locale=locale, currency_digits=not whole)
