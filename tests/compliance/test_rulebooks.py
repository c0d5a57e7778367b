"""The country files become versions of rules, all of them or none, and one version is in force on each day."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from compliance.asked import Asked, asked
from compliance.models import AgingRule, NumberTypeRule, Regulation, RegulationVersion, Rulebook
from compliance.rulebook.country_files import COUNTRY_FILES
from compliance.rulebook.described import sid_of
from compliance.rulebook.sound_files import BadCountryFiles
from compliance.services import rulebooks
from numbering.recent import forget_everything
from tests.compliance.country_folder import folder_of, rewrite

pytestmark = pytest.mark.django_db

FIRST_DAY = date(2026, 11, 20)
TODAY = date(2026, 11, 21)
NEXT_YEAR = date(2027, 1, 1)
M2M = "machine_to_machine"  # the one type of which a file may be silent


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    forget_everything()


@pytest.fixture
def germany(tmp_path: Path) -> Path:
    """A folder with Germany's file alone, whose first version is loaded."""
    rulebooks.load(folder_of(tmp_path, "DE"))
    return tmp_path


def no_papers_for_businesses(document: dict[str, Any]) -> None:
    document["number_types"]["local"]["end_user_types"]["business"]["supporting_documents"] = []


def nothing_is_asked_for_voip(document: dict[str, Any]) -> None:
    document["not_described"].remove("voip")
    nothing_is_asked_for(document, "voip")


def nothing_is_asked_for(document: dict[str, Any], number_type: str) -> None:
    given = {"available": True, "confidence": "documented", "supporting_documents": []}
    document["number_types"][number_type] = {
        "address_requirement": "none",
        "confidence": "documented",
        "enforced": True,
        "constraints": {"address_scope": "any"},
        "end_user_types": {
            name: given | {"end_user": {"requirement_name": f"{name}_info", "fields": []}}
            for name in ("individual", "business")
        },
    }


def an_address_anywhere(document: dict[str, Any]) -> None:
    document["number_types"]["local"].update(address_requirement="any", constraints={"address_scope": "any"})


def second_version(folder: Path) -> Rulebook:
    rewrite(folder, "DE", no_papers_for_businesses)
    (waiting,) = rulebooks.load(folder).waiting
    return waiting


def counts() -> tuple[int, ...]:
    return tuple(
        model.objects.count() for model in (Rulebook, Regulation, RegulationVersion, NumberTypeRule, AgingRule)
    )


