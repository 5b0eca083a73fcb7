"""Putting exported files into a folder, without taking anything away that somebody else put there."""

from collections.abc import Mapping
from pathlib import Path


class CannotExport(ValueError):
    """The folder cannot take the files; the message says why and what to do."""


def write_folder(folder: Path, files: Mapping[str, str], *, force: bool = False) -> list[str]:
    """Writes each file under its path below `folder`; returns the other files that lie there, untouched.

    Raises CannotExport where `folder` is not empty, unless `force` allows to replace the files of the same paths.
    """
    try:
        others = _others(folder, files, force=force)
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CannotExport(f"{error.filename or folder} cannot be written: {error.strerror}.") from error
    return others


def _others(folder: Path, files: Mapping[str, str], *, force: bool) -> list[str]:
    if folder.exists() and not folder.is_dir():
        raise CannotExport(f"{folder} is a file; name a folder that is empty or does not exist yet.")
    if not folder.exists():
        return []
    if not force and any(folder.iterdir()):
        raise CannotExport(
            f"{folder} is not empty. Name another folder, or add --force to replace the files of the same names in it."
        )
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    shown = (path for path in found if not any(part.startswith(".") for part in path.parts))
    return sorted(str(path) for path in shown if path.as_posix() not in files)
