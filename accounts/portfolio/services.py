import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.foundation.keys import key_from, short_random
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account, AccountMember, SavedFilter
from accounts.portfolio.models.account import MAX_DEPTH
from accounts.team.models import User
from accounts.team.services import must_be_here


@transaction.atomic
def create(*, name: str, by: Any, at: dt.datetime, parent: Account | None = None, **values: Any) -> Account:
    """A new account; `values` are further fields of Account. Its key is made from its name."""
    account = Account(name=name, key=_free_key(name), parent=parent, created_at=at, changed_at=at, **values)
    account.root = _root_below(parent)
    account.full_clean()
    audit.create(account, verb="account.create", by=by, at=at)
    if account.root is None:
        account.root = account
        account.save(update_fields=["root"])
    happened("account.created", account, by=by, at=at)
    return account


def _free_key(name: str) -> str:
    key = key_from(name, fallback="account")
    taken = Account.objects.filter(key=key).exists()
    return f"{key}-{short_random()}" if taken else key


def _root_below(parent: Account | None) -> Account | None:
    """The root of an account under `parent`; refuses a tree deeper than five."""
    if parent is None:
        return None
    _check_depth(_depth(parent) + 1)
    return parent.root or parent


def _depth(account: Account | None) -> int:
    """On which level `account` stands: 1 at the top."""
    depth = 0
    while account is not None:
        depth, account = depth + 1, account.parent
    return depth


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValidationError({"parent": f"The hierarchy would be {depth} deep; at most {MAX_DEPTH} are allowed."})


@transaction.atomic
def change(account: Account, *, by: Any, at: dt.datetime, **values: Any) -> Account:
    """Sets profile fields of `account`; `parent` may be given too and moves the account with its children."""
    if "parent" in values and values["parent"] != account.parent:
        _move(account, values.pop("parent"), by=by, at=at)
    for name, value in values.items():
        setattr(account, name, value)
    account.full_clean()
    fresh = Account.objects.get(pk=account.pk)
    if before := audit.update(fresh, verb="account.change", by=by, at=at, **values):
        fresh.changed_at = at
        fresh.save(update_fields=["changed_at"])
        happened("account.changed", fresh, by=by, at=at, fields=sorted(before))
    return fresh


def _move(account: Account, parent: Account | None, *, by: Any, at: dt.datetime) -> None:
    if parent is not None and _is_below(parent, account):
        raise ValidationError({"parent": f"{parent} is below {account}; choose an account outside its own tree."})
    root, before = _root_below(parent) or account, account.parent
    audit.update(account, verb="account.move", by=by, at=at, parent=parent, root=root)
    moved: dict[str, Any] = {"from": before.key if before else "", "to": parent.key if parent else ""}
    happened("account.moved", account, by=by, at=at, **moved)
    depth, level = _depth(account), list(account.children.all())
    while level:
        depth += 1
        _check_depth(depth)
        for child in level:
            audit.update(child, verb="account.move", by=by, at=at, root=root)
        level = list(Account.objects.filter(parent__in=level))


def _is_below(account: Account, other: Account) -> bool:
    above: Account | None = account
    while above is not None:
        if above.pk == other.pk:
            return True
        above = above.parent
    return False


@transaction.atomic
def assign(account: Account, *, part: str, user: User | None, by: Any, at: dt.datetime) -> AccountMember | None:
    """Makes `user` the account's CSM, AE …; with None the part becomes vacant."""
    member = AccountMember.objects.filter(account=account, part=part).first()
    before = member.user_id if member else None
    if before == (user.pk if user else None):
        return member
    must_be_here(user, field="user")
    if user is None:
        audit.delete(member, verb="account.unassign", by=by, at=at)  # type: ignore[arg-type]
        member = None
    elif member is None:
        member = AccountMember(account=account, part=part, user=user, since=at)
        member.full_clean()
        audit.create(member, verb="account.assign", by=by, at=at)
    else:
        audit.update(member, verb="account.assign", by=by, at=at, user=user, since=at)
    happened("account.assigned", account, by=by, at=at, part=part, user=user.pk if user else None, before=before)
    return member


@transaction.atomic
def save_filter(*, page: str, name: str, query: str, by: User, at: dt.datetime, is_shared: bool = False) -> SavedFilter:
    """Keeps a way of looking at `page` under a name; the same name again replaces it."""
    known = SavedFilter.objects.filter(user=by, page=page, name=name.strip()).first()
    if known:
        audit.update(known, verb="filter.save", by=by, at=at, query=query, is_shared=is_shared)
        return known
    saved = SavedFilter(user=by, page=page, name=name.strip(), query=query, is_shared=is_shared)
    saved.full_clean()
    return audit.create(saved, verb="filter.save", by=by, at=at)


@transaction.atomic
def forget_filter(saved: SavedFilter, *, by: User, at: dt.datetime) -> None:
    """Deletes a filter of one's own."""
    if saved.user_id != by.pk:
        raise ValidationError(f"“{saved}” is {saved.user}'s filter; only they delete it.")
    audit.delete(saved, verb="filter.forget", by=by, at=at)
