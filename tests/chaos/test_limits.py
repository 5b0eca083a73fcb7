"""Limits over several web servers: however many of them are asked at once, no more pass."""

import http.client
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from tests.chaos.installation import Installation, wait_until
from tests.chaos.servers import free_port

pytestmark = pytest.mark.processes
AT_ONCE = 100
LIMIT = 10
ISSUE = """
from accounts.foundation.clock import now
from accounts.team import keys
import django
print(keys.issue(name="many", scope="read", by=None, at=now())[1])
"""
TOKEN = "x" * 32


def ask(port: int, verb: str, path: str, body: str | None, headers: dict[str, str]) -> int:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        link.request(verb, path, body, headers)
        response = link.getresponse()
        response.read()
        return response.status
    finally:
        link.close()


def all_at_once(ports: list[int], verb: str, path: str, body: str | None, headers: dict[str, str]) -> list[int]:
    """The statuses of a hundred requests, each to one server after the other and from an invented address."""

    def one(number: int) -> int:
        forged = {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"}
        return ask(ports[number % len(ports)], verb, path, body, headers | forged)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_a_hundred_at_once_over_two_servers_are_ten(place: Installation) -> None:
    place.environment["API_RATE"] = str(LIMIT)
    key = place.run("import django; django.setup()\n" + ISSUE).strip().splitlines()[-1]
    ports = [place.port, free_port()]
    for port in ports:
        place.environment["PORT"] = str(port)
        place.start("web")
    for port in ports:
        wait_until(lambda port=port: is_there(port), 60)
    calls = all_at_once(ports, "GET", "/api/v1/me/", None, {"Authorization": f"Bearer {key}"})
    assert (calls.count(200), calls.count(429)) == (LIMIT, AT_ONCE - LIMIT)
    form = urlencode({"username": "amelia", "password": "wrong", "csrfmiddlewaretoken": TOKEN})
    headers = {"Cookie": f"csrftoken={TOKEN}", "Content-Type": "application/x-www-form-urlencoded"}
    tries = all_at_once(ports, "POST", "/admin/login/", form, headers)
    assert (tries.count(200), tries.count(429)) == (LIMIT, AT_ONCE - LIMIT)
    sys.stdout.write(f"\n{AT_ONCE} at once over {len(ports)} servers: {LIMIT} calls and {LIMIT} sign-ins were let in\n")


def is_there(port: int) -> bool:
    try:
        return ask(port, "GET", "/healthz", None, {}) == 200
    except (OSError, http.client.HTTPException):
        return False
