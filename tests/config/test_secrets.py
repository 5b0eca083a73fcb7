"""After a day's use neither the database nor the logs hold a key, a token, a session id or a password in clear."""

import io
import logging
import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.foundation.clock import now
from accounts.outbox.endpoints import services as endpoints
from accounts.team import keys
from accounts.team.sessions import stored
from config.logs import Line, without_secrets
from config.settings import base
from tests.api.conftest import Api
from tests.cast import person

PASSWORDS = {"right": "correct-horse-7-battery", "wrong": "wrong-horse-8-staple"}


@pytest.fixture
def log():
    """Everything that an installation writes to its log, and the debug lines besides."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(Line(base.LOGGING["formatters"]["line"]["format"]))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    quiet = logging.getLogger("django.db.backends")
    quiet.setLevel(logging.INFO)  # statements are logged by no installation
    yield text
    root.removeHandler(handler)
    root.setLevel(level)
    quiet.setLevel(logging.NOTSET)


def dump() -> str:
    """Every row of every table, as the database tells it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [f"{table}: {_plain(row)}" for row in cursor.fetchall()]
    return "\n".join(found)


def _plain(row) -> str:
    texts = (bytes(one).decode(errors="replace") if isinstance(one, (bytes, memoryview)) else str(one) for one in row)
    return " ".join(texts)


def sign_in(username: str, password: str) -> Client:
    client = Client()
    client.post("/admin/login/", {"username": username, "password": password, "next": "/admin/"})
    return client


def a_day(starter, capsys) -> dict[str, str]:
    """Keys by every way, webhooks, sign-ins that succeed and fail, requests that do; every secret by its name."""
    admin = person("ines", role="administrator", group=None)
    admin.set_password(PASSWORDS["right"])
    admin.save(update_fields=["password"])
    found = {f"password, {name}": text for name, text in PASSWORDS.items()}
    sign_in("ines", PASSWORDS["wrong"])
    client = sign_in("ines", PASSWORDS["right"])
    found["session"] = client.cookies["sessionid"].value
    found["csrf token"] = client.cookies["csrftoken"].value
    for scope in ("read", "write", "admin"):
        found[f"key {scope}"] = keys.issue(name=scope, scope=scope, by=admin, at=now())[1]
    call_command("apikey", "create", "by command", "--scope", "read")
    found["key of the command"] = capsys.readouterr().out.strip().splitlines()[-1]
    found["wrong key"] = found["key read"][:-6] + "abcdef"
    page = client.post("/admin/accounts/source/add/", {"name": "Shop", "kind": "product", "stale_after_hours": 24})
    found |= {f"key of a source {n}": text for n, text in enumerate(_keys(page.content.decode()))}
    endpoint, found["webhook secret"] = endpoints.create(
        name="Warehouse", url="https://hooks.example.com/x", kinds=[], by=admin, at=now()
    )
    found["webhook secret, rotated"] = endpoints.rotate(endpoint, by=admin, at=now())
    for name in ("key write", "wrong key"):
        Api(found[name]).post("accounts/", {"name": "Acme"})
        Api(found[name]).post("accounts/", "{no json")
    return found


def _keys(page: str) -> list[str]:
    return sorted(set(re.findall(r"hf_[0-9A-Za-z]+_[0-9A-Za-z_-]{16,}", page)))


def test_no_secret_stands_in_the_database_or_in_the_log(starter, log, capsys):
    secrets = a_day(starter, capsys)
    assert len(secrets) >= 11, "a key of each kind was made"
    places = {"the database": dump(), "the log": log.getvalue()}
    parts = {name: text.rpartition("_")[2] for name, text in secrets.items()}  # a key's first part is its public name
    told = [f"{name} in {place}" for place, text in places.items() for name, part in parts.items() if part in text]
    assert not told
    assert "ines" in places["the database"], "the dump holds what is no secret"
    assert stored(secrets["session"]) in places["the database"]


def test_a_secret_that_a_library_quotes_is_left_out_of_the_log():
    assert without_secrets("Forbidden: /admin/link/MTY/digbbe-316fe39d/ ok") == "Forbidden: /admin/link/MTY/…/ ok"
    assert (
        without_secrets(f"Bearer hf_0a1b2c3d4e5f_{'x' * 43}, /admin/links/")
        == "Bearer hf_0a1b2c3d4e5f_…, /admin/links/"
    )


def test_a_form_without_its_token_is_refused_with_what_to_do(amelia, log):
    client = Client(enforce_csrf_checks=True)
    client.force_login(amelia)
    answer = client.post("/admin/link/MTY/digbbe-316fe39d/")
    assert answer.status_code == 403
    assert "reload the page and send it again" in answer.content.decode()
    assert "/admin/link/MTY/" in log.getvalue()
    assert "316fe39d" not in log.getvalue()


def test_the_hash_of_a_session_opens_no_session(starter, client, amelia):
    client.force_login(amelia)
    key = client.cookies["sessionid"].value
    assert client.get("/admin/").status_code == 200
    thief = Client()
    thief.cookies["sessionid"] = stored(key)
    assert thief.get("/admin/").status_code == 302
    client.post("/admin/logout/")
    thief.cookies["sessionid"] = key
    assert thief.get("/admin/").status_code == 302, "signed out is signed out"
