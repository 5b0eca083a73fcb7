from django.db import models

from accounts.foundation.records import Record
from accounts.foundation.scope import Area


class Allowance(Record):
    """How much of one limit one caller has used in their present window.

    Written by `services` in one statement each time; a window begins with the first use after the one before ended,
    by the clock of the database. Forgotten a day later.
    """

    AREA = Area.SETTINGS
    ACCOUNT_PATH = None
    PERSONAL = {}

    bucket = models.CharField(primary_key=True, max_length=64, help_text="Keyed hash of the limit and the caller.")
    began_ms = models.BigIntegerField(help_text="Milliseconds since 1970.")
    used = models.BigIntegerField()

    def __str__(self) -> str:
        return self.bucket
