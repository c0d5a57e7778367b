"""The country files become dated rows, all of them or none."""

from datetime import date
from pathlib import Path

import pytest

from compliance.models import AgingRule, NumberTypeRule
from compliance.services.load_regulations import COUNTRY_FILES, BadCountryFile, load_regulations

pytestmark = pytest.mark.django_db


def test_every_country_file_is_loaded_and_again_without_doubling() -> None:
    assert load_regulations() == len(list(COUNTRY_FILES.glob("??.yaml"))) == 138
    rows = (NumberTypeRule.objects.count(), AgingRule.objects.count())
    load_regulations()
    assert (NumberTypeRule.objects.count(), AgingRule.objects.count()) == rows


def test_a_bad_file_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "ie.yaml").write_text((COUNTRY_FILES / "ie.yaml").read_text())
    (tmp_path / "zz.yaml").write_text("country: [")
    with pytest.raises(BadCountryFile, match=r"zz\.yaml"):
        load_regulations(tmp_path)
    assert not NumberTypeRule.objects.exists()


def test_a_file_that_names_another_country_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gb.yaml").write_text((COUNTRY_FILES / "ie.yaml").read_text())
    with pytest.raises(BadCountryFile, match="says country IE"):
        load_regulations(tmp_path)


@pytest.mark.parametrize(
    ("country", "number_type", "minimum", "maximum"),
    [("US", "toll_free", 45, 120), ("US", "local", 45, 365), ("FR", "local", 45, 120), ("AU", "mobile", 184, None)],
)
def test_the_aging_rule_that_governs(country: str, number_type: str, minimum: int, maximum: int | None) -> None:
    load_regulations()
    rule = AgingRule.objects.all().governing(country, number_type, date(2026, 11, 21))
    assert rule is not None
    assert (rule.minimum_days, rule.maximum_days) == (minimum, maximum)


def test_a_rule_does_not_govern_before_its_day() -> None:
    load_regulations()
    assert AgingRule.objects.all().governing("US", "local", date(2019, 1, 1)) is None
