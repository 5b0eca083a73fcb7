"""What we say to each other about a piece of work; who has it, who spoke and who is named hears of it."""

import datetime as dt
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from accounts.foundation import audit
from accounts.outbox import services as outbox
from accounts.team.models import User
from retention.work.models import WorkComment, WorkItem

LONGEST = 5_000
NAMED_AT_MOST = 10
MENTION = re.compile(r"(?<![\w@])@([\w.+-]{1,150})")
OWN_FOR = dt.timedelta(minutes=15)
"""For how long one may take back what one said."""


@transaction.atomic
def comment(item: WorkItem, *, text: str, by: Any, at: dt.datetime, is_told: bool = True) -> WorkComment:
    """Adds to the thread of `item`, open or closed. With `is_told` false only those who are named hear of it."""
    text = text.strip()
    if not text:
        raise ValidationError({"text": "Say something."})
    if len(text) > LONGEST:
        raise ValidationError({"text": f"This has {len(text)} characters; at most {LONGEST} fit."})
    author = by if isinstance(by, User) else None
    row = audit.create(
        WorkComment(item=item, author=author, text=text, created_at=at), verb="work_comment.write", by=by, at=at
    )
    named = mentioned(item, text)
    others = _listeners(item) if is_told else []
    _tell(row, "mention", [user for user in named if user != author], f"{row.author or 'Somebody'} mentions you", at=at)
    known = {user.pk for user in named}
    told = [user for user in others if user != author and user.pk not in known]
    _tell(row, "comment", told, f"{row.author or 'Somebody'} commented", at=at)
    return row


def mentioned(item: WorkItem, text: str) -> list[User]:
    """The people whom a text names as @username, as far as they may see the work."""
    names = {name.rstrip(".-+") for name in MENTION.findall(text)}
    people = User.objects.filter(username__in=names, is_active=True, is_staff=True).order_by("pk")[:NAMED_AT_MOST]
    return [user for user in people if _sees(user, item)]


def _listeners(item: WorkItem) -> list[User]:
    """Whoever has the work, and who spoke last; as far as they may still see it."""
    spoke = WorkComment.objects.filter(item=item, author__isnull=False).order_by("-pk").values("author")
    ids = {row["author"] for row in spoke[: 5 * NAMED_AT_MOST]}
    found = User.objects.filter(pk__in=ids | {item.assignee_id}, is_active=True).order_by("pk")[:NAMED_AT_MOST]
    return [user for user in found if user.pk == item.assignee_id or _sees(user, item)]


def _sees(user: User, item: WorkItem) -> bool:
    return bool(WorkItem.objects.for_user(user).filter(pk=item.pk).exists())


def _tell(row: WorkComment, purpose: str, people: list[User], words: str, *, at: dt.datetime) -> None:
    outbox.book(
        [
            outbox.Message(
                purpose=purpose,
                key=f"comment:{row.pk}",
                channel="in_app",
                subject=f"{words}: {row.item.title}, {row.item.account.name}",
                text=row.text,
                link=reverse("admin:retention_workitem_change", args=[row.item_id]),
                account=row.item.account,
                user=user,
            )
            for user in people
        ],
        at=at,
    )


@transaction.atomic
def take_back(row: WorkComment, *, by: Any, at: dt.datetime) -> None:
    """Removes what one said a moment ago. Who was told of it was told."""
    if row.author_id != getattr(by, "pk", None) or at - row.created_at > OWN_FOR:
        raise ValidationError("Only who wrote a comment takes it back, within 15 minutes. Nothing was changed.")
    audit.delete(row, verb="work_comment.undo", by=by, at=at)
