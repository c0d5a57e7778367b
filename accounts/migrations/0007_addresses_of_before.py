"""Whoever could sign in before addresses were verified was made by staff, who vouched for the address."""

from django.db import migrations

VOUCH = """
INSERT INTO account_emailaddress (user_id, email, verified, "primary")
SELECT id, lower(email), true, true FROM accounts_user
WHERE email <> '' AND NOT EXISTS (SELECT FROM account_emailaddress known WHERE known.user_id = accounts_user.id)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('account', '0009_emailaddress_unique_primary_email'),
        ('accounts', '0006_who_comes_in'),
    ]

    operations = [migrations.RunSQL(VOUCH, migrations.RunSQL.noop)]
