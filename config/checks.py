"""System checks: settings without which the promises about concurrency do not hold."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.db import connections

MIN_TIMEOUT = 20


@register()
def databases(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """What is wrong with the settings of the databases in use."""
    found: list[CheckMessage] = []
    for alias in connections:
        found += problems_of(connections[alias].settings_dict)
    return found


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
