"""Tables of a migration are made together, as they would be one by one, and can be taken back."""

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader

from accounts.foundation.tables import Tables

pytestmark = pytest.mark.django_db(transaction=True)
ID = ("id", models.BigAutoField(primary_key=True))
UNIQUE = models.UniqueConstraint(fields=["shelf", "title"], name="book_once_a_shelf")


def tables() -> Tables:
    return Tables(
        [
            migrations.CreateModel("Shelf", [ID]),
            migrations.CreateModel("Book", [ID, ("title", models.CharField(max_length=9))]),
            migrations.AddField("book", "shelf", models.ForeignKey("accounts.Shelf", models.CASCADE)),
            migrations.AddField("shelf", "best", models.ForeignKey("accounts.Book", models.SET_NULL, null=True)),
            migrations.AddConstraint("book", UNIQUE),
        ]
    )


def test_they_are_made_in_their_final_form_and_dropped_again() -> None:
    made = tables()
    before = MigrationLoader(None).project_state()
    after = before.clone()
    made.state_forwards("accounts", after)
    with connection.schema_editor() as editor:
        made.database_forwards("accounts", editor, before, after)
    with connection.cursor() as cursor:
        columns = [row.name for row in connection.introspection.get_table_description(cursor, "accounts_shelf")]
        found = connection.introspection.get_constraints(cursor, "accounts_book")
    assert columns == ["id", "best_id"]
    assert found["book_once_a_shelf"]["columns"] == ["shelf_id", "title"]
    with connection.schema_editor() as editor:
        made.database_backwards("accounts", editor, after, before)
    assert not {"accounts_shelf", "accounts_book"} & set(connection.introspection.table_names())


def test_what_concerns_another_table_is_refused() -> None:
    with pytest.raises(ValueError, match="only what concerns a table that is made here"):
        Tables([*tables().operations, migrations.AddField("account", "x", models.IntegerField(null=True))])
    assert str(tables().describe()) == "Create the tables of Shelf, Book"
