from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    """Over all numbers, however many, while they are sold. One that broke off leaves an invalid index: drop it first."""

    atomic = False

    dependencies = [
        ('inventory', '0008_stops_of_sale'),
    ]

    operations = [
        ValidateConstraint(model_name='phonenumber', name='number_capabilities_mask'),
        AddIndexConcurrently(
            model_name='phonenumber',
            index=models.Index(condition=models.Q(('blocked', False), ('passport_expires_at__isnull', False), ('provider__isnull', False), ('state__in', ('AVAILABLE', 'QUARANTINED'))), fields=['provider', 'country', 'number_type', 'spread'], name='number_canary'),
        ),
        AddIndexConcurrently(
            model_name='phonenumber',
            index=models.Index(condition=models.Q(('blocked', False), ('state', 'AVAILABLE')), fields=['country', 'number_type', 'capabilities', 'passed_tests', 'tested_at'], include=('beta', 'spread', 'e164'), name='sale_tested'),
        ),
    ]
