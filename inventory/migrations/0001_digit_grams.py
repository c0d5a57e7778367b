"""The function behind the pattern index: which runs of four digits a number has."""

from django.db import migrations

# Arithmetic only, so that PostgreSQL can inline it: one element for each run of four digits, as 0..9999.
CREATE = """
CREATE FUNCTION digit_grams(number bigint) RETURNS integer[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN array_remove(ARRAY[
    number % 10000,
    number / 10 % 10000,
    number / 100 % 10000,
    number / 1000 % 10000,
    CASE WHEN number >= 10000000 THEN number / 10000 % 10000 END,
    CASE WHEN number >= 100000000 THEN number / 100000 % 10000 END,
    CASE WHEN number >= 1000000000 THEN number / 1000000 % 10000 END,
    CASE WHEN number >= 10000000000 THEN number / 10000000 % 10000 END,
    CASE WHEN number >= 100000000000 THEN number / 100000000 % 10000 END,
    CASE WHEN number >= 1000000000000 THEN number / 1000000000 % 10000 END,
    CASE WHEN number >= 10000000000000 THEN number / 10000000000 % 10000 END,
    CASE WHEN number >= 100000000000000 THEN number / 100000000000 % 10000 END
]::integer[], NULL)
"""


class Migration(migrations.Migration):
    dependencies = []

    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION digit_grams(bigint)")]
