"""System checks: settings without which the promises about concurrency, and about who comes from where, do not hold."""

import ipaddress
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Warned
from django.db import connections

MIN_TIMEOUT = 20
HERE = {"127.0.0.1", "localhost", "::1", None}


@register()
def databases(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """What is wrong with the settings of the databases in use."""
    found: list[CheckMessage] = []
    for alias in connections:
        found += problems_of(connections[alias].settings_dict)
    return found


@register()
def single_sign_on(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """What is missing of single sign-on where a provider is named."""
    needed = {name: getattr(settings, name) for name in ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")}
    missing = ", ".join(name for name, value in needed.items() if not value)
    if not missing:
        return _of_issuer(settings.OIDC_ISSUER)
    if not any(needed.values()):
        return []
    return [
        Error(
            f"Single sign-on is set up by half: {missing} is not set.",
            hint="Set all of OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or none of them.",
            id="holdfast.E010",
        )
    ]


def _of_issuer(issuer: str) -> list[CheckMessage]:
    asked = urlsplit(issuer)
    if asked.hostname and (asked.scheme == "https" or asked.hostname in HERE):
        return []
    return [
        Error(
            f"OIDC_ISSUER is {issuer}: who signs in would be told over a connection that anybody may change.",
            hint="Set OIDC_ISSUER to the address of the provider as it names itself, such as https://login.example.com.",
            id="holdfast.E011",
        )
    ]


@register()
def public_url(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Whether links that are sent can lead back to us."""
    public = urlsplit(settings.PUBLIC_URL)
    if public.scheme in ("http", "https") and public.hostname:
        return []
    return [
        Error(
            f"PUBLIC_URL is {settings.PUBLIC_URL}, which is no address of a web site.",
            hint="Begin it with https:// (or http://), such as https://holdfast.example.com.",
            id="holdfast.E012",
        )
    ]


def problems_of(settings: dict[str, Any]) -> list[CheckMessage]:
    """What is wrong with the settings of one database."""
    found: list[CheckMessage] = []
    if settings.get("ATOMIC_REQUESTS"):
        found.append(
            Error(
                "ATOMIC_REQUESTS is on: a request would hold the write lock until it is answered.",
                hint="Remove ATOMIC_REQUESTS from DATABASES; services open their own transactions.",
                id="holdfast.E001",
            )
        )
    if str(settings.get("ENGINE", "")).endswith("sqlite3"):
        found += _of_sqlite(settings.get("OPTIONS") or {})
    return found


def _of_sqlite(options: dict[str, Any]) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if str(options.get("transaction_mode", "")).upper() != "IMMEDIATE":
        found.append(
            Error(
                "SQLite begins transactions without the write lock: a reader that turns writer fails at once.",
                hint='Set OPTIONS["transaction_mode"] = "IMMEDIATE" in DATABASES.',
                id="holdfast.E002",
            )
        )
    if "journal_mode=wal" not in str(options.get("init_command", "")).lower().replace(" ", ""):
        found.append(
            Error(
                "SQLite does not keep a write-ahead log: a writer would shut out every reader.",
                hint='Add PRAGMA journal_mode=WAL to OPTIONS["init_command"] in DATABASES.',
                id="holdfast.E003",
            )
        )
    if float(options.get("timeout") or 0) < MIN_TIMEOUT:
        found.append(
            Error(
                f"SQLite waits less than {MIN_TIMEOUT} seconds for the write lock and then fails.",
                hint=f'Set OPTIONS["timeout"] to {MIN_TIMEOUT} or more in DATABASES.',
                id="holdfast.E004",
            )
        )
    return found


@register(Tags.security, deploy=True)
def reached_from_outside(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """What is wrong with an installation that others reach (`check --deploy`)."""
    public = urlsplit(settings.PUBLIC_URL)
    found: list[CheckMessage] = []
    if public.scheme != "https" and public.hostname not in HERE:
        found.append(
            Warned(
                f"PUBLIC_URL is {settings.PUBLIC_URL}: passwords and API keys cross the network in clear.",
                hint="Put a proxy with a certificate in front, and set PUBLIC_URL=https://…",
                id="holdfast.W001",
            )
        )
    if any(host in ("*", ".") for host in settings.ALLOWED_HOSTS):
        found.append(
            Warned(
                "ALLOWED_HOSTS allows every name: whoever sends a request chooses the host of links in its answer.",
                hint="List the names under which this server answers; the one of PUBLIC_URL is in the list by itself.",
                id="holdfast.W002",
            )
        )
    return found + _of_proxies(is_public=public.hostname not in HERE)


def _of_proxies(*, is_public: bool) -> list[CheckMessage]:
    """Whether it is known from where requests come."""
    trusted = [ipaddress.ip_network(text, strict=False) for text in settings.TRUSTED_PROXIES]
    if is_public and not trusted:
        return [
            Warned(
                "PUBLIC_URL names a proxy, and TRUSTED_PROXIES none: everybody seems to come from the proxy's address, "
                "so the limit of sign-ins from one address does not hold.",
                hint="Set TRUSTED_PROXIES to the address from which the proxy connects, such as 127.0.0.1.",
                id="holdfast.W003",
            )
        ]
    if any(network.prefixlen == 0 for network in trusted):
        return [
            Warned(
                "TRUSTED_PROXIES trusts every address: whatever anybody writes into X-Forwarded-For is believed.",
                hint="Name the proxies, and nothing else.",
                id="holdfast.W004",
            )
        ]
    return []
