"""`manage.py run`: everything of one installation, in one terminal."""

import http.client
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError, connections

from accounts.foundation import audit
from accounts.foundation.clock import now
from accounts.workspace import services as workspace
from config import first_start, migrated, processes, static_files
from config.env import BASE_DIR, flag, var_dir
from config.supervisor import Child, PortTaken, Supervisor, refuse_taken_port

STARTER = BASE_DIR / "plays" / "playbook" / "starter"
NOBODY = "Nobody can sign in yet. Make an administrator: .venv/bin/python manage.py createsuperuser"


class Command(BaseCommand):
    help = "Prepares the database, loads the first content once, then runs web server and worker until Ctrl-C."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            interrupted = processes.follow_make()
            run_folder = var_dir() / "run"
            self.make_room(run_folder)
            sign_ins = self.prepare()
            connections.close_all()
        except KeyboardInterrupt:
            sys.exit("Stopped before everything was ready; start again whenever you like.")
        sys.exit(self.supervise(run_folder, interrupted, sign_ins))

    def make_room(self, run_folder: Path) -> None:
        """End what a killed run left behind, and refuse a port that somebody else has."""
        if left := processes.end_leftovers(run_folder):
            self.say(f"Ended {len(left)} processes that an earlier run had left behind.")
        try:
            refuse_taken_port(settings.PORT)
        except PortTaken as error:
            sys.exit(str(error))

    def prepare(self) -> str:
        """Bring database, static files and first content up to date; the sign-ins to show."""
        try:
            missing = migrated.missing()
        except OperationalError as error:
            reason = str(error).strip().partition("\n")[0]
            sys.exit(f"The database does not answer ({reason}); start it, or correct DATABASE_URL.")
        if missing:
            self.say("Preparing the database …")
            call_command("migrate", interactive=False, verbosity=0)
        if static_files.collect_if_changed():
            self.say("Collected the static files.")
        return self.first_content() if first_start.needed() else self.sign_ins("--signin")

    def first_content(self) -> str:
        self.say("Loading the starter playbook …")
        call_command("playbook", "import", str(STARTER), stdout=io.StringIO())
        if not flag("DEMO", default=True):
            with audit.through("command"):
                workspace.found(company="Your company", by=None, at=now())
            return NOBODY
        self.say("Making the demo book (DEMO=0 starts without it) …")
        return self.sign_ins()

    def sign_ins(self, *arguments: str) -> str:
        """What `demo` has to say about who can sign in; nothing where there is no demo book."""
        said = io.StringIO()
        try:
            call_command("demo", *arguments, stdout=said)
        except CommandError:
            if not arguments:
                raise
            return ""
        return said.getvalue().strip()

    def supervise(self, run_folder: Path, interrupted: Callable[[], bool], sign_ins: str) -> int:
        manage = [sys.executable, str(BASE_DIR / "manage.py")]

        def announce() -> None:
            address = f"Holdfast is ready at {settings.PUBLIC_URL}/admin/"
            supervisor.say("\n" + "\n\n".join(filter(None, [address, sign_ins, "Ctrl-C stops everything."])) + "\n")

        supervisor = Supervisor(
            [Child("web", [*manage, "web"]), Child("work", [*manage, "work"])],
            folder=run_folder,
            is_ready=answers,
            on_ready=announce,
            should_stop=interrupted,
        )
        self.say("Starting …")
        return supervisor.run()

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def answers() -> bool:
    """Whether the web server and the database behind it answer."""
    link = http.client.HTTPConnection("127.0.0.1", settings.PORT, timeout=1)
    try:
        link.request("GET", "/healthz")
        return link.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()
