"""Who stands on which side of a handoff, and what each may do."""

from accounts.foundation.scope import Area, Reach
from accounts.team.models import User
from retention.handoffs.models import Handoff
from retention.work.alarms import LEADER


def is_giver(handoff: Handoff, user: User) -> bool:
    """Whether `user` hands over, submitted it, or stands in for who hands over."""
    mine = set(user.own_ids)
    return handoff.giver_id in mine or handoff.submitted_by_id == user.pk


def is_receiver(handoff: Handoff, user: User) -> bool:
    """Whether it is for `user`, or somebody for whom they stand in, to accept."""
    return handoff.receiver_id in user.own_ids


def may_fill(handoff: Handoff, user: User) -> bool:
    """Whether `user` may fill items in and submit: whoever may change work, but for the receiver."""
    return user.may_edit(Area.WORK) and not is_receiver(handoff, user)


def may_accept(handoff: Handoff, user: User) -> bool:
    """Whether `user` may accept or return it: the receiver, who leads their team, or who works for all.

    Never who handed it over. Where nobody receives it yet, whoever takes it.
    """
    if is_giver(handoff, user) or not user.may_edit(Area.WORK):
        return False
    receiver = handoff.receiver
    leads = bool(receiver and receiver.team and receiver.team.manager_id == user.pk)
    return receiver is None or is_receiver(handoff, user) or leads or user.reach(Area.WORK) == Reach.ALL


def may_sign_fit(user: User) -> bool:
    """Whether `user` may take a customer who fits badly: a leader, who otherwise only reads."""
    return bool(user.is_active and (user.is_superuser or (user.role and user.role.key == LEADER)))
