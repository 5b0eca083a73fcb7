"""`manage.py playbook import DIR`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.foundation.clock import now
from plays.playbook.files import PlaybookRefused
from plays.playbook.services import import_folder


class Command(BaseCommand):
    help = "Imports an operating model from a folder of YAML files: all of it, or nothing and every problem by line."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("import", help="Put the definitions in a folder into force.").add_argument(
            "folder", type=Path
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lines = import_folder(options["folder"], by=None, at=now())
        except PlaybookRefused as refused:
            self.stderr.write(str(refused))
            raise SystemExit(2) from None
        for line in lines:
            self.stdout.write(line)
