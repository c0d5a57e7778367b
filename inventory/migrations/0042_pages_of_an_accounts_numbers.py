from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Over all DIDs and all held numbers, while they are bought. One that broke off leaves indexes, the last one
    invalid: drop them first."""

    atomic = False

    dependencies = [
        ('inventory', '0041_protected_numbers'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='did',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['account', 'friendly_name'], include=('number',), name='did_by_name'),
        ),
        AddIndexConcurrently(
            model_name='did',
            index=models.Index(condition=models.Q(('ended_at__isnull', False)), fields=['account', 'number'], name='did_given_back'),
        ),
        AddIndexConcurrently(
            model_name='did',
            index=models.Index(condition=models.Q(('protected_since__isnull', False)), fields=['account'], name='did_protected'),
        ),
        AddIndexConcurrently(
            model_name='phonenumber',
            index=models.Index(condition=models.Q(('holder__isnull', False)), fields=['holder', 'state', 'e164'], include=('id', 'country', 'number_type', 'capabilities', 'provider'), name='number_of_holder'),
        ),
        RemoveIndexConcurrently(
            model_name='phonenumber',
            name='number_holder',
        ),
    ]
