from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Over all DIDs, while they are bought. One that broke off leaves indexes, the last one invalid: drop
    them first."""

    atomic = False

    dependencies = [
        ('accounts', '0004_named_as_in_the_console'),
        ('inventory', '0012_providers_with_emergency_tests'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='did',
            index=models.Index(condition=models.Q(('ended_at__isnull', True), models.Q(('bundle_sid', ''), _negated=True)), fields=['bundle_sid'], name='did_by_bundle_sid'),
        ),
        AddIndexConcurrently(
            model_name='did',
            index=models.Index(condition=models.Q(('ended_at__isnull', True), models.Q(('address_sid', ''), _negated=True)), fields=['address_sid'], name='did_by_address_sid'),
        ),
        AddIndexConcurrently(
            model_name='did',
            index=models.Index(condition=models.Q(('ended_at__isnull', True), models.Q(('emergency_address_sid', ''), _negated=True)), fields=['emergency_address_sid'], name='did_by_emergency_address_sid'),
        ),
    ]
