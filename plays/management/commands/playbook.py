"""`manage.py playbook import DIR`, `export DIR`, `diff DIR`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.foundation.clock import now
from plays.playbook.files import PlaybookRefused
from plays.playbook.queries import Change, differences, exported
from plays.playbook.services import MustBeConfirmed, import_folder
from plays.playbook.writing import CannotExport, write_folder


class Command(BaseCommand):
    help = (
        "The operating model as a folder of YAML files: imports it (all, or nothing and every problem by line), "
        "exports what is in force, and says what an import would change."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for action, text in (
            ("import", "Put the definitions in a folder into force."),
            ("export", "Write the definitions that are in force into a folder."),
            ("diff", "Say what importing a folder would change; changes nothing."),
        ):
            described = actions.add_parser(action, help=text, description=text)
            described.add_argument("folder", type=Path)
            if action == "import":
                described.add_argument(
                    "--confirm",
                    action="store_true",
                    help="Import also where that moves much of the book; without it the numbers are told first.",
                )
            if action == "export":
                described.add_argument(
                    "--force",
                    action="store_true",
                    help="Replace the files of the same names in a folder that is not empty; leave all others.",
                )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lines = self._carry_out(options)
        except (PlaybookRefused, CannotExport) as refused:
            self.stderr.write(str(refused))
            if isinstance(refused, MustBeConfirmed):
                self.stderr.write("Nothing was imported. If you want it so, import again with --confirm.")
            raise SystemExit(2) from None
        for line in lines:
            self.stdout.write(line)

    def _carry_out(self, options: dict[str, Any]) -> list[str]:
        if options["action"] == "import":
            return import_folder(options["folder"], by=None, at=now(), confirmed=options["confirm"])
        if options["action"] == "export":
            return self._export(options["folder"], force=options["force"])
        return self._diff(options["folder"])

    def _export(self, folder: Path, *, force: bool) -> list[str]:
        files = exported()
        if not files:
            raise CannotExport("Nothing is in force yet; import a playbook first, such as plays/playbook/starter.")
        others = write_folder(folder, files, force=force)
        return [f"wrote {path}" for path in files] + [f"left as it is: {path}{_warning(path)}" for path in others]

    def _diff(self, folder: Path) -> list[str]:
        lines = []
        for difference in differences(folder, at=now()):
            lines.append(f"{difference.change:<{len(Change.UNCHANGED)}}  {difference.name}")
            lines += [difference.diff] if difference.diff else []
            lines += [f"  to be confirmed: {text}" for text in difference.asks]
        return lines


def _warning(path: str) -> str:
    """What to know about a file that an export left in its folder."""
    return " (importing this folder reads it)" if path.endswith((".yaml", ".yml")) else ""
