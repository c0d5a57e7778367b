import pytest

from numbering.types import Capability, NumberType, capabilities_from_names, capability_names, supersets


def test_names_in_any_case_become_a_mask_and_come_back_in_fixed_order() -> None:
    mask = capabilities_from_names(["Fax", " SMS", "voice"])
    assert mask == Capability.VOICE | Capability.SMS | Capability.FAX == 11
    assert capability_names(mask) == ["voice", "sms", "fax"]


def test_an_unknown_capability_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'pigeon'"):
        capabilities_from_names(["voice", "pigeon"])


@pytest.mark.parametrize("mask", range(16))
def test_supersets_are_exactly_the_masks_with_at_least_these_capabilities(mask: int) -> None:
    wanted = set(capability_names(mask))
    assert supersets(mask) == [other for other in range(16) if wanted <= set(capability_names(other))]


def test_the_seven_kinds_of_number_of_the_phone_numbers_api() -> None:
    assert NumberType.values == [
        "local", "mobile", "national", "toll_free", "shared_cost", "voip", "machine_to_machine",
    ]  # fmt: skip
