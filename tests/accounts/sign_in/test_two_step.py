"""Whoever turned two-step sign-in on is let in by password and code, and by neither alone."""

import datetime as dt
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.foundation.models import AuditEntry
from accounts.sign_in import factors
from accounts.sign_in.models import RecoveryCode, SecondFactor
from accounts.team.models import User
from tests.accounts.sign_in.conftest import AT, Phone, secret_on, set_up, sign_in
from tests.threads import at_once

pytestmark = pytest.mark.django_db
CODE = "/admin/login/code/"


def show(client: Client, code: str) -> Any:
    return client.post(CODE, {"code": code})


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def test_without_it_the_password_signs_in(maya: User) -> None:
    client, answer = sign_in("maya", to="/admin/security/")
    assert answer["Location"] == "/admin/security/"
    assert is_in(client)
    told = AuditEntry.objects.get(verb="user.sign_in")
    assert (told.actor_id, told.after) == (maya.pk, {"with": "password"})


def test_the_whole_way_from_the_qr_code_to_the_second_sign_in(maya: User, time_machine: Any) -> None:
    client, _ = sign_in("maya")
    page = client.get("/admin/security/").content.decode()
    assert "<svg" in page
    phone = Phone(secret_on(page))
    assert secret_on(client.get("/admin/security/").content.decode()) == secret_on(page), (
        "a second look changes nothing"
    )
    done = client.post("/admin/security/", {"do": "enable", "code": phone.code()})
    codes = done.content.decode().split("data-recovery>")[1].split("</pre>")[0].split()
    assert len(codes) == 10
    assert "no-store" in done["Cache-Control"]
    again = client.get("/admin/security/").content.decode()
    assert codes[0] not in again
    assert "10 recovery codes left" in again

    time_machine.move_to(AT + dt.timedelta(minutes=5), tick=False)
    other, answer = sign_in("maya", to="/admin/book/")
    assert answer["Location"] == CODE
    assert not is_in(other)
    assert other.get("/api/v1/me/").status_code == 401
    assert show(other, phone.code())["Location"] == "/admin/book/"
    assert is_in(other)
    verbs = list(AuditEntry.objects.filter(verb__startswith="factor").values_list("verb", flat=True))
    assert verbs == ["factor.enable"]
    assert AuditEntry.objects.filter(verb="user.sign_in").latest("pk").after == {"with": "password and code"}


def test_a_wrong_code_is_refused_and_what_to_do_is_said(maya: User) -> None:
    phone, _ = set_up(maya)
    client, _ = sign_in("maya")
    for code in ("000000", "", "12345", "abcdefghij", "１２３４５６", phone.code(later=120), phone.code(later=-120)):
        answer = show(client, code)
        assert answer.status_code == 400
        assert 'role="alert"' in answer.content.decode()
    assert not is_in(client)


def test_a_code_counts_once(maya: User, time_machine: Any) -> None:
    phone, _ = set_up(maya)
    time_machine.move_to(AT + dt.timedelta(minutes=1), tick=False)
    first, second = sign_in("maya")[0], sign_in("maya")[0]
    code = phone.code()
    assert show(first, code).status_code == 302
    assert show(second, code).status_code == 400
    assert not is_in(second)


def test_the_code_that_turned_it_on_does_not_sign_in(maya: User) -> None:
    phone, _ = set_up(maya)
    client, _ = sign_in("maya")
    assert show(client, phone.code()).status_code == 400


@pytest.mark.parametrize("seconds", [-30, 30])
def test_the_clock_of_a_phone_may_be_a_little_off(maya: User, time_machine: Any, seconds: int) -> None:
    phone, _ = set_up(maya)
    time_machine.move_to(AT + dt.timedelta(hours=1), tick=False)
    client, _ = sign_in("maya")
    assert show(client, phone.code(later=seconds)).status_code == 302


def test_a_recovery_code_signs_in_once(maya: User) -> None:
    _, codes = set_up(maya)
    first, second = sign_in("maya")[0], sign_in("maya")[0]
    assert show(first, codes[3].upper()).status_code == 302
    assert show(second, codes[3]).status_code == 400
    assert "9 recovery codes are left" in first.get("/admin/").content.decode()
    assert AuditEntry.objects.filter(verb="factor.use_recovery_code").count() == 1


def test_codes_are_tried_ten_times(maya: User, time_machine: Any) -> None:
    phone, _ = set_up(maya)
    time_machine.move_to(AT + dt.timedelta(minutes=2), tick=False)
    client, _ = sign_in("maya")
    assert [show(client, "000000").status_code for _ in range(10)] == [400] * 10
    refused = show(client, phone.code())
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    fresh, _ = sign_in("maya")
    assert show(fresh, phone.code()).status_code == 429, "the count is the user's, not the session's"
    assert not is_in(fresh)


def test_the_password_counts_for_ten_minutes(maya: User, time_machine: Any) -> None:
    phone, _ = set_up(maya)
    client, _ = sign_in("maya")
    time_machine.move_to(AT + dt.timedelta(minutes=11), tick=False)
    assert show(client, phone.code())["Location"] == "/admin/login/"
    assert not is_in(client)


def test_a_password_changed_meanwhile_begins_anew(maya: User, time_machine: Any) -> None:
    phone, _ = set_up(maya)
    client, _ = sign_in("maya")
    maya.set_password("another-pass-2")
    maya.save()
    time_machine.move_to(AT + dt.timedelta(minutes=1), tick=False)
    assert show(client, phone.code())["Location"] == "/admin/login/"


