from django.db import models

from accounts.foundation.records import Personal, Record
from accounts.foundation.scope import Area

LONGEST_KEY = 255


class StoredAnswer(Record):
    """What a caller was answered under an idempotency key of theirs.

    Written by `services.once` in the transaction of the effect; never changed, forgotten by `jobs.forget`.
    """

    AREA = Area.SETTINGS
    ACCOUNT_PATH = None
    PERSONAL = {
        "answer": Personal("Answers a repeated request as it was answered first", "Three days", "delete_row", False)
    }
    SECRET = frozenset({"answer"})

    caller_id = models.BigIntegerField(help_text="The user who asked, or whom an API key acts as.")
    key = models.CharField(max_length=LONGEST_KEY)
    fingerprint = models.CharField(max_length=64, help_text="Hash of what was asked: method, address and body.")
    status = models.PositiveSmallIntegerField()
    answer = models.TextField(help_text="Content type and body, sealed: an answer may hold a secret.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint(fields=["caller_id", "key"], name="one_answer_per_caller_and_key")]
        indexes = [
            # What is old enough to be forgotten.
            models.Index(fields=["created_at"], name="answers_by_age"),
        ]

    def __str__(self) -> str:
        return self.key
