"""Two teams with a row of everything: East, to which who asks belongs, and West, which they must not notice.

What West has says so: its ids begin at a number that nothing else reaches, its texts begin with `Wx`; both name the
area of the row. Its ids are the same in every table of an area, so one number names a foreign row of any kind.
"""

import re
from typing import Any

from django.db import connection, models

from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.models import Role, Team, User
from tests.access.routes import scoped_models
from tests.architecture.test_factories import FACTORIES
from tests.factories import accounts as factories

BASES = {area: 77_000_000 + 100_000 * place for place, area in enumerate(Area.values, start=1)}
FOREIGN = {area: base + 1 for area, base in BASES.items()}
"""An id that a row of West has in every table of the area."""
MISSING = {area: base + 99_999 for area, base in BASES.items()}
"""One that no row has."""
AFTERWARDS = 88_000_000
"""Where ids go on once West is complete."""
ID = re.compile(rb"(?<![\w.])77(\d)0\d{4}(?![\w.])")
TEXT = re.compile(rb"[Ww]x-?([a-z]+)")
PLACES = {str(place).encode(): area for place, area in enumerate(Area.values, start=1)}
LONG_ENOUGH = 80
"""Shorter texts are codes of ours."""


def begin() -> None:
    """Lets ids begin far from West's, whatever was made here before."""
    for model in scoped_models():
        _begin_at(model, 1_000)


def make(account: Account, user: User) -> None:
    """A row of everything that can be somebody's own, of this account and this user."""
    for model in scoped_models():
        if model is Account or not (found := FACTORIES.get(model)):
            continue
        values: dict[str, Any] = {model.ACCOUNT_PATH: account} if model.ACCOUNT_PATH else {}  # type: ignore[attr-defined]
        if assigned := model.ASSIGNED_PATH:  # type: ignore[attr-defined]
            values[assigned] = user
        if model.__name__ != "AccountMember":
            found[0](**values)


def west(user: User) -> Account:
    """West's account with a row of everything, under its own ids and texts."""
    for model in scoped_models():
        _begin_at(model, BASES[model.AREA])  # type: ignore[attr-defined]
    account: Account = factories.AccountFactory()
    factories.AccountMemberFactory(account=account, user=user)
    make(account, user)
    for model in scoped_models():
        _mark(model)
        _begin_at(model, AFTERWARDS)
    account.refresh_from_db()
    return account


def _begin_at(model: type[models.Model], base: int) -> None:
    key = model._meta.pk
    if not isinstance(key, models.AutoField):
        return
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [table, key.column, base])
        else:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, base])


def _mark(model: type[models.Model]) -> None:
    """Writes the name of the area into the texts of West's rows."""
    area = model.AREA  # type: ignore[attr-defined]
    for row in model._base_manager.filter(pk__gt=BASES[area]) if _is_numbered(model) else []:
        filled = [field for field in model._meta.concrete_fields if _is_text(field) and getattr(row, field.name)]
        texts = {field.name: _text(field, area, row.pk) for field in filled}
        if texts:
            model._base_manager.filter(pk=row.pk).update(**texts)


def _is_numbered(model: type[models.Model]) -> bool:
    return isinstance(model._meta.pk, models.AutoField)


def _is_text(field: Any) -> bool:
    if field.choices or field.is_relation or not isinstance(field, (models.CharField, models.TextField)):
        return False
    return (field.max_length or LONG_ENOUGH) >= LONG_ENOUGH or field.name == "key"


def _text(field: Any, area: str, pk: int) -> str:
    if isinstance(field, models.EmailField):
        return f"wx-{area}-{pk}@west.example"
    return f"wx-{area}-{pk}" if field.name in ("key", "domain", "url") else f"Wx{area} {pk}"


def areas_told(content: bytes) -> set[str]:
    """The areas of which an answer tells something of West's."""
    found = {PLACES[digit] for digit in ID.findall(content) if digit in PLACES}
    return found | {name.decode() for name in TEXT.findall(content) if name.decode() in Area.values}


def narrow(user: User) -> set[str]:
    """The areas in which this user must notice nothing of West."""
    return {area for area in Area.values if user.reach(area) != "all"}


def people() -> dict[str, User]:
    """Role → somebody of East who has it; and West's own."""
    east: Team = factories.TeamFactory(name="East")
    other: Team = factories.TeamFactory(name="Other")
    found = {
        role.key: factories.UserFactory(role=role, team=east, is_staff=True, username=f"east-{role.key}")
        for role in Role.objects.all()
    }
    csm = Role.objects.get(key="csm")
    return found | {"(west)": factories.UserFactory(role=csm, team=other, is_staff=True, username="other-csm")}


def snapshot() -> dict[str, list[Any]]:
    """West's rows as they stand."""
    found: dict[str, list[Any]] = {}
    for model in scoped_models():
        if _is_numbered(model):
            base = BASES[model.AREA]  # type: ignore[attr-defined]
            rows = model._base_manager.filter(pk__gt=base, pk__lt=base + 100).order_by("pk")
            found[model._meta.label] = list(rows.values_list())
    return found
