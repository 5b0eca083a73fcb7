from django.db import models
from django.db.models import Q

from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.team.models import Role, User


class SecondFactor(Record):
    """The authenticator app of one user, who showed a code of it. Written by `factors`; at most one a user.

    The secret is sealed under the installation's keys. Each code is good for one sign-in: none counts whose step of
    time is not after `last_step`.
    """

    AREA = Area.PEOPLE
    ACCOUNT_PATH = None
    PERSONAL = {}
    SECRET = frozenset({"sealed"})

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    sealed = models.TextField()
    enabled_at = models.DateTimeField()
    last_step = models.BigIntegerField(help_text="The step of time, of 30 seconds since 1970, of the last code.")

    class Meta:
        verbose_name = "two-step sign-in"
        verbose_name_plural = "two-step sign-ins"
        ordering = ["user"]

    def __str__(self) -> str:
        return str(self.user)


class RecoveryCode(Record):
    """A code that lets its user in once without the app. Only a keyed hash is stored. Written by `factors`."""

    AREA = Area.PEOPLE
    ACCOUNT_PATH = None
    PERSONAL = {}
    SECRET = frozenset({"digest"})

    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["factor", "digest"], name="a_recovery_code_stands_once"),
        ]

    def __str__(self) -> str:
        return f"Recovery code of {self.factor}"


class FactorRule(Record):
    """Who must sign in in two steps: everybody, or people of one role. Written by `rules`."""

    AREA = Area.PEOPLE
    ACCOUNT_PATH = None
    PERSONAL = {}

    role = models.OneToOneField(Role, null=True, blank=True, on_delete=models.CASCADE, related_name="factor_rule")
    everybody = models.BooleanField(default=False)

    class Meta:
        verbose_name = "rule of two-step sign-in"
        verbose_name_plural = "rules of two-step sign-in"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["everybody"], condition=Q(everybody=True), name="one_rule_is_about_everybody"
            ),
            models.CheckConstraint(
                condition=Q(everybody=True, role=None) | Q(everybody=False, role__isnull=False),
                name="a_rule_is_about_a_role_or_everybody",
            ),
        ]

    def __str__(self) -> str:
        return "Everybody" if self.everybody else str(self.role)


class Identity(Record):
    """Who a user is at the provider of single sign-on. Written by `identities`; one of a user at each provider."""

    AREA = Area.PEOPLE
    ACCOUNT_PATH = None
    PERSONAL = {}

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=250)
    subject = models.CharField(max_length=255, help_text="The provider's own name of the user, which never changes.")
    linked_at = models.DateTimeField()

    class Meta:
        verbose_name = "single sign-on"
        verbose_name_plural = "single sign-ons"
        ordering = ["user"]
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="a_subject_is_one_user"),
            models.UniqueConstraint(fields=["issuer", "user"], name="a_user_is_one_subject_of_a_provider"),
        ]

    def __str__(self) -> str:
        return str(self.user)
