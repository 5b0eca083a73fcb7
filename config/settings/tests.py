"""Settings of the test suite: the same installation, with its database from TEST_DATABASE_URL (default: SQLite)."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests")

from config.env import database, var_dir  # noqa: E402
from config.settings.base import *  # noqa: E402, F403

DATABASES = {"default": database("TEST_DATABASE_URL", f"sqlite:///{var_dir() / 'tests.sqlite3'}")}
# On SQLite a file, as in an installation: threads that share a database in memory neither wait for each other nor have
# a WAL. On both it need not survive a power cut.
_options = DATABASES["default"]["OPTIONS"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    _less_safe = {"init_command": _options["init_command"].replace("synchronous=FULL", "synchronous=OFF")}
else:
    _less_safe = {"options": f"{_options['options']} -c synchronous_commit=off"}
DATABASES["default"]["OPTIONS"] = _options | _less_safe
# Looked for when asked for; a test client would list all of them each time it is made.
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
BELL_SILENT = True  # tests run the pump themselves; those with real processes use the installation's settings
COURIERS = 0  # what leaves is sent where the test waits for it
EMAIL_IS_SET = True  # into a list in memory, as pytest-django has it
API_RATE = 0  # tests of the limit set one; the others are in a hurry
