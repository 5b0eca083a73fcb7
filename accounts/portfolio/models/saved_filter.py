from django.db import models
from django.db.models import Q

from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.team.models import User


class SavedFilter(Record):
    """A way of looking at a page of the console that somebody keeps under a name, for themselves or for everybody.

    Written by `portfolio.services.save_filter`. Holds what the page's address asks for, never rows: who opens it sees
    their own.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = None
    ASSIGNED_PATH = "user"
    PERSONAL = {}

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000, help_text="What the address of the page asks for.")
    is_shared = models.BooleanField(default=False, help_text="Everybody sees it.")

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "page", "name"], name="a_user_names_a_filter_of_a_page_once"),
            models.CheckConstraint(condition=~Q(name=""), name="a_saved_filter_has_a_name"),
        ]
        indexes = [
            # The filters above a page: one's own, and those of everybody.
            models.Index(fields=["page", "is_shared"], name="saved_filters_of_page"),
        ]

    def __str__(self) -> str:
        return self.name
