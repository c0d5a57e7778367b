"""Models and migrations are in step, triggers included."""

import pgtrigger
import pytest
from django.db.migrations.state import ProjectState

from inventory.models import PhoneNumber
from tests.architecture import migrations


def test_every_change_of_a_model_has_its_migration() -> None:
    assert migrations.missing() == []


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
