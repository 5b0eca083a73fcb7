"""`manage.py apikey`: keys for machines, from the command line."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.team import keys
from accounts.team.models import ApiKey, User
from accounts.workspace.models import Source

Run = Callable[..., list[str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command; returns the lines it printed."""

    def apikey(*args: str) -> list[str]:
        call_command("apikey", *args)
        return capsys.readouterr().out.splitlines()

    return apikey


def refusal(run: Run, capsys: pytest.CaptureFixture[str], *args: str) -> str:
    """The sentence with which the command refuses `args`; it ends with 2 and makes nothing."""
    before = [table.objects.count() for table in (ApiKey, Source, User)]
    with pytest.raises(SystemExit) as ended:
        run(*args)
    assert ended.value.code == 2
    assert [table.objects.count() for table in (ApiKey, Source, User)] == before
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err


def test_the_key_stands_alone_on_the_last_line_and_works(starter: Any, run: Run) -> None:
    lines = run("create", "Product signals", "--scope", "ingest", "--source", "product")
    assert len(lines) == 3
    key = keys.identify(lines[-1], at=now())
    assert key is not None
    assert (key.name, key.scope, key.source) == ("Product signals", "ingest", Source.objects.get(key="product"))
    assert lines[-1] not in "".join(lines[:-1])
    assert AuditEntry.objects.filter(verb="apikey.issue", door="command").count() == 1


def test_a_source_that_exists_is_taken(product: Source, run: Run) -> None:
    run("create", "x", "--scope", "ingest", "--source", "product")
    assert ApiKey.objects.get().source == product


@pytest.mark.parametrize("scope", ["read", "write", "admin"])
def test_other_scopes_need_no_source(starter: Any, run: Run, scope: str) -> None:
    key = keys.identify(run("create", "Warehouse", "--scope", scope)[-1], at=now())
    assert key is not None
    assert (key.scope, key.source) == (scope, None)


def test_what_is_missing_is_named(starter: Any, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert "key" in refusal(run, capsys, "create", "x", "--scope", "ingest", "--source", "!")
    assert "120" in refusal(run, capsys, "create", "x" * 121, "--scope", "read")
    told = refusal(run, capsys, "create", "x", "--scope", "read", "--expires-days", "0")
    assert "--expires-days: give the key at least one day." in told
    with pytest.raises(CommandError, match="scope"):
        run("create", "x", "--scope", "everything")


def test_without_roles_it_says_what_to_do(db: Any, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    said = refusal(run, capsys, "create", "x", "--scope", "ingest", "--source", "product")
    assert "playbook import plays/playbook/starter" in said


def test_a_revoked_key_opens_nothing(starter: Any, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    text = run("create", "Old", "--scope", "read")[-1]
    prefix = text.split("_")[1]
    run("revoke", prefix)
    assert keys.identify(text, at=now()) is None
    assert "already" in refusal(run, capsys, "revoke", prefix)
    assert "no key" in refusal(run, capsys, "revoke", "000000")


def test_the_whole_key_names_itself_too(starter: Any, run: Run) -> None:
    text = run("create", "Old", "--scope", "read")[-1]
    run("revoke", text)
    assert ApiKey.objects.get().revoked_at is not None


def test_the_list_shows_every_key_and_no_secret(starter: Any, run: Run) -> None:
    texts = [run("create", name, "--scope", "read")[-1] for name in ("First", "Second")]
    run("revoke", texts[0].split("_")[1])
    first, second = run("list")
    assert "revoked" in first
    assert first.endswith("First")
    assert "live" in second
    for text in texts:
        assert text.split("_")[2] not in first + second


def test_a_key_for_signals_that_names_no_source_is_the_products(starter: Any, run: Run) -> None:
    lines = run("create", "x", "--scope", "ingest")
    assert ApiKey.objects.get().source == Source.objects.get(key="product")
    assert any("did not exist and was made" in line for line in lines)


def test_a_key_ends_by_itself_where_it_is_told_to(starter: Any, run: Run) -> None:
    run("create", "x", "--scope", "read", "--expires-days", "30")
    key = ApiKey.objects.get()
    assert key.expires_at is not None
    assert (key.expires_at - key.created_at).days == 30


def test_a_key_is_rotated(starter: Any, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    old = run("create", "CRM", "--scope", "write")[-1]
    lines = run("rotate", old.split("_")[1], "--overlap-days", "3")
    new = keys.identify(lines[-1], at=now())
    assert new is not None
    assert keys.identify(old, at=now()).user == new.user  # type: ignore[union-attr]
    assert "takes the place" in lines[0]
    assert "took its place" in refusal(run, capsys, "rotate", old)
    assert "0 to 90 days" in refusal(run, capsys, "rotate", new.prefix, "--overlap-days", "91")
    assert "no key" in refusal(run, capsys, "rotate", "000000")
