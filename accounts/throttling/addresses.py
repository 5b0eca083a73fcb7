"""From which address a request comes, where proxies stand in front."""

import ipaddress
from functools import cache

from django.conf import settings
from django.http import HttpRequest

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def address_of(request: HttpRequest) -> str:
    """The address of whoever connected; behind proxies named in TRUSTED_PROXIES, of whoever connected to them.

    What anybody writes into X-Forwarded-For counts for nothing: only entries that a trusted proxy has added are read.
    """
    address = str(request.META.get("REMOTE_ADDR") or "")
    trusted = _networks(tuple(settings.TRUSTED_PROXIES))
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    while told and _is_among(address, trusted):
        address = told.pop() or address
    return address


@cache
def _networks(texts: tuple[str, ...]) -> list[Network]:
    return [ipaddress.ip_network(text, strict=False) for text in texts]


def _is_among(address: str, networks: list[Network]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks)
