"""Real processes at work leave no secret in the database or in what they print; SECRET_KEY changes under traffic."""

import http.client
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.chaos.installation import IS_LONG, Installation, wait_until
from tests.chaos.servers import free_port

pytestmark = pytest.mark.processes
TOKEN = "x" * 32
PASSWORDS = {"right": "correct-horse-7-battery", "wrong": "wrong-horse-8-staple", "new": "other-horse-9-stable"}
LASTS_S = 20 if IS_LONG else 3
PEOPLE = """
import django, json; django.setup()
from accounts.foundation.clock import now
from accounts.team import keys, services as team
from accounts.team.models import Role
team.add_user(username="ines", email="i@x.example", first_name="Ines", last_name="", by=None, at=now(),
              role=Role.objects.get(key="administrator"), password="correct-horse-7-battery")
team.add_user(username="ada", email="a@x.example", first_name="Ada", last_name="", by=None, at=now(),
              role=Role.objects.get(key="csm"))
made = {f"key {s}": keys.issue(name=s, scope=s, by=None, at=now())[1] for s in ("read", "write", "admin")}
print(json.dumps(made))
"""
TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    "postgres": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}


def ask(port: int, verb: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        link.request(verb, path, body, headers)
        answer = link.getresponse()
        cookies = re.findall(r"(\w+)=([^;]+)", "; ".join(answer.headers.get_all("Set-Cookie") or []))
        return answer.status, dict(cookies), answer.read()
    finally:
        link.close()


def form(port: int, path: str, session: str = "", **values: str) -> tuple[int, dict[str, str], bytes]:
    body = urlencode(values | {"csrfmiddlewaretoken": TOKEN})
    cookie = f"csrftoken={TOKEN}" + (f"; sessionid={session}" if session else "")
    return ask(port, "POST", path, body, Cookie=cookie, **{"Content-Type": "application/x-www-form-urlencoded"})


def call(port: int, key: str, verb: str, path: str, body: Any = None) -> tuple[int, Any]:
    told = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    status, _, content = ask(port, verb, f"/api/v1/{path}", json.dumps(body) if body is not None else None, **told)
    return status, json.loads(content) if content else None


def is_up(port: int) -> bool:
    try:
        return ask(port, "GET", "/healthz")[0] == 200
    except OSError:
        return False


def serve(place: Installation, port: int) -> Any:
    place.environment["PORT"] = str(port)
    process = place.start("web")
    wait_until(lambda: is_up(port), 60)
    return process


def a_day(place: Installation) -> dict[str, str]:
    """Sign-ins, links, keys, webhooks and signals, as people and programs use them; every secret by its name."""
    port, secrets = place.port, json.loads(place.run(PEOPLE).strip().splitlines()[-1])
    admin = secrets["key admin"]
    secrets |= {f"password {name}": text for name, text in PASSWORDS.items()} | {"key ingest": place.key}
    secrets["key wrong"] = admin[:-8] + "abcdefgh"
    assert form(port, "/admin/login/", username="ines", password=PASSWORDS["wrong"])[0] == 200
    status, cookies, _ = form(port, "/admin/login/", username="ines", password=PASSWORDS["right"])
    assert status == 302
    secrets["session"] = cookies["sessionid"]
    assert call(port, secrets["key wrong"], "GET", "accounts/")[0] == 401
    status, endpoint = call(
        port, admin, "POST", "webhook-endpoints/", {"name": "W", "url": "https://hooks.example.com/x"}
    )
    assert status == 201, endpoint
    secrets["webhook secret"] = endpoint["signing_secret"]
    status, rotated = call(port, admin, "POST", f"webhook-endpoints/{endpoint['id']}/rotate-secret/")
    assert status in (200, 201), rotated
    secrets["webhook secret rotated"] = rotated["signing_secret"]
    link = call(port, admin, "POST", "users/ada/sign-in-link/")[1]["link"].partition(str(port))[2]
    secrets["link"] = link.rstrip("/").rpartition("/")[2]
    assert ask(port, "POST", link, "password=1")[0] == 403, "without a token of the form: it is logged"
    assert form(port, link, password=PASSWORDS["new"], again=PASSWORDS["new"])[0] == 302
    assert form(port, "/admin/login/", username="ada", password=PASSWORDS["new"])[0] == 302
    event = {"type": "track", "event": "Seen", "userId": "u", "messageId": "m1", "context": {"groupId": "acct-1"}}
    assert place.post(json.dumps({"batch": [event]}).encode())[0] == 200
    return secrets


def dump(place: Installation) -> str:
    kind = "sqlite" if place.url.startswith("sqlite") else "postgres"
    names = [name for (name,) in place.rows(TABLES[kind])]
    assert len(names) > 50
    return "\n".join(f"{name}: {_plain(row)}" for name in names for row in place.rows(f'SELECT * FROM "{name}"'))


def _plain(row: tuple[Any, ...]) -> str:
    texts = (bytes(one).decode(errors="replace") if isinstance(one, (bytes, memoryview)) else str(one) for one in row)
    return " ".join(texts)


def test_a_day_of_real_processes_leaves_no_secret_behind(place: Installation) -> None:
    serve(place, place.port)
    place.start("work")
    secrets = a_day(place)
    wait_until(lambda: not place.waiting(), 60)
    parts = {name: text.rpartition("_")[2] for name, text in secrets.items()}
    places = {"the database": dump(place), "the log": place.logs()}
    told = [f"{name} in {where}" for where, text in places.items() for name, part in parts.items() if part in text]
    assert not told
    assert len(parts) >= 11
    assert "ines" in places["the database"]
    assert "/admin/link/" in places["the log"], "what was refused is logged, without its secret"


@contextmanager
def traffic(ports: list[int], key: str) -> Iterator[list[int]]:
    """Calls with `key`, one after the other, to whichever servers are listed; the statuses of all of them.

    They stay below what one key may call in a minute.
    """
    found: list[int] = []
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(0.06):
            found.append(call(ports[len(found) % len(ports)], key, "GET", "me/")[0])

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def test_the_secret_key_changes_without_a_failed_request(place: Installation) -> None:
    """One server after the other: first all know the new key, then all sign with it, then none knows the old one."""
    key = json.loads(place.run(PEOPLE).strip().splitlines()[-1])["key read"]
    old, new = place.environment["SECRET_KEY"], "another-one-for-chaos"
    steps = [(old, ""), (old, new), (new, old), (new, "")]
    ports: list[int] = []
    servers: list[Any] = []
    with_traffic: list[int] = []
    for step, (present, other) in enumerate(steps):
        place.environment |= {"SECRET_KEY": present, "SECRET_KEY_FALLBACKS": other}
        port = free_port()
        servers.append(serve(place, port))
        if step == 0:
            ports.append(port)
            continue
        with traffic([*ports, port], key) as statuses:
            time.sleep(LASTS_S)
        with_traffic += statuses
        ports[:] = [port]
        servers.pop(0).terminate()
    assert len(with_traffic) >= 30
    assert set(with_traffic) == {200}
