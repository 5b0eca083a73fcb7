"""What the environment says, read once, with errors that name the variable and what to put in it."""

import ipaddress
import os
import secrets
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()


def var_dir() -> Path:
    """The folder for everything this installation writes: database, secrets, screenshots, bench results."""
    VAR_DIR.mkdir(mode=0o700, exist_ok=True)
    return VAR_DIR


def secret(name: str) -> str:
    """The value of environment variable `name`, else a secret made once and kept in `var/` (mode 0600)."""
    if value := os.environ.get(name):
        return value
    path = var_dir() / name.lower()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        value = secrets.token_urlsafe(48)
        file.write(value)
    return value


def database(variable: str = "DATABASE_URL", default: str | None = None) -> dict[str, Any]:
    """Django's settings of the database named by `variable`; SQLite in `var/` when it names none."""
    url = os.environ.get(variable) or default or f"sqlite:///{var_dir() / 'holdfast.sqlite3'}"
    config = environ.Env.db_url_config(url)
    engine = config.get("ENGINE", "")
    if engine.endswith("sqlite3"):
        return config | SQLITE | {"ENGINE": "config.sqlite3"}
    if engine.endswith("postgresql"):
        return config | POSTGRESQL
    raise ImproperlyConfigured(
        f"{variable}={url!r} names no database we know. Use sqlite:///path/to/file or postgres://user:password@host/name."
    )


# Writers take the lock when they begin: with Django's default (deferred) a reader that turns writer
# fails at once with "database is locked", whatever the timeout.
SQLITE: dict[str, Any] = {
    "CONN_MAX_AGE": None,
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: an answered signal survives a power cut; one fsync a commit is its price.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-64000;"
            "PRAGMA wal_autocheckpoint=20000; PRAGMA foreign_keys=ON;"
        ),
    },
}
# Compiling a statement to machine code takes longer than a pass over thousands of accounts does.
POSTGRESQL: dict[str, Any] = {
    "CONN_MAX_AGE": None,
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {"connect_timeout": 5, "options": "-c jit=off"},
}


def email() -> dict[str, Any]:
    """Django's settings of the mail server named by EMAIL_URL; EMAIL_IS_SET says whether it names one."""
    url = os.environ.get("EMAIL_URL", "").strip()
    if not url:
        return {"EMAIL_IS_SET": False, "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    try:
        return environ.Env.email_url_config(url) | {"EMAIL_IS_SET": True}
    except Exception as error:
        raise ImproperlyConfigured(
            f"EMAIL_URL={url.partition('@')[2] or url!r} names no mail server we know. "
            "Use smtp://user:password@host:587, or smtp+tls:// or smtp+ssl:// in front."
        ) from error


def flag(name: str, *, default: bool) -> bool:
    """A yes-or-no variable: 1/true/yes/on or 0/false/no/off."""
    text = os.environ.get(name, "").strip().lower()
    if not text:
        return default
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}={text!r} is neither yes nor no. Use {name}=1 or {name}=0.")


def words(name: str, default: list[str]) -> list[str]:
    """A comma-separated variable as a list."""
    text = os.environ.get(name, "")
    return [word.strip() for word in text.split(",") if word.strip()] or default


def networks(name: str) -> list[str]:
    """A comma-separated variable of addresses or networks, such as `10.0.0.0/8`; empty where it is not set."""
    found = words(name, [])
    for word in found:
        try:
            ipaddress.ip_network(word, strict=False)
        except ValueError:
            raise ImproperlyConfigured(
                f"{name}: {word!r} is no address and no network. Use {name}=127.0.0.1,10.0.0.0/8, say."
            ) from None
    return found


def number(name: str, *, default: int, smallest: int, largest: int) -> int:
    """A variable that holds a whole number within bounds."""
    text = os.environ.get(name, "").strip() or str(default)
    if not text.isascii() or not text.isdigit() or not smallest <= int(text[:9]) <= largest:
        raise ImproperlyConfigured(
            f"{name}={text!r} is no whole number from {smallest} to {largest}. Use {name}={default}, say."
        )
    return int(text)
