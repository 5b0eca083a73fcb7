"""What can be done with handoffs: each verb in the module of its topic."""

from retention.handoffs.services.answering import Stale, draft_plan, none_made, save, withdraw
from retention.handoffs.services.handing import (
    Blocked,
    NotPossible,
    accept,
    cancel,
    go_on,
    hand_to,
    return_items,
    sign_fit,
    submit,
    wait,
)
from retention.handoffs.services.promising import change_promise, judge, promise, take_back
from retention.handoffs.services.publishing import publish
from retention.handoffs.services.starting import follow, start

__all__ = [
    "Blocked",
    "NotPossible",
    "Stale",
    "accept",
    "cancel",
    "change_promise",
    "draft_plan",
    "follow",
    "go_on",
    "hand_to",
    "judge",
    "none_made",
    "promise",
    "publish",
    "return_items",
    "save",
    "sign_fit",
    "start",
    "submit",
    "take_back",
    "wait",
    "withdraw",
]
