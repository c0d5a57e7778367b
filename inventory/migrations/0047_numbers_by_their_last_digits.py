import django.db.models.functions.comparison
import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Over all numbers, while they are sold. One that broke off leaves an invalid index: drop it first."""

    atomic = False

    dependencies = [
        ('inventory', '0046_bulk_runs_are_withdrawn'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='phonenumber',
            index=models.Index(django.db.models.functions.comparison.Cast(django.db.models.functions.text.Reverse(django.db.models.functions.comparison.Cast('e164', models.TextField())), models.BigIntegerField()), condition=models.Q(('state', 'RETURNED'), _negated=True), name='number_ends'),
        ),
    ]
