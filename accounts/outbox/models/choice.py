from django.db import models
from django.db.models import Q

from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.team.models import Role, User


class Way(models.TextChoices):
    """How one of us hears of something."""

    CONSOLE = "console", "In the console"
    EMAIL = "email", "In the console, and by e-mail at once"
    DIGEST = "digest", "In the console, and in the daily digest"
    NONE = "none", "Not at all"


class NoticeChoice(Record):
    """How a person, or people of a role who did not choose, hear of one kind of notice. Written by `outbox.choices`."""

    AREA = Area.PEOPLE
    ACCOUNT_PATH = None
    ASSIGNED_PATH = "user"
    PERSONAL = {}

    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="notice_choices")
    role = models.ForeignKey(Role, null=True, blank=True, on_delete=models.CASCADE, related_name="notice_choices")
    purpose = models.CharField("kind of notice", max_length=30)
    way = models.CharField(max_length=7, choices=Way.choices)

    class Meta:
        ordering = ["purpose", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, role=None) | Q(user=None, role__isnull=False),
                name="a_notice_choice_is_of_a_person_or_of_a_role",
            ),
            models.UniqueConstraint(
                fields=["user", "purpose"],
                condition=Q(user__isnull=False),
                name="a_person_chooses_once_for_each_notice",
            ),
            models.UniqueConstraint(
                fields=["role", "purpose"], condition=Q(role__isnull=False), name="a_role_has_one_way_for_each_notice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.role}: {self.purpose} {self.get_way_display()}"


class Digest(Record):
    """When one of us gets the daily digest. Without a row: at eight. Written by `outbox.choices`."""

    AREA = Area.PEOPLE
    ACCOUNT_PATH = None
    ASSIGNED_PATH = "user"
    PERSONAL = {}

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="digest")
    hour = models.PositiveSmallIntegerField(default=8, help_text="Hour of the day, where they live.")

    class Meta:
        ordering = ["user"]
        constraints = [models.CheckConstraint(condition=Q(hour__lte=23), name="a_digest_has_an_hour_of_the_day")]

    def __str__(self) -> str:
        return f"{self.user} at {self.hour}:00"
