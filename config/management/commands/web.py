"""`manage.py web`: the web server."""

import contextlib
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, connections
from gunicorn.app.base import BaseApplication

from config import migrated, processes

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  (only where gunicorn's workers show that they live)


def options() -> dict[str, Any]:
    """Gunicorn's settings. Two workers of four threads: one slow page or one dying worker stops nobody."""
    return {
        "bind": f"127.0.0.1:{settings.PORT}",
        "workers": 2,
        "worker_class": "gthread",
        "threads": 4,
        "timeout": 60,
        "graceful_timeout": 4,
        "keepalive": 5,
        "loglevel": "warning",
        "control_socket_disable": True,
        # A heartbeat file on a busy disk can stall a worker long enough to be taken for dead.
        "worker_tmp_dir": str(SHARED_MEMORY) if os.access(SHARED_MEMORY, os.W_OK) else None,
    }


class Server(BaseApplication):
    """Gunicorn with our settings and nobody else's: no configuration file, no command line."""

    def load_config(self) -> None:
        for name, value in options().items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from config.wsgi import application

        return application


class Command(BaseCommand):
    help = "Serves the console and the API at 127.0.0.1:PORT until it is asked to end."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        processes.end_with_supervisor()
        with contextlib.suppress(OperationalError):  # it begins, and answers 503 until the database is there
            migrated.refuse_otherwise()
        connections.close_all()  # the workers are forks of this process
        Server().run()
