"""Settings of the test suite: the same installation, with its database from TEST_DATABASE_URL (default: SQLite)."""

import os
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "only-for-tests")

from config.env import database, var_dir  # noqa: E402
from config.settings.base import *  # noqa: E402, F403

DATABASES = {"default": database("TEST_DATABASE_URL", f"sqlite:///{var_dir() / 'tests.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in an installation: threads that share a database in memory neither wait for each other nor have a WAL.
    # Named after the process, so that two runs at once do not meet; it need not survive a power cut.
    _file = Path(DATABASES["default"]["NAME"])
    DATABASES["default"]["TEST"] = {"NAME": str(_file.with_name(f"{_file.stem}-{os.getpid()}{_file.suffix}"))}
    _options = DATABASES["default"]["OPTIONS"]
    _command = _options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    DATABASES["default"]["OPTIONS"] = _options | {"init_command": _command}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
BELL_SILENT = True  # tests run the pump themselves; those with real processes use the installation's settings
