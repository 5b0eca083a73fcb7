"""`manage.py work`: the worker."""

import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection, connections

from config import processes


class Command(BaseCommand):
    help = "Does what is due in the background until it is asked to end."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        from config import schedules

        processes.end_with_supervisor()
        self.await_database()
        schedules.sync()
        connections.close_all()  # the cluster's processes are forks of this one
        call_command("qcluster")

    def await_database(self) -> None:
        """A worker that died whenever the database is away would be given up before it is back."""
        said = False
        while True:
            try:
                return connection.ensure_connection()
            except OperationalError:
                if not said:
                    self.stderr.write("The database does not answer; waiting for it.")
                    said = True
                time.sleep(1)
