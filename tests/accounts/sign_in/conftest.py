"""Somebody with a password and a phone."""

import base64
import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django_otp.oath import hotp

from accounts.foundation.clock import now
from accounts.sign_in import factors
from accounts.team.models import User
from tests.cast import person

AT = dt.datetime(2026, 3, 4, 10, tzinfo=dt.UTC)


class Phone:
    """An authenticator app that holds one secret."""

    def __init__(self, secret: str) -> None:
        self.key = base64.b32decode(secret.replace(" ", ""))

    def code(self, *, later: int = 0) -> str:
        """The code that it shows in so many seconds."""
        return f"{hotp(self.key, int(now().timestamp() + later) // 30):06d}"


def sign_in(user: str, *, password: str = "", to: str = "/admin/") -> tuple[Client, Any]:
    client = Client()
    told = {"username": user, "password": password or f"{user}-pass-1", "next": to}
    return client, client.post("/admin/login/", told)


def set_up(user: User) -> tuple[Phone, list[str]]:
    sealed = factors.offer()
    phone = Phone(factors.readable(sealed))
    return phone, factors.enable(user, sealed=sealed, code=phone.code(), by=user, at=now())


def secret_on(page: str) -> str:
    return re.search(r'hf-secret">([A-Z2-7 ]+)<', page)[1]  # type: ignore[index]


@pytest.fixture
def maya(starter: Any, time_machine: Any) -> User:
    time_machine.move_to(AT, tick=False)
    return person("maya", role="csm", group=None)


@pytest.fixture
def root(maya: User) -> User:
    return person("root", role="administrator", group=None)
