from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The new index is there before the old one goes."""

    atomic = False
    dependencies = [("inventory", "0044_bulk_runs")]
    operations = [
        AddIndexConcurrently(
            model_name="quarantine",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["predicted_on", "id"],
                name="quarantine_foretold",
            ),
        ),
        RemoveIndexConcurrently(model_name="quarantine", name="quarantine_predicted"),
    ]
