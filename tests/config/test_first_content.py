"""What the first start puts into an empty installation, and that it does so once."""

import io

import pytest

from accounts.portfolio.models import Account
from accounts.workspace.models import Workspace
from config import first_start
from config.management.commands.run import Command
from plays.definitions.models import Play


@pytest.mark.django_db
def test_without_the_demo_book_there_is_a_workspace_and_the_playbook(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DEMO", "0")
    assert first_start.needed()
    assert "createsuperuser" in Command(stdout=io.StringIO()).first_content()
    assert not first_start.needed()
    assert Workspace.objects.get().demo_seed is None
    assert Play.objects.exists()
    assert not Account.objects.exists()


@pytest.mark.django_db
def test_a_later_start_has_no_sign_ins_to_show_where_there_is_no_demo_book(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DEMO", "0")
    command = Command(stdout=io.StringIO())
    command.first_content()
    assert command.sign_ins("--signin") == ""
