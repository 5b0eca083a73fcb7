"""Texts that break programs, in every form of the console: a page that says what is wrong, and no fault of ours."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.test import Client
from django.urls import Resolver404, resolve

from accounts.facts.services import FactDraft, define
from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.portfolio.registry import TABS
from tests.api.hostile import OTHERS, texts
from tests.api.test_lists import MADE
from tests.cast import person
from tests.config.console.forms import Form, Page, encoded

AWAY = ("logout", "login", "password_change", "jsi18n", "app_list", "autocomplete", "view_on_site", "history")
ANSWERS = (200, 302, 400, 403, 404, 405, 409)
SCRIPT = "<script>alert("


@pytest.fixture
def console(pump: Any, northwind: Account) -> Client:
    """Somebody who may do everything, in a console in which every list has a row."""
    for make in MADE.values():
        make(0)
    define(FactDraft("plan_name", "Plan", "text", "For the tests."), by=None, at=now())
    client = Client()
    client.force_login(person("root", role="administrator", group=None))
    return client


def first_addresses(northwind: Account) -> Iterator[str]:
    yield "/admin/"
    for tab in TABS:
        yield f"/admin/accounts/account/{northwind.pk}/change/?tab={tab}"
    for model in admin.site._registry:
        listed = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        row = model._default_manager.order_by("pk").last()
        yield from (listed, f"{listed}add/", *([f"{listed}{row.pk}/change/"] if row else []))


def kind_of(address: str) -> str:
    """What makes two addresses the same page about different things."""
    path, _, query = address.partition("?")
    try:
        name = resolve(path).view_name
    except Resolver404:
        return ""
    tab = query if query.startswith("tab=") else ""
    return f"{name} {tab}" if path.startswith("/admin/") and not name.endswith(AWAY) else ""


def pages(client: Client, addresses: Iterator[str]) -> Iterator[tuple[Page, str]]:
    """Each kind of page that can be reached, opened once, with its HTML."""
    seen, waiting = set(), list(addresses)
    while waiting:
        address = waiting.pop(0)
        if not (kind := kind_of(address)) or kind in seen:
            continue
        seen.add(kind)
        answer = client.get(address)
        assert answer.status_code in ANSWERS, (address, answer.status_code)
        if answer.status_code == 200 and not answer.streaming and "html" in answer.headers["Content-Type"]:
            page = Page(address, answer.content.decode())
            waiting += page.links
            yield page, answer.content.decode()


def forms(
    client: Client, addresses: Iterator[str], place_of: Callable[[Form], tuple[str, ...]]
) -> Iterator[tuple[str, Form]]:
    """Every form, by what `place_of` makes of it, with the page on which it stands."""
    known = set()
    for page, _ in pages(client, addresses):
        for form in page.forms:
            place = place_of(form)
            if place and place not in known:
                known.add(place)
                yield page.address, form


def _place(form: Form) -> tuple[str, ...]:
    """What makes two forms the same one; empty for buttons, and for the lists' own form, which is Django's."""
    kind, names = kind_of(form.address), sorted(name for name, _ in form.sent)
    if form.verb == "get":
        return ("get", *names)
    is_own = kind and not kind.strip().endswith("_changelist") and len(names) > 1
    return (kind, *names) if is_own else ()


def test_no_text_in_no_form_breaks_a_page(console: Client, northwind: Account) -> None:
    supply = ["a\x00b", "a\ud800b", *texts(), *(str(value) for value in OTHERS if isinstance(value, (str, int)))]
    found, broken = list(forms(console, first_addresses(northwind), _place)), []
    for turn, (page, form) in enumerate(found):
        typed, forged = (supply[(turn + start) % len(supply)] for start in (0, len(supply) // 2))
        for pairs in (form.with_text(typed), form.forged(forged)):
            if trouble := _trouble(console, form, pairs):
                broken.append(f"{page} → {form.verb} {form.address} {str(pairs)[:300]}: {trouble[:300]}")
    assert len(found) > 30
    assert not broken, "\n".join(broken[:40])


def _trouble(client: Client, form: Form, pairs: list[tuple[str, str]]) -> str:
    """What is wrong with what follows; empty where nothing is."""
    try:
        with transaction.atomic():
            if form.verb == "post":
                kind = "application/x-www-form-urlencoded"
                answer = client.generic("POST", form.address, encoded(pairs), content_type=kind)
            else:
                answer = client.generic("GET", form.address.partition("?")[0], QUERY_STRING=encoded(pairs))
            connection.check_constraints()
    except Exception as fault:
        return f"{type(fault).__name__}: {fault}"
    if answer.status_code not in ANSWERS:
        return str(answer.status_code)
    shown = b"".join(answer) if answer.streaming else answer.content
    return "the text is run as a script" if SCRIPT.encode() in shown else ""
