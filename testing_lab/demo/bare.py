"""Tables without their indexes, constraints and triggers while rows come by the million: then all of it comes back."""

import contextlib
from collections.abc import Iterator, Sequence

from django.db import connection, migrations, models, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from pgtrigger.migrations import RemoveTrigger

MEMORY = "512MB"  # for each index that is built


@contextlib.contextmanager
def bared(tables: Sequence[type[models.Model]]) -> Iterator[None]:
    """The tables are bare within the block. After it everything is back as the project's own migrations define it, and
    PostgreSQL has looked at every row; a row that breaks a constraint fails here. All tables are of one app.

    What fails within leaves them bare, unless it rolls back the caller's transaction.
    """
    plan = migrations.Migration("bare", tables[0]._meta.app_label)
    plan.operations = [step for table in tables for step in _drops(table)]  # type: ignore[misc]  # Django: any list
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE"
        )  # no table is altered while foreign keys are still to be looked at
        _run(plan, apply=True)
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('maintenance_work_mem', %s, false)", [MEMORY])
    _run(plan, apply=False)


@contextlib.contextmanager
def unwatched(tables: Sequence[type[models.Model]]) -> Iterator[None]:
    """The tables' triggers sleep within the block; indexes, constraints and foreign keys do not."""
    with transaction.atomic(), connection.cursor() as cursor:
        _switch(cursor, tables, "DISABLE")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # foreign keys are looked at now, and no later
        _switch(cursor, tables, "ENABLE")


def _switch(cursor: CursorWrapper, tables: Sequence[type[models.Model]], way: str) -> None:
    for table in tables:
        cursor.execute(f"ALTER TABLE {table._meta.db_table} {way} TRIGGER USER")


def _drops(table: type[models.Model]) -> Iterator[Operation]:
    """Of everything that makes inserting slow: triggers, constraints, indexes, foreign keys."""
    model = str(table._meta.model_name)
    for trigger in getattr(table._meta, "triggers", ()):  # pgtrigger's own option
        yield RemoveTrigger(model, trigger.name)
    for constraint in table._meta.constraints:
        yield migrations.RemoveConstraint(model, constraint.name)
    for index in table._meta.indexes:
        yield migrations.RemoveIndex(model, str(index.name))
    for field in table._meta.local_fields:
        if isinstance(field, models.ForeignKey):
            name, _, arguments, options = field.deconstruct()
            bare = models.ForeignKey(*arguments, **{**options, "db_constraint": False, "db_index": False})
            yield migrations.AlterField(model, str(name), bare)


def _run(plan: migrations.Migration, *, apply: bool) -> None:
    with connection.schema_editor() as editor:
        (plan.apply if apply else plan.unapply)(MigrationLoader(connection).project_state(), editor)
