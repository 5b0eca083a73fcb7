"""A request that is sent again because nobody heard the answer: one effect, and the same answer again."""

import datetime as dt
import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.idempotency import jobs, services
from accounts.idempotency.models import StoredAnswer
from accounts.keeping.queries import kept
from accounts.outbox.models import WebhookEndpoint
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team import keys
from accounts.touches.models import Touch
from tests.api.conftest import Api, problems
from tests.threads import at_once

NEW = {"name": "Acme Rockets"}


def send(api: Api, path: str, body: Any, key: str, verb: str = "POST") -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    headers = api.headers | {"Idempotency-Key": key}
    return api.client.generic(verb, f"/api/v1/{path}", text, content_type="application/json", headers=headers)


def test_the_same_request_again_is_answered_alike_and_changes_nothing(api):
    first, again = [send(api, "accounts/", NEW, "order-1") for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.headers["Content-Type"] == again.headers["Content-Type"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Account.objects.count() == 1
    assert AuditEntry.objects.filter(verb="account.create").count() == 1


def test_without_a_key_each_request_counts(api):
    assert [api.post("accounts/", NEW).status_code for _ in range(2)] == [201, 201]
    assert Account.objects.count() == 2
    assert not StoredAnswer.objects.exists()


def test_quotation_marks_of_the_draft_may_be_left_out(api):
    send(api, "accounts/", NEW, '"order-1"')
    assert send(api, "accounts/", NEW, "order-1").headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("path", "body", "verb"),
    [("accounts/", {"name": "Other"}, "POST"), ("accounts/?x=1", NEW, "POST"), ("stakeholders/", NEW, "POST")],
)
def test_the_key_of_another_request_is_refused(api, path, body, verb):
    send(api, "accounts/", NEW, "order-1")
    response = send(api, path, body, "order-1", verb)
    problems(response, 422)
    assert response.json()["code"] == "idempotency_key_reused"
    assert "new key" in response.json()["remedy"]
    assert Account.objects.count() == 1


@pytest.mark.parametrize("key", ["", " ", '"', '""', "a b", '"a"b"', "x" * 256, "ü", "a\\b", '"a", "b"', "\t"])
def test_what_is_no_key_is_refused(api, key):
    response = send(api, "accounts/", NEW, key)
    problems(response, 400)
    assert response.json()["code"] == "idempotency_key_malformed"
    assert not Account.objects.exists()


def test_the_longest_key_is_one(api):
    assert send(api, "accounts/", NEW, "x" * 255).status_code == 201


def test_each_caller_has_keys_of_their_own(with_key):
    for _ in range(2):
        assert send(with_key("write"), "accounts/", NEW, "order-1").status_code == 201
    assert Account.objects.count() == 2


def test_a_key_that_took_the_place_of_another_hears_its_answers(starter):
    old, text = keys.issue(name="CRM", scope="write", by=None, at=now())
    send(Api(text), "accounts/", NEW, "order-1")
    _, new = keys.rotate(old, overlap=dt.timedelta(days=1), by=None, at=now())
    assert send(Api(new), "accounts/", NEW, "order-1").headers["Idempotent-Replayed"] == "true"


def test_a_refusal_that_is_final_is_remembered_and_left_nothing_behind(api, monkeypatch):
    refused = send(api, "accounts/", {"name": "Acme", "csm": "nobody"}, "order-1")
    assert "csm" in problems(refused, 400)
    again = send(api, "accounts/", {"name": "Acme", "csm": "nobody"}, "order-1")
    assert again.json() == refused.json()
    assert again.headers["Content-Type"] == "application/problem+json"
    assert again.headers["Idempotent-Replayed"] == "true"
    assert not Account.objects.exists()
    assert not AuditEntry.objects.filter(verb="account.create").exists()


def test_who_may_not_is_not_remembered(with_key, api):
    reader = with_key("read")
    problems(send(reader, "accounts/", NEW, "order-1"), 403)
    problems(send(Api("hf_0_0"), "accounts/", NEW, "order-1"), 401)
    assert not StoredAnswer.objects.exists()


def test_another_kind_of_body_is_not_remembered(api):
    headers = api.headers | {"Idempotency-Key": "order-1"}
    path = "/api/v1/accounts/"
    problems(api.client.generic("POST", path, json.dumps(NEW), content_type="text/plain", headers=headers), 415)
    assert send(api, "accounts/", NEW, "order-1").status_code == 201


def test_a_fault_of_ours_undoes_everything_and_frees_the_key(api, monkeypatch):
    whole = portfolio.create

    def broken(**values: Any) -> Any:
        whole(**values)
        raise RuntimeError("a fault")

    api.client.raise_request_exception = False
    monkeypatch.setattr(portfolio, "create", broken)
    problems(send(api, "accounts/", NEW, "order-1"), 500)
    assert not Account.objects.exists()
    assert not StoredAnswer.objects.exists()
    monkeypatch.undo()
    assert send(api, "accounts/", NEW, "order-1").status_code == 201


def test_a_key_on_a_read_changes_nothing(api):
    for _ in range(2):
        response = api.client.get("/api/v1/accounts/", headers=api.headers | {"Idempotency-Key": "order-1"})
        assert response.status_code == 200
        assert "Idempotent-Replayed" not in response.headers


def test_what_a_caller_was_shown_once_is_sealed_in_the_database(with_key):
    body = {"name": "Warehouse", "url": "https://hooks.example.com/x"}
    admin = with_key("admin")
    shown = send(admin, "webhook-endpoints/", body, "order-1").json()
    assert shown["signing_secret"].startswith("whsec_")
    assert shown["signing_secret"] not in StoredAnswer.objects.get().answer
    assert send(admin, "webhook-endpoints/", body, "order-1").json() == shown
    assert WebhookEndpoint.objects.count() == 1


def test_an_answer_sealed_under_a_key_that_is_gone_is_told_of(api, settings):
    send(api, "accounts/", NEW, "order-1")
    settings.SECRETS_KEYS = ["another"]
    response = send(api, "accounts/", NEW, "order-1")
    problems(response, 409)
    assert response.json()["code"] == "idempotency_answer_lost"
    assert Account.objects.count() == 1


def test_verbs_of_rows_and_bulk_take_keys_too(api, northwind):
    item = {"external_id": "1", "account": northwind.key, "kind": "call", "happened_at": "2026-01-15T09:00:00Z"}
    body = {"source": "product", "items": [item]}
    assert send(api, "touches/bulk/", body, "b-1").json()["stored"] == 1
    assert send(api, "touches/bulk/", body, "b-1").json()["stored"] == 1
    assert Touch.objects.count() == 1
    changed = [send(api, f"accounts/{northwind.key}/", {"employees": 5}, "p-1", "PATCH") for _ in range(2)]
    assert changed[1].headers["Idempotent-Replayed"] == "true"


def test_a_session_of_the_console_takes_keys_too(as_user, bruno):
    user = as_user(bruno)
    assert [send(user, "accounts/", NEW | {"csm": "bruno"}, "k").status_code for _ in range(2)] == [201, 201]
    assert Account.objects.count() == 1


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_a_form_with_a_key_is_refused(as_user, bruno, kind):
    client = Client(enforce_csrf_checks=True)
    client.force_login(bruno)
    headers = {"Idempotency-Key": "k", "X-CSRFToken": "x" * 32}
    client.cookies["csrftoken"] = "x" * 32
    body = "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n"
    problems(client.generic("POST", "/api/v1/accounts/", body, content_type=kind, headers=headers), 415)


def test_a_body_that_no_route_takes_is_refused(api, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    problems(send(api, "accounts/", {"name": "x" * 1001}, "k"), 413)


def test_answers_are_forgotten_after_three_days(api, time_machine_at):
    send(api, "accounts/", NEW, "order-1")
    with time_machine_at(kept("answers") - dt.timedelta(minutes=1)):
        assert jobs.forget() == 0
    with time_machine_at(kept("answers") + dt.timedelta(minutes=1)):
        assert jobs.forget() == 1
    assert send(api, "accounts/", NEW, "order-1").status_code == 201
    assert Account.objects.count() == 2


@pytest.fixture
def time_machine_at():
    import time_machine

    return lambda later: time_machine.travel(now() + later, tick=False)


@pytest.mark.django_db(transaction=True)
def test_fifty_repeats_at_once_have_one_effect(transactional_db, write_key):
    def call() -> Any:
        return send(Api(write_key), "accounts/", NEW, "order-1")

    answers = at_once(*[call] * 50)
    made = [answer for answer in answers if answer.status_code == 201]
    waiting = [answer for answer in answers if answer.status_code == 409]
    assert len(made) + len(waiting) == 50, {answer.status_code for answer in answers}
    assert {answer.json()["key"] for answer in made} == {Account.objects.get().key}
    assert sum("Idempotent-Replayed" not in answer.headers for answer in made) == 1
    assert {answer.headers["Retry-After"] for answer in waiting} <= {"1"}
    assert AuditEntry.objects.filter(verb="account.create").count() == 1
    assert StoredAnswer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_running_a_repeat_is_told_to_wait_or_waits(transactional_db, write_key, monkeypatch):
    """PostgreSQL can tell; on SQLite whoever writes waits for whoever writes, and then hears the answer."""
    begun, go_on, whole = threading.Event(), threading.Event(), portfolio.create

    def slow(**values: Any) -> Any:
        begun.set()
        assert go_on.wait(20)
        return whole(**values)

    def call() -> Any:
        try:
            return send(Api(write_key), "accounts/", NEW, "order-1")
        finally:
            connections.close_all()

    monkeypatch.setattr(portfolio, "create", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(call)
        assert begun.wait(20)
        second = pool.submit(call)
        if connection.vendor == "postgresql":
            response = second.result(20)
            problems(response, 409)
            assert response.json()["code"] == "idempotency_key_in_use"
            assert response.headers["Retry-After"] == "1"
        go_on.set()
        assert first.result(20).status_code == 201
        if connection.vendor == "sqlite":
            assert second.result(20).headers["Idempotent-Replayed"] == "true"
    assert Account.objects.count() == 1


def test_an_effect_that_cannot_keep_its_answer_does_not_happen(api, monkeypatch):
    def no_answer(text: str) -> str:
        raise RuntimeError("cannot be sealed")

    monkeypatch.setattr(services, "seal", no_answer)
    api.client.raise_request_exception = False
    problems(send(api, "accounts/", NEW, str(uuid.uuid4())), 500)
    assert not Account.objects.exists()
