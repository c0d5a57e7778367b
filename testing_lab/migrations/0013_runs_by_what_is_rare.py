from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Over all runs, while the lab writes them. One that broke off leaves an invalid index: drop it first."""

    atomic = False
    dependencies = [("testing_lab", "0012_when_the_lab_listened")]
    operations = [
        AddIndexConcurrently(
            model_name="suiterun", index=models.Index(fields=["state", "-id"], name="suite_run_by_state")
        ),
        AddIndexConcurrently(
            model_name="suiterun", index=models.Index(fields=["purpose", "-id"], name="suite_run_by_purpose")
        ),
        AddIndexConcurrently(
            model_name="suiterun", index=models.Index(fields=["passed", "-id"], name="suite_run_by_verdict")
        ),
    ]
