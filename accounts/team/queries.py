from typing import Any

from django.db import models

from accounts.team.models import User


def colleagues(user: User) -> models.QuerySet[Any]:
    """People who can be given accounts and work: those whom `user` may see, who are here and sign in."""
    return User.objects.for_user(user).filter(is_active=True, is_staff=True)
