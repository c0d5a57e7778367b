"""What pages say in the words of models and of the examination of files is listed for translators, whole."""

from accounts.models import AccountStatus
from compliance.lifecycle import BundleState
from compliance.models import EndUserType
from compliance.vault import words
from compliance.vault.examination import reasons
from inventory.lifecycle import MEANING, State
from inventory.models import UnwantedKind
from numbering.types import NumberType
from portal import choice_words


def test_states_and_what_they_mean_are_listed() -> None:
    assert set(choice_words.STATES) == {state.label for state in State}
    assert set(choice_words.MEANINGS) == set(MEANING.values())
    assert set(choice_words.BUNDLES) == {state.label for state in BundleState}
    assert set(choice_words.ACCOUNTS) == {status.label.lower() for status in AccountStatus}


def test_kinds_are_listed() -> None:
    assert set(choice_words.TYPES) == {kind.label.lower() for kind in NumberType}
    assert set(choice_words.PEOPLE) == {kind.label.lower() for kind in EndUserType}
    assert set(choice_words.UNWANTED) == {kind.label for kind in UnwantedKind}


def test_reasons_why_a_file_is_not_taken_are_listed() -> None:
    assert set(words.REASONS) == {said for name, said in vars(reasons).items() if name.isupper()}
