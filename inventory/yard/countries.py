"""The countries that we have numbers of, for the choices of the pages."""

from django.db import connection

from numbering.countries import called, in_order
from numbering.recent import Recent

# One probe of `number_stock` for each country: DISTINCT would read every number.
_COUNTRIES = """
WITH RECURSIVE found AS (
    SELECT min(country) AS country FROM inventory_phonenumber
    UNION ALL
    SELECT (SELECT min(country) FROM inventory_phonenumber WHERE country > found.country)
    FROM found WHERE found.country IS NOT NULL
)
SELECT country FROM found WHERE country IS NOT NULL
"""


def _read() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTRIES)
        return [country for (country,) in cursor.fetchall()]


#: ISO 3166-1 alpha-2 codes in order, as they were at most a minute ago.
countries = Recent(_read, seconds=60)


def choices() -> list[tuple[str, str]]:
    """Codes with the names that people know them by, in the order of the names."""
    return sorted(((country, called(country)) for country in countries()), key=lambda country: in_order(country[1]))
