"""`manage.py migrate`: as Django's, and it keeps nobody waiting who works meanwhile."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from accounts.foundation.migrating import hold_briefly


class Command(migrate.Command):
    """Django's own, over a connection that holds its locks briefly."""

    def handle(self, *args: Any, **options: Any) -> Any:
        hold_briefly(connections[options["database"]])
        return super().handle(*args, **options)