def test_who_left_meanwhile_is_not_let_in(maya: User, time_machine: Any) -> None:
    phone, _ = set_up(maya)
    client, _ = sign_in("maya")
    User.objects.filter(pk=maya.pk).update(is_active=False)
    time_machine.move_to(AT + dt.timedelta(minutes=1), tick=False)
    show(client, phone.code())
    assert not is_in(client)


def test_the_code_page_alone_leads_to_the_password(client: Client, db: Any) -> None:
    assert client.get(CODE)["Location"] == "/admin/login/"


def test_turning_it_off_and_new_recovery_codes_take_a_code(maya: User, time_machine: Any) -> None:
    phone, codes = set_up(maya)
    client = Client()
    client.force_login(maya)
    assert client.post("/admin/security/", {"do": "disable", "code": "000000"}).status_code == 400
    assert SecondFactor.objects.count() == 1
    renewed = client.post("/admin/security/", {"do": "renew", "code": codes[0]}).content.decode()
    assert codes[1] not in renewed
    assert RecoveryCode.objects.filter(used_at=None).count() == 10
    time_machine.move_to(AT + dt.timedelta(minutes=1), tick=False)
    assert client.post("/admin/security/", {"do": "disable", "code": phone.code()}).status_code == 302
    assert not SecondFactor.objects.exists()
    told = set(AuditEntry.objects.filter(verb__startswith="factor").values_list("verb", flat=True))
    assert told == {"factor.enable", "factor.use_recovery_code", "factor.renew_recovery_codes", "factor.disable"}


def test_the_database_and_the_trail_hold_neither_secret_nor_codes(maya: User) -> None:
    sealed = factors.offer()
    secret = factors.readable(sealed).replace(" ", "")
    codes = factors.enable(maya, sealed=sealed, code=Phone(secret).code(), by=maya, at=AT)
    with connection.cursor() as cursor:
        found = ""
        for table in ("accounts_secondfactor", "accounts_recoverycode", "accounts_auditentry"):
            cursor.execute(f"SELECT * FROM {table}")
            found += str(cursor.fetchall())
    for plain in (secret, *codes, *(code.replace("-", "") for code in codes)):
        assert plain not in found
    assert sealed not in str(list(AuditEntry.objects.values_list("after", flat=True)))


def test_secrets_go_over_to_a_new_key(maya: User, settings: Any, time_machine: Any) -> None:
    phone, _ = set_up(maya)
    old = settings.SECRETS_KEYS
    settings.SECRETS_KEYS = ["a new key", *old]
    call_command("secrets", "reseal")
    settings.SECRETS_KEYS = ["a new key"]
    time_machine.move_to(AT + dt.timedelta(minutes=1), tick=False)
    client, _ = sign_in("maya")
    assert show(client, phone.code()).status_code == 302


def test_without_the_key_recovery_codes_still_let_in(maya: User, settings: Any) -> None:
    _, codes = set_up(maya)
    settings.SECRETS_KEYS = ["another key"]
    client, _ = sign_in("maya")
    assert show(client, "123456").status_code == 400
    assert show(client, codes[0]).status_code == 302


def test_a_new_password_ends_all_other_sessions(maya: User) -> None:
    here, there = sign_in("maya")[0], sign_in("maya")[0]
    new = {"old_password": "maya-pass-1", "new_password1": "violet-harbour-42", "new_password2": "violet-harbour-42"}
    assert here.post("/admin/password_change/", new)["Location"] == "/admin/security/"
    assert is_in(here)
    assert not is_in(there)
    assert not is_in(sign_in("maya")[0])
    told = AuditEntry.objects.get(verb="user.set_password")
    assert (told.actor_id, told.before, told.after) == (maya.pk, *[{"password": "(personal)"}] * 2)


def test_who_lost_a_computer_signs_out_everywhere_else(maya: User) -> None:
    here, there = sign_in("maya")[0], sign_in("maya")[0]
    waiting = User.objects.get(pk=maya.pk).get_session_auth_hash()
    assert "Sign out everywhere else" in here.get("/admin/security/").content.decode()
    told = here.post("/admin/security/", {"do": "end_sessions"}, follow=True).content.decode()
    assert "You are signed out everywhere else. This session goes on." in told
    assert is_in(here)
    assert not is_in(there)
    assert is_in(sign_in("maya")[0])
    assert User.objects.get(pk=maya.pk).get_session_auth_hash() != waiting
    entry = AuditEntry.objects.get(verb="user.end_sessions")
    assert (entry.actor_id, entry.before, entry.after) == (maya.pk, {"sessions_ended": 0}, {"sessions_ended": 1})


def test_the_old_password_is_not_guessed_at_a_screen_left_open(maya: User) -> None:
    client, _ = sign_in("maya")
    wrong = {"old_password": "x", "new_password1": "violet-harbour-42", "new_password2": "violet-harbour-42"}
    found = [client.post("/admin/password_change/", wrong).status_code for _ in range(11)]
    assert found == [200] * 10 + [429]
    assert not is_in(sign_in("maya", password="violet-harbour-42")[0])


@pytest.mark.django_db(transaction=True)
def test_of_two_who_show_one_code_at_once_one_is_let_in(maya: User, time_machine: Any) -> None:
    phone, _ = set_up(maya)
    time_machine.move_to(AT + dt.timedelta(minutes=1), tick=False)
    code, shown = phone.code(), []

    def try_it() -> None:
        try:
            shown.append(factors.prove(maya, code, at=AT + dt.timedelta(minutes=1)))
        except factors.WrongCode:
            shown.append("")

    at_once(*[try_it] * 4)
    assert sorted(shown) == ["", "", "", "code"]
