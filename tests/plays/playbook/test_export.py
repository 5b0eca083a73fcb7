"""What is in force is written as a folder that, imported anywhere, puts the same into force."""

import io
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.facts.lookup import forget_custom_facts
from accounts.foundation.models import AuditEntry
from accounts.team.models import Role
from plays.definitions.models import Play
from plays.definitions.services import activate
from plays.playbook.queries import exported
from plays.playbook.registry import kinds
from plays.playbook.services import import_folder
from plays.playbook.writing import CannotExport, write_folder
from tests import trail
from tests.cast import STARTER, import_starter
from tests.factories.accounts import AT
from tests.plays.playbook.conditions import EVERY_OPERATOR
from tests.plays.playbook.folders import EVERY_KEY, GOOD, write
from tests.plays.playbook.in_force import put_into_force

pytestmark = pytest.mark.django_db


@contextmanager
def installation():
    """An installation with nothing in force, gone afterwards."""
    forget_custom_facts()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    forget_custom_facts()


def load(folder: Path) -> list[str]:
    return import_folder(folder, by=None, at=AT)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def every(tmp_path_factory):
    """A folder that uses every key."""
    return write(tmp_path_factory.mktemp("every"), **EVERY_KEY)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "deep" / "target"


def command(*words: str) -> list[str]:
    out = io.StringIO()
    call_command("playbook", *words, stdout=out)
    return out.getvalue().splitlines()


def refusal(*words: str) -> str:
    err = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("playbook", *words, stderr=err)
    assert ended.value.code == 2
    return err.getvalue().strip()


@pytest.mark.parametrize("folder", ["starter", "every", "good"])
def test_an_export_imported_elsewhere_exports_the_same_bytes(folder, every, target, tmp_path):
    (tmp_path / "good").mkdir()
    source = {"starter": STARTER, "every": every, "good": write(tmp_path / "good", **GOOD)}[folder]
    with installation():
        put_into_force(folder, source)
        write_folder(target, exported())
    with installation():
        load(target)
        write_folder(tmp_path / "second", exported())
    assert contents(target) == contents(tmp_path / "second")
    assert contents(target)


@pytest.mark.parametrize("folder", ["starter", "every"])
def test_importing_an_export_changes_nothing(folder, every, target):
    put_into_force(folder, every)
    write_folder(target, before := exported())
    trail.forget()
    load(target)
    assert not AuditEntry.objects.exists()
    assert exported() == before


def test_every_kind_of_file_is_exported(every):
    put_into_force("every", every)
    said = {text.partition("\n")[0] for text in exported().values()}
    assert said == {f"kind: {name}" for name in kinds}


def test_is_laid_out_like_the_starter():
    import_starter()
    assert set(exported()) == set(contents(STARTER))
    assert exported()["roles/csm.yaml"] == (STARTER / "roles" / "csm.yaml").read_text()


def test_what_is_as_usual_is_left_out(every):
    put_into_force("every", every)
    files = exported()
    assert "again_after_days" not in files["plays/plain.yaml"]
    assert "primary" not in files["lifecycles/no.yaml"]
    assert files["facts.yaml"].count("use: may be named to the customer") == len(EVERY_KEY["own"]["facts"])
    assert 'key: "true"\n    label: "True"\n    type: text\n    meaning: "yes"\n' in files["facts.yaml"]
    assert "edit team" in files["roles/analyst.yaml"]


def test_the_latest_version_is_exported_and_whether_it_is_active_is_not(tmp_path):
    load(write(tmp_path, play=GOOD["play"]))
    before = exported()
    activate(Play.objects.get(), by=None, at=AT)
    assert exported() == before
    load(write(tmp_path, play={**GOOD["play"], "purpose": "Talk to them today."}))
    assert "Talk to them today." in exported()["plays/usage_drop.yaml"]
    assert Play.objects.get().is_active, "importing a file says nothing about it"


def test_the_new_keys_reach_what_is_published(every):
    put_into_force("every", every)
    version = Play.objects.get(key="0x1").versions.get()
    assert (version.trigger, version.trigger_after_days) == (EVERY_OPERATOR, 14)
    assert version.rearm == EVERY_KEY["every"]["trigger"]["rearmed"]


def test_the_command_says_what_it_wrote(target):
    import_starter()
    assert command("export", str(target)) == [f"wrote {path}" for path in exported()]
    assert contents(target) == {path: text.encode() for path, text in exported().items()}


def test_a_folder_that_holds_something_is_refused(target):
    import_starter()
    target.mkdir(parents=True)
    (target / "notes.txt").write_text("mine")
    assert refusal("export", str(target)) == (
        f"{target} is not empty. Name another folder, or add --force to replace the files of the same names in it."
    )
    assert contents(target) == {"notes.txt": b"mine"}


def test_an_empty_folder_is_fine(target):
    import_starter()
    target.mkdir(parents=True)
    assert command("export", str(target))


def test_force_replaces_files_of_the_same_names_and_tells_of_the_others(target):
    import_starter()
    write_folder(target, exported())
    mine = {"notes.txt": "mine", "plays/old.yaml": "kind: play", "roles/csm.yaml": "changed", ".git/config": "mine"}
    for name, text in mine.items():
        (target / name).parent.mkdir(exist_ok=True)
        (target / name).write_text(text)
    said = command("export", str(target), "--force")
    assert said[-2:] == ["left as it is: notes.txt", "left as it is: plays/old.yaml (importing this folder reads it)"]
    assert "wrote roles/csm.yaml" in said
    kept = {name: text.encode() for name, text in mine.items() if name != "roles/csm.yaml"}
    assert contents(target) == {path: text.encode() for path, text in exported().items()} | kept


def test_a_file_instead_of_a_folder_is_refused(tmp_path):
    import_starter()
    (tmp_path / "file").write_text("mine")
    assert refusal("export", str(tmp_path / "file"), "--force") == (
        f"{tmp_path / 'file'} is a file; name a folder that is empty or does not exist yet."
    )
    assert refusal("export", str(tmp_path / "file" / "below")).endswith("cannot be written: Not a directory.")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_refused(target, monkeypatch):
    import_starter()

    def refuse(path, *args, **options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "write_text", refuse)
    path = target / next(iter(exported()))
    assert refusal("export", str(target)) == f"{path} cannot be written: Permission denied."


def test_a_folder_in_the_place_of_a_file_is_refused(target):
    import_starter()
    (target / "tracking_plan.yaml").mkdir(parents=True)
    with pytest.raises(CannotExport, match=r"tracking_plan\.yaml cannot be written: Is a directory"):
        write_folder(target, exported(), force=True)


def test_an_installation_without_definitions_has_nothing_to_export(target):
    assert not Role.objects.exists()
    assert refusal("export", str(target)).startswith("Nothing is in force yet; import a playbook first")
    assert not target.exists()


def test_a_folder_is_asked_for():
    with pytest.raises(CommandError):
        call_command("playbook", "export")
