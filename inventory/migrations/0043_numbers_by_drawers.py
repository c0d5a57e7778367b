import django.db.models.functions.comparison
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Over all numbers, while they are sold. One that broke off leaves an invalid index: drop it first."""

    atomic = False

    dependencies = [
        ('accounts', '0005_the_operators_own_account'),
        ('inventory', '0042_pages_of_an_accounts_numbers'),
        ('numbering', '0002_rows_stay'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='phonenumber',
            index=models.Index(models.F('state'), models.F('country'), models.F('number_type'), django.db.models.functions.comparison.Coalesce('provider', 0, output_field=models.BigIntegerField()), models.F('capabilities'), models.F('blocked'), models.F('state_since'), models.F('id'), include=('provider',), name='number_listed'),
        ),
    ]
