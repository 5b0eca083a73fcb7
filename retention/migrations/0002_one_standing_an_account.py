"""One standing an account, with all its words side by side, instead of one an account and word.

Words held 63 watches, and hold 62 from now on: bits move to where their slots are now.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

BEFORE, NOW, WORDS = 63, 62, 8
CHUNK = 5000


def split(bits: dict[int, int]) -> list[int]:
    """The words as they are now, from word → bits as they were."""
    slots = sum(word_bits << BEFORE * word for word, word_bits in bits.items())
    return [slots >> NOW * word & (1 << NOW) - 1 for word in range(WORDS)]


def together(apps: Any, schema_editor: Any) -> None:
    before, standing = apps.get_model("retention", "FormerStanding"), apps.get_model("retention", "Standing")
    accounts = before.objects.order_by("account").values_list("account", flat=True).distinct()
    last = 0
    while ids := list(accounts.filter(account__gt=last)[:CHUNK]):
        last = ids[-1]
        rows: dict[int, list[Any]] = {}
        for row in before.objects.filter(account__in=ids):
            rows.setdefault(row.account_id, []).append(row)
        standing.objects.bulk_create(_joined(standing, account_id, some) for account_id, some in rows.items())


def _joined(standing: Any, account_id: int, rows: list[Any]) -> Any:
    true = split({row.word: row.true_bits for row in rows})
    held = split({row.word: row.held_bits for row in rows})
    words = {f"true_{word}": bits for word, bits in enumerate(true)}
    words |= {f"held_{word}": bits for word, bits in enumerate(held)}
    at = max(row.evaluated_at for row in rows)
    return standing(account_id=account_id, changed_at=at, wake_at=at, **words)  # due: nobody knows yet when it wakes


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("retention", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="standing", name="one_standing_per_account_and_word"),
        migrations.RenameModel("Standing", "FormerStanding"),
        migrations.CreateModel(
            name="Standing",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="standing",
                        serialize=False,
                        to="accounts.account",
                    ),
                ),
                *((f"true_{word}", models.BigIntegerField(db_default=0, default=0)) for word in range(WORDS)),
                *((f"held_{word}", models.BigIntegerField(db_default=0, default=0)) for word in range(WORDS)),
                (
                    "since",
                    models.JSONField(
                        db_default={}, default=dict, help_text="Slot → microseconds since 1970 when it became true."
                    ),
                ),
                ("wake_at", models.DateTimeField(blank=True, null=True)),
                ("wake_on", models.DateField(blank=True, null=True)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["wake_at"], name="standing_wakes_at"),
                    models.Index(fields=["wake_on"], name="standing_wakes_on"),
                ],
            },
        ),
        migrations.RunPython(together, migrations.RunPython.noop),
        migrations.DeleteModel("FormerStanding"),
    ]
