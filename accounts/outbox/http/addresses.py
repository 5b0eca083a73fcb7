"""Where the HTTP client may connect: public addresses, and the private hosts that are allowed by name."""

import ipaddress
import re
import socket

import httpx
from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

SCHEMES = {"http": 80, "https": 443}
HOST = re.compile(rb"[A-Za-z0-9._:-]{1,255}")
TRANSLATED = [
    ipaddress.ip_network(network)
    for network in (
        "::ffff:0:0/96",  # IPv4 written as IPv6
        "64:ff9b::/96",  # NAT64: any IPv4 address may stand behind it
        "64:ff9b:1::/48",
        "2002::/16",  # 6to4
        "2001::/32",  # Teredo
        "192.88.99.0/24",  # relays of 6to4
        "192.0.0.0/24",  # protocol assignments, such as DS-Lite
    )
]
"""Addresses that lead to another address, which nobody has checked."""


class Forbidden(RuntimeError):
    """The address may not be reached from here; nothing was connected."""


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, and to nothing inside."""
    if any(address in network for network in TRANSLATED if network.version == address.version):
        return False
    if address.is_multicast or address.is_reserved or getattr(address, "is_site_local", False):
        return False
    return address.is_global


def addresses_of(host: str, port: int) -> list[str]:
    """The addresses to which a connection to `host` may be opened. Forbidden where one of them is private.

    It is resolved once, and the connection goes to what was checked: asked again, a name may answer otherwise.
    """
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if is_allowed(host, port):
        return found
    for address in found:
        if not is_public(ipaddress.ip_address(address)):
            raise Forbidden(
                f"{host} leads to the private address {address}. Only public addresses are reached; "
                f"OUTBOUND_ALLOW={host}:{port} admits this host."
            )
    return found


def is_allowed(host: str, port: int) -> bool:
    """Whether the installation admits this host although it is private."""
    name = host.lower().strip("[]").rstrip(".")
    names = {name, f"[{name}]"} if ":" in name else {name}
    return any(entry.lower() in (one, f"{one}:{port}") for entry in settings.OUTBOUND_ALLOW for one in names)


def checked_url(text: str) -> httpx.URL:
    """`text` as an address on the web. Forbidden for other schemes and for what hides a name or a password."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise Forbidden(f"This is no web address: {error}.") from None
    if url.scheme not in SCHEMES or not url.host:
        raise Forbidden("Give an address that begins with https:// or http://.")
    if not HOST.fullmatch(url.raw_host) or not 0 < (url.port or SCHEMES[url.scheme]) < 65_536:
        raise Forbidden("The name of the host or its port is not one there can be.")
    if url.userinfo:
        raise Forbidden("Leave name and password out of the address.")
    return url


def refuse_private(text: str) -> None:
    """Forbidden for a web address whose host is written as a private address; names are checked when connecting."""
    url = checked_url(text)
    try:
        address = ipaddress.ip_address(url.host.strip("[]"))
    except ValueError:
        return
    if not is_public(address) and not is_allowed(url.host, url.port or SCHEMES[url.scheme]):
        raise Forbidden(f"{address} is a private address. Only public addresses are reached; see OUTBOUND_ALLOW.")
