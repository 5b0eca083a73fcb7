"""The work on new tables, which nobody waits for, is done before a migration locks one that was there."""

import pytest

from accounts.foundation.migrating import new_tables_first

NEW, INDEX = 'CREATE TABLE "new" ("id" bigint)', 'CREATE INDEX "i" ON "new" ("id")'
BETWEEN_NEW = 'ALTER TABLE "newer" ADD CONSTRAINT "f" FOREIGN KEY ("new_id") REFERENCES "new" ("id")'
TO_OLD = 'ALTER TABLE "new" ADD CONSTRAINT "g" FOREIGN KEY ("old_id") REFERENCES "old" ("id")'
COLUMN, COLUMN_OF_NEW = 'ALTER TABLE "old" ADD COLUMN "x" int', 'ALTER TABLE "new" ADD COLUMN "x" int'


@pytest.mark.parametrize(
    ("statements", "first"),
    [
        ([COLUMN, NEW, 'CREATE TABLE "newer" ("id" bigint)', TO_OLD, BETWEEN_NEW, INDEX], [1, 2, 4, 5, 0, 3]),
        ([NEW, COLUMN, INDEX], [0, 2, 1]),
        ([NEW, COLUMN, COLUMN_OF_NEW, INDEX], [0, 1, 2, 3]),
        ([COLUMN, 'CREATE INDEX "j" ON "old" ("x")', NEW], [2, 0, 1]),
        ([COLUMN, "SELECT 1", NEW, INDEX], [0, 1, 2, 3]),
        ([NEW, COLUMN, "SELECT 1", INDEX], [0, 1, 2, 3]),
        (['ALTER TABLE "new" RENAME TO "gone"', NEW, INDEX], [0, 1, 2]),
        (['DROP TABLE "new"', COLUMN, NEW], [0, 2, 1]),
        ([COLUMN, 'CREATE TABLE "new" ("id" bigint REFERENCES "old" ("id"))', INDEX], [0, 1, 2]),
    ],
)
def test_what_keeps_nobody_waiting_comes_before_the_first_lock(statements, first):
    assert new_tables_first(statements) == [statements[place] for place in first]
