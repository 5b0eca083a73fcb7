"""Who may decide about whom: nobody gives, takes or enters what their own role does not have."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from accounts.foundation.scope import Access, Area, Reach
from accounts.team.models import Role, User

FARTHER = [Reach.OWN, Reach.TEAM, Reach.ALL]
"""The reaches, each farther than the one before."""
RUNS_THE_PLACE = (Area.PEOPLE, Area.SETTINGS)
"""Who may change all of these can mend whatever anybody else breaks: an administrator."""


def is_within(user: User, area: str, reach: str, access: str) -> bool:
    """Whether `user` reaches as far as this grant would, and may do as much there."""
    own = user.reach(area)
    far_enough = own is not None and FARTHER.index(Reach(reach)) <= FARTHER.index(Reach(own))
    return far_enough and (access != Access.EDIT or user.may_edit(area))


def covers(by: Any, role: Role | None) -> bool:
    """Whether whoever acts has everything that `role` gives. What is no user (a command, a file) has all."""
    if not isinstance(by, User) or by.is_superuser or role is None:
        return True
    return all(is_within(by, grant.area, grant.reach, grant.access) for grant in role.grants.all())


def must_cover(by: Any, user: User) -> None:
    """Refuses to decide about somebody who may do more than the one who decides."""
    beyond = isinstance(by, User) and user.is_superuser and not by.is_superuser
    if beyond or not covers(by, user.role):
        raise ValidationError(f"{user} may do more than you. Ask somebody whose role reaches as far.")


def must_give(by: Any, role: Role | None) -> None:
    """Refuses to give a role that may do more than the one who gives it."""
    if not covers(by, role):
        raise ValidationError(
            {"role": f"{role} may do more than your own role. Ask somebody whose role reaches as far."}
        )


def must_not_be(by: Any, user: User, *, what: str) -> None:
    """Refuses what would lock out the one who does it."""
    if isinstance(by, User) and by.pk == user.pk:
        raise ValidationError(f"Nobody {what}. Ask another administrator.")


def administrators() -> models.QuerySet[Any]:
    """Those who can mend whatever anybody else breaks, and who are here."""
    roles = Role.objects.all()
    for area in RUNS_THE_PLACE:
        roles = roles.filter(
            pk__in=Role.objects.filter(grants__area=area, grants__reach=Reach.ALL, grants__access=Access.EDIT)
        )
    people = User.objects.filter(is_active=True, is_staff=True)
    return people.filter(Q(is_superuser=True) | Q(role__in=roles.order_by().values("pk")))


def must_leave_an_administrator(user: User) -> None:
    """Refuses to take from `user`, the last one, what only an administrator can give back. Two at once take turns."""
    here = {one.pk for one in administrators().select_for_update(of=("self",)).order_by("pk")}
    if here == {user.pk}:
        raise ValidationError(f"{user} is the only administrator. Make somebody else one first.")