def test_every_country_file_is_loaded_and_again_without_doubling(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    loaded = rulebooks.load()
    assert loaded.countries == len(loaded.in_force) == len(list(COUNTRY_FILES.glob("??.yaml"))) == 138
    rows = counts()
    with django_assert_max_num_queries(10):
        again = rulebooks.load()
    assert (again.countries, again.in_force, again.waiting) == (138, [], [])
    assert counts() == rows


def test_a_bad_file_loads_nothing(tmp_path: Path) -> None:
    (folder_of(tmp_path, "IE") / "zz.yaml").write_text("country: [")
    with pytest.raises(BadCountryFiles, match=r"zz\.yaml"):
        rulebooks.load(tmp_path)
    assert counts() == (0, 0, 0, 0, 0)


def test_a_first_version_is_in_force_from_the_day_it_was_written(germany: Path) -> None:
    book = Rulebook.objects.get()
    assert (book.version, book.effective_from, book.activated_by) == (1, FIRST_DAY, "load")
    assert rulebooks.rulebook_in_force("DE", FIRST_DAY) == book
    assert rulebooks.rulebook_in_force("DE", FIRST_DAY - timedelta(days=1)) is None


def test_a_country_without_a_file_has_no_rules(germany: Path) -> None:
    assert rulebooks.current("FR", TODAY) is None


def test_the_typed_rules_in_force_are_read_once(
    germany: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rules = rulebooks.current("de", TODAY)
    assert rules is not None
    assert rules.of("local").of("business").documents
    with django_assert_num_queries(0):
        assert rulebooks.current("DE", TODAY) is rules


def test_a_comment_or_another_layout_is_no_new_version(germany: Path) -> None:
    rewrite(germany, "DE", lambda document: None, snapshot_date=str(FIRST_DAY))
    assert rulebooks.load(germany).waiting == []
    assert Rulebook.objects.count() == 1


def test_a_changed_file_waits_until_somebody_activates_it(germany: Path) -> None:
    waiting = second_version(germany)
    assert (waiting.version, waiting.effective_from) == (2, None)
    assert documents_asked(TODAY)

    rulebooks.activate(waiting, effective_from=NEXT_YEAR, actor="user:anna")
    assert documents_asked(TODAY)
    assert not documents_asked(NEXT_YEAR)


def documents_asked(on: date) -> bool:
    rules = rulebooks.current("DE", on)
    return rules is not None and bool(rules.of("local").of("business").documents)


def test_what_waits_is_told_again_with_the_next_load(germany: Path) -> None:
    waiting = second_version(germany)
    assert rulebooks.load(germany).waiting == [waiting]


def test_an_installation_may_have_changed_files_in_force_at_once(germany: Path) -> None:
    waiting = second_version(germany)
    assert rulebooks.load(germany, activate_later_ones=True).in_force == [waiting]
    assert rulebooks.rulebook_in_force("DE") == waiting


def test_an_old_file_brings_no_old_rules_back(germany: Path) -> None:
    rulebooks.activate(second_version(germany), effective_from=TODAY, actor="user:anna")
    loaded = rulebooks.load(folder_of(germany, "DE"), activate_later_ones=True)
    assert (loaded.in_force, loaded.waiting) == ([], [])
    assert Rulebook.objects.count() == 2


def test_activating_again_with_the_same_day_changes_nothing(germany: Path) -> None:
    waiting = second_version(germany)
    once = rulebooks.activate(waiting, effective_from=TODAY, actor="user:anna")
    again = rulebooks.activate(waiting, effective_from=TODAY, actor="user:ben")
    assert (again.activated_by, again.activated_at) == ("user:anna", once.activated_at)
    with pytest.raises(rulebooks.NotActivated, match="in force from 2026-11-21"):
        rulebooks.activate(waiting, effective_from=NEXT_YEAR, actor="user:ben")


def test_no_version_begins_before_the_one_it_replaces(germany: Path) -> None:
    with pytest.raises(rulebooks.NotActivated, match="begins on 2026-11-20"):
        rulebooks.activate(second_version(germany), effective_from=date(2026, 1, 1), actor="user:anna")


def test_a_version_that_was_passed_over_is_not_activated_later(germany: Path) -> None:
    passed_over = second_version(germany)
    rewrite(germany, "DE", lambda document: None, snapshot_date="2026-11-22")
    (third,) = rulebooks.load(germany).waiting
    rulebooks.activate(third, effective_from=TODAY, actor="user:anna")
    with pytest.raises(rulebooks.NotActivated, match="version 3 was activated"):
        rulebooks.activate(passed_over, effective_from=NEXT_YEAR, actor="user:anna")


def test_an_activation_that_breaks_off_leaves_nothing(germany: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = second_version(germany)

    def crash(*_: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(rulebooks, "write_dated_rules", crash)
    with pytest.raises(IntegrityError), transaction.atomic():
        rulebooks.activate(waiting, effective_from=TODAY, actor="user:anna")
    waiting.refresh_from_db()
    assert waiting.effective_from is None
    assert documents_asked(TODAY)


def test_a_regulation_has_the_same_sid_in_every_installation(germany: Path) -> None:
    regulation = Regulation.objects.get(number_type="local", end_user_type="business")
    assert regulation.sid == sid_of("DE", "local", "business") == "RNedb1def1beaa407ab99640b4b6bfa201"


def test_versions_that_ask_for_the_same_have_one_fingerprint(germany: Path) -> None:
    second_version(germany)
    same = {
        regulation.number_type: len({version.fingerprint for version in regulation.versions.all()}) == 1
        for regulation in Regulation.objects.filter(end_user_type="business").prefetch_related("versions")
    }
    assert same.pop("local") is False
    assert all(same.values())


def test_what_is_not_described_has_regulations_that_are_not_confirmed(germany: Path) -> None:
    described = set(Regulation.objects.values_list("number_type", flat=True))
    assert described == {"local", "mobile", "national", "toll_free", "shared_cost", "voip"}


def test_a_type_that_asks_nothing_of_anybody_has_no_regulation(tmp_path: Path) -> None:
    rulebooks.load(folder_of(tmp_path, "US"))
    assert not rulebooks.regulations("US", "local").exists()
    rules = rulebooks.current("US", TODAY)
    assert rules is not None
    assert rules.of("local").asks_nothing


def test_the_list_of_regulations_is_of_the_versions_in_force(germany: Path) -> None:
    everything = set(rulebooks.regulations())
    assert len(everything) == 12
    second_version(germany)
    assert set(rulebooks.regulations("de")) == everything
    (found,) = rulebooks.regulations("DE", "local", "business")
    assert found.sid == sid_of("DE", "local", "business")


def test_what_the_rules_in_force_say_of_a_regulation(germany: Path) -> None:
    (regulation,) = rulebooks.regulations("DE", "local", "business")
    first = rulebooks.in_force(regulation, TODAY)
    assert first is not None
    assert first.rulebook.version == 1
    rulebooks.activate(second_version(germany), effective_from=TODAY, actor="user:anna")
    second = rulebooks.in_force(regulation, TODAY)
    assert second is not None
    assert (second.rulebook.version, second.fingerprint == first.fingerprint) == (2, False)


def test_a_regulation_that_was_dropped_is_no_longer_in_force(germany: Path) -> None:
    (regulation,) = rulebooks.regulations("DE", "voip", "business")
    rewrite(germany, "DE", nothing_is_asked_for_voip)
    (waiting,) = rulebooks.load(germany).waiting
    rulebooks.activate(waiting, effective_from=TODAY, actor="user:anna")
    assert rulebooks.in_force(regulation, TODAY) is None
    assert rulebooks.in_force(regulation, FIRST_DAY) is not None
    assert regulation not in rulebooks.regulations("DE")


def test_numbers_of_a_type_that_a_file_drops_are_no_longer_sold_without_papers(germany: Path) -> None:
    rewrite(germany, "DE", lambda document: nothing_is_asked_for(document, M2M))
    (free,) = rulebooks.load(germany).waiting
    rulebooks.activate(free, effective_from=TODAY, actor="user:anna")
    rewrite(germany, "DE", lambda document: document["number_types"].pop(M2M))
    (without,) = rulebooks.load(germany).waiting
    rulebooks.activate(without, effective_from=NEXT_YEAR, actor="user:anna")
    assert not asked("DE", M2M, TODAY).needs_bundle
    assert asked("DE", M2M, NEXT_YEAR) == Asked(is_known=False)


@pytest.mark.parametrize(
    ("country", "number_type", "minimum", "maximum"),
    [("US", "toll_free", 45, 120), ("US", "local", 45, 365), ("FR", "local", 45, 120), ("AU", "mobile", 184, None)],
)
def test_the_aging_rule_that_governs(
    tmp_path: Path, country: str, number_type: str, minimum: int, maximum: int | None
) -> None:
    rulebooks.load(folder_of(tmp_path, country))
    rule = AgingRule.objects.all().governing(country, number_type, TODAY)
    assert rule is not None
    assert (rule.minimum_days, rule.maximum_days) == (minimum, maximum)


def test_an_aging_rule_does_not_govern_before_its_day(tmp_path: Path) -> None:
    rulebooks.load(folder_of(tmp_path, "US"))
    assert AgingRule.objects.all().governing("US", "local", date(2019, 1, 1)) is None


@pytest.mark.parametrize(("minimum", "maximum"), [(60, 120), (None, None)])
def test_an_aging_rule_that_changes_keeps_its_past(tmp_path: Path, minimum: int | None, maximum: int | None) -> None:
    rulebooks.load(folder_of(tmp_path, "FR"))
    change = {"minimum_days": minimum, "maximum_days": maximum}
    rewrite(tmp_path, "FR", lambda document: document["aging"].update(change))
    (waiting,) = rulebooks.load(tmp_path).waiting
    rulebooks.activate(waiting, effective_from=NEXT_YEAR, actor="user:anna")
    assert governing_days(TODAY) == (45, 120)
    assert governing_days(NEXT_YEAR) == (minimum, maximum)


def governing_days(on: date) -> tuple[int | None, int | None]:
    rule = AgingRule.objects.all().governing("FR", "local", on)
    assert rule is not None
    return rule.minimum_days, rule.maximum_days


def test_an_address_requirement_changes_on_the_day_of_the_version(germany: Path) -> None:
    rewrite(germany, "DE", an_address_anywhere)
    (waiting,) = rulebooks.load(germany).waiting
    rulebooks.activate(waiting, effective_from=NEXT_YEAR, actor="user:anna")
    rules = NumberTypeRule.objects.filter(number_type="local").order_by("valid_from")
    assert list(rules.values_list("valid_from", "address_requirement")) == [(FIRST_DAY, "local"), (NEXT_YEAR, "any")]
