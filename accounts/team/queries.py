from typing import Any

from django.db import models

from accounts.team.models import User


def colleagues(user: User, *, keeping: int | None = None) -> models.QuerySet[Any]:
    """People who can be given accounts and work: those whom `user` may see, who are here and sign in.

    And the one who is named already: a form must not drop somebody whom its reader could not choose.
    """
    found = User.objects.for_user(user).filter(is_active=True, is_staff=True)
    return User.objects.filter(models.Q(pk__in=found.values("pk")) | models.Q(pk=keeping)) if keeping else found
