"""References from rows that come by the million, checked once for each statement instead of once for each row.

A foreign key looks up the parent of every single row, and locks it: at an import's pace that was half of PostgreSQL's
work (docs/adr/0006). These triggers keep the same promise, that no row refers to a parent which is not there, and look
each parent up once for all the rows of a statement.

They need no lock, because parents stay: deleting one, or changing its id, is refused altogether, by triggers of their
own. So a parent that the check has seen, made by a committed transaction or by ours, is there as long as the row that
refers to it. One that is not committed yet is not seen, and the row is refused.
"""

from typing import Any

import pgtrigger
from django.db.models import Model
from pgtrigger import compiler

# An array of ids is looked up in one sweep over the index: a third of what lookups one by one cost.
_CHECK = """
IF EXISTS (
    SELECT FROM (SELECT array_agg(DISTINCT {column}) FILTER (WHERE {column} IS NOT NULL) AS ids FROM {rows}) AS meant
    WHERE (SELECT count(*) FROM {parents} AS parent WHERE parent.id = ANY (meant.ids)) < cardinality(meant.ids)
) THEN
    RAISE foreign_key_violation USING MESSAGE = format('%I.{column} refers to what is not in {parents}', TG_TABLE_NAME);
END IF;
RETURN NULL;
"""


class ByIndexSql(compiler.UpsertTriggerSql):
    """A trigger whose function plans no sequential scan.

    A session keeps its plans: one that was made while the parents were few would read all of them for each statement
    when they are many. What this setting leaves is the lookup in the primary key.
    """

    def get_template(self) -> str:
        """pgtrigger's statements, and the setting."""
        return f"{super().get_template()} ALTER FUNCTION {{pgid}}() SET enable_seqscan = off;"


class ByIndex(pgtrigger.Trigger):
    """Installed by `ByIndexSql`."""

    def compile(self, model: Any) -> compiler.Trigger:
        """The trigger as migrations write it down."""
        compiled = super().compile(model)
        return compiler.Trigger(name=compiled.name, sql=ByIndexSql(**compiled.sql.kwargs))


def references(field: str, parent: type[Model]) -> list[pgtrigger.Trigger]:
    """For a ForeignKey without a constraint: its rows refer to parents that are there, or to none.

    The parents must stay: give them triggers against deleting and against changing the id.
    """
    column = f"{field}_id"

    def check(rows: str) -> str:
        return _CHECK.format(column=column, rows=rows, parents=parent._meta.db_table)

    return [
        ByIndex(
            name=f"{field}_is_there",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="born"),  # type: ignore[no-untyped-call]  # pgtrigger types not all
            func=check("born"),
        ),
        ByIndex(
            name=f"{field}_stays_there",
            when=pgtrigger.After,
            operation=pgtrigger.UpdateOf(column),  # type: ignore[no-untyped-call]  # likewise
            condition=pgtrigger.AnyChange(field),
            func=check("(SELECT NEW.*) AS changed"),
        ),
    ]
