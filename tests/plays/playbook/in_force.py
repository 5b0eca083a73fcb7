"""Playbooks that are in force when a test begins."""

from pathlib import Path

from plays.playbook.services import import_folder
from tests.cast import import_starter
from tests.factories.accounts import AT
from tests.once import once


def put_into_force(name: str, folder: Path) -> None:
    """Imports the starter, or what `folder` holds, which is the same under the same name: once in a process."""
    if name == "starter":
        import_starter()
    else:
        once(f"playbook {name}", lambda: import_folder(folder, by=None, at=AT))
