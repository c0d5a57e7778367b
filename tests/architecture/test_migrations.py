"""Models and migrations are in step, triggers included."""

from importlib import import_module

import pgtrigger
import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection
from django.db.migrations import AddIndex
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from inventory.models import PhoneNumber
from testing_lab.models import Trunk
from tests.architecture import migrations


def test_every_change_of_a_model_has_its_migration() -> None:
    assert migrations.missing() == []


def test_an_index_over_all_numbers_is_built_while_they_are_sold() -> None:
    """Since the ninth migration; the earlier ones are of the days when there were few."""
    loader = MigrationLoader(None)
    plain = [
        f"{name}: {operation.index.name}"
        for (app, name), migration in loader.disk_migrations.items()
        if app == "inventory" and name >= "0009"
        for operation in migration.operations
        if isinstance(operation, AddIndex) and operation.model_name in ("did", "phonenumber")
        if not isinstance(operation, AddIndexConcurrently) or migration.atomic
    ]
    assert plain == []


@pytest.mark.django_db
def test_of_trunks_in_use_at_one_address_the_first_route_stays_in_use() -> None:
    migration = import_module("testing_lab.migrations.0011_one_trunk_in_use_at_an_address")
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX trunk_one_in_use_at_an_address")
        for preference, address in enumerate(("a:1", "b:1", "b:1", "a:1", "b:1")):
            Trunk.objects.create(name=f"{preference}", address=address, preference=preference, active=preference != 1)
        cursor.execute(migration.SWITCH_OFF)
    assert [each.name for each in Trunk.objects.filter(active=True)] == ["0", "2"]


def test_a_change_of_a_trigger_without_a_migration_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    state = ProjectState.from_apps

    def with_another_trigger(apps: object) -> ProjectState:
        changed: ProjectState = state(apps)  # type: ignore[arg-type]  # the stubs know no registry protocol
        another = pgtrigger.Protect(name="another", operation=pgtrigger.Delete)
        options = changed.models["inventory", PhoneNumber._meta.model_name or ""].options
        options["triggers"] = [*options.get("triggers", []), another]
        return changed

    monkeypatch.setattr(ProjectState, "from_apps", with_another_trigger)
    assert any("another" in change for change in migrations.missing())
