"""Numbers in service: buying, settings, lists, transfer, release, reclaim."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account, AccountStatus
from inventory.lifecycle import State
from inventory.models import BlockReason, Did
from inventory.services import blocks
from numbering.types import ALL_CAPABILITIES, Capability, NumberType, capability_names
from tests.api.conftest import Caller
from tests.factories import AccountFactory, DidFactory, HoldFactory, NumberFactory

pytestmark = pytest.mark.django_db

NUMBERS = "IncomingPhoneNumbers.json"


def refused(answer: Any, code: int, status: int = 400) -> None:
    """The answer is this refusal, in the documented shape."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert answer.json()["status"] == status
    assert answer.json()["more_info"].endswith(f"/docs/errors/{code}")


def bought(caller: Caller, number: object, **settings: str) -> dict[str, Any]:
    answer = caller.post(caller.of(NUMBERS), {"PhoneNumber": str(number), **settings})
    assert answer.status_code == 201, answer.content
    did: dict[str, Any] = answer.json()
    return did


def test_a_number_on_sale_is_bought(ada: Caller, account: Account) -> None:
    number = NumberFactory.create()
    did = bought(ada, number, VoiceUrl="https://a.example/v")
    assert did["phone_number"] == str(number)
    assert did["voice_url"] == "https://a.example/v"
    assert did["capabilities"] == {"voice": True, "sms": True, "mms": True, "fax": True}
    assert did["friendly_name"] == number.number.national_format
    number.refresh_from_db()
    assert (number.state, number.holder) == (State.IN_SERVICE, account)
    assert list(number.ledger.values_list("verb", flat=True).order_by("id")) == ["reserve", "assign"]


def test_rebuying_ones_own_number_updates_it_under_the_same_sid(ada: Caller) -> None:
    number = NumberFactory.create()
    first = bought(ada, number, VoiceUrl="https://a.example/v")
    again = bought(ada, number, SmsUrl="https://a.example/s")
    assert again["sid"] == first["sid"]
    assert (again["voice_url"], again["sms_url"]) == ("https://a.example/v", "https://a.example/s")
    assert Did.objects.count() == 1


def test_an_empty_friendly_name_keeps_the_one_that_the_number_has(ada: Caller) -> None:
    number = NumberFactory.create()
    did = bought(ada, number, FriendlyName="")
    assert did["friendly_name"] == number.number.national_format
    ada.post(did["uri"], {"FriendlyName": "Front desk"})
    assert ada.post(did["uri"], {"FriendlyName": ""}).json()["friendly_name"] == "Front desk"
    assert bought(ada, number, FriendlyName="")["friendly_name"] == "Front desk"


@pytest.mark.parametrize(
    "where",
    [
        {"sourced": True},
        {"testing": True},
        {"quarantined": True},
        {"failed": True},
        {"blocked": True},
        {"passport_expires_at": timezone.now() - timedelta(minutes=1)},
    ],
)
def test_a_number_that_is_not_sellable_is_21422(ada: Caller, where: dict[str, Any]) -> None:
    number = NumberFactory.create(**where)
    refused(ada.post(ada.of(NUMBERS), {"PhoneNumber": str(number)}), 21422)


def test_a_number_that_we_never_had_is_21422(ada: Caller) -> None:
    refused(ada.post(ada.of(NUMBERS), {"PhoneNumber": "+14155559999"}), 21422)


def test_anothers_number_is_21422(ada: Caller) -> None:
    refused(ada.post(ada.of(NUMBERS), {"PhoneNumber": str(DidFactory.create().number)}), 21422)


def test_anothers_hold_is_21422_and_ones_own_is_used_up(ada: Caller, account: Account) -> None:
    refused(ada.post(ada.of(NUMBERS), {"PhoneNumber": str(HoldFactory.create().number)}), 21422)
    hold = HoldFactory.create(reservation__account=account)
    bought(ada, hold.number)
    hold.refresh_from_db()
    assert hold.ended == "bought"


def test_a_hold_that_ran_out_does_not_wait_for_the_sweep(ada: Caller) -> None:
    past = timezone.now() - timedelta(minutes=1)
    hold = HoldFactory.create(
        reservation__expires_at=past, reservation__created_at=past - timedelta(minutes=15), number__due_at=past
    )
    bought(ada, hold.number)
    hold.refresh_from_db()
    assert hold.ended == "lapsed"


@pytest.mark.parametrize("text", ["", "415", "+0123456789", "4155550123", "+1415555012345678", "a", "+1415\x00555"])
def test_what_is_no_number_is_21421(ada: Caller, text: str) -> None:
    refused(ada.post(ada.of(NUMBERS), {"PhoneNumber": text}), 21421)


def test_neither_number_nor_area_code_is_21421(ada: Caller) -> None:
    refused(ada.post(ada.of(NUMBERS)), 21421)


def test_a_plus_that_was_not_encoded_is_understood(ada: Caller) -> None:
    number = NumberFactory.create()
    answer = ada.post(ada.of(NUMBERS), {"PhoneNumber": f" {number.e164}"})
    assert answer.status_code == 201


def test_buying_by_area_code(ada: Caller) -> None:
    NumberFactory.create(area_code="212", e164=12125550001)
    answer = ada.post(ada.of(NUMBERS), {"AreaCode": "212"})
    assert (answer.status_code, answer.json()["phone_number"]) == (201, "+12125550001")
    refused(ada.post(ada.of(NUMBERS), {"AreaCode": "212"}), 21452)
    refused(ada.post(ada.of(NUMBERS), {"AreaCode": "12"}), 21451)


@pytest.mark.parametrize(
    ("settings", "needed"),
    [
        ({"SmsUrl": "https://a.example"}, Capability.SMS),
        ({"VoiceCallerIdLookup": "true"}, Capability.VOICE),
        ({"VoiceReceiveMode": "fax"}, Capability.FAX),
    ],
)
def test_by_area_code_only_numbers_that_carry_what_the_settings_need_are_bought(
    ada: Caller, settings: dict[str, str], needed: Capability
) -> None:
    others = int(ALL_CAPABILITIES & ~needed)
    NumberFactory.create_batch(8, area_code="212", capabilities=others)
    able = NumberFactory.create(area_code="212", capabilities=int(needed))
    answer = ada.post(ada.of(NUMBERS), {"AreaCode": "212", **settings})
    assert (answer.status_code, answer.json().get("phone_number")) == (201, str(able))
    none_left = ada.post(ada.of(NUMBERS), {"AreaCode": "212", **settings})
    refused(none_left, 21452)
    assert none_left.json()["message"].endswith(f"area code 212 that carry {capability_names(needed)[0]}")
    assert ada.post(ada.of(NUMBERS), {"AreaCode": "212"}).status_code == 201


def test_typed_lists_sell_only_their_type(ada: Caller) -> None:
    toll_free = NumberFactory.create(e164=18005550100, number_type=NumberType.TOLL_FREE, area_code="800")
    refused(ada.post(ada.of("IncomingPhoneNumbers/Local.json"), {"PhoneNumber": str(toll_free)}), 21458)
    refused(ada.post(ada.of("IncomingPhoneNumbers/Local.json"), {"AreaCode": "415"}), 21457)
    refused(ada.post(ada.of("IncomingPhoneNumbers/Mobile.json")), 21421)
    answer = ada.post(ada.of("IncomingPhoneNumbers/TollFree.json"), {"PhoneNumber": str(toll_free)})
    assert (answer.status_code, answer.json()["type"]) == (201, "toll_free")


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"VoiceUrl": "ftp://a.example"}, 21402),
        ({"SmsUrl": "nonsense"}, 21402),
        ({"StatusCallback": "http://[::1"}, 21402),
        ({"VoiceUrl": "http://ada:secret@a.example"}, 21402),
        ({"VoiceUrl": "http://."}, 21402),
        ({"VoiceUrl": "http://a..example"}, 21402),
        ({"VoiceUrl": "http://a.example:0/"}, 21402),
        ({"VoiceUrl": "http://a\x7f.example"}, 21402),
        ({"VoiceUrl": "https://a.example/" + "x" * 2048}, 21402),
        ({"VoiceMethod": "PUT"}, 21403),
        ({"VoiceFallbackUrl": "https://a.example"}, 21405),
        ({"SmsFallbackUrl": "https://a.example"}, 21406),
        ({"VoiceApplicationSid": "AP1"}, 21420),
        ({"FriendlyName": "x" * 65}, 20002),
        ({"VoiceCallerIdLookup": "perhaps"}, 20001),
        ({"VoiceReceiveMode": "telex"}, 20001),
        ({"AddressSid": "BU" + "0" * 32}, 20001),
        ({"TrunkSid": "TK" + "G" * 32}, 20001),
        ({"EmergencyStatus": "Active", "EmergencyAddressSid": "AD" + "0" * 32}, 22222),
    ],
)
def test_settings_that_make_no_sense_are_refused_and_nothing_is_bought(
    ada: Caller, settings: dict[str, str], code: int
) -> None:
    number = NumberFactory.create()
    refused(ada.post(ada.of(NUMBERS), {"PhoneNumber": str(number), **settings}), code)
    number.refresh_from_db()
    assert number.state == State.AVAILABLE


def test_settings_need_the_capability(ada: Caller) -> None:
    silent = NumberFactory.create(capabilities=int(Capability.SMS))
    mute = NumberFactory.create(capabilities=int(Capability.VOICE))
    refused(ada.post(ada.of(NUMBERS), {"PhoneNumber": str(silent), "VoiceCallerIdLookup": "true"}), 21409)
    refused(ada.post(ada.of(NUMBERS), {"PhoneNumber": str(mute), "SmsUrl": "https://a.example"}), 21407)


def test_only_a_number_that_carries_faxes_takes_its_calls_for_faxes(ada: Caller) -> None:
    able, unable = NumberFactory.create(), NumberFactory.create(capabilities=int(Capability.VOICE))
    assert bought(ada, able, VoiceReceiveMode="fax")["voice_receive_mode"] == "fax"
    answer = ada.post(ada.of(NUMBERS), {"PhoneNumber": str(unable), "VoiceReceiveMode": "fax"})
    refused(answer, 20001)
    assert answer.json()["message"] == f"Invalid parameter VoiceReceiveMode: {unable} carries no faxes"
    assert bought(ada, unable, VoiceReceiveMode="voice")["voice_receive_mode"] == "voice"


def test_trunk_and_voice_application_exclude_each_other(ada: Caller) -> None:
    trunk, application = "TK" + "a" * 32, "AP" + "b" * 32
    did = bought(ada, NumberFactory.create(), TrunkSid=trunk)
    assert (did["trunk_sid"], did["voice_application_sid"]) == (trunk, None)
    changed = ada.post(did["uri"], {"VoiceApplicationSid": application}).json()
    assert (changed["trunk_sid"], changed["voice_application_sid"]) == (None, application)


def test_updates_are_partial_and_empty_clears(ada: Caller) -> None:
    did = bought(ada, NumberFactory.create(), VoiceUrl="https://a.example/v", FriendlyName="Front desk")
    changed = ada.post(did["uri"], {"SmsMethod": "get", "VoiceUrl": ""})
    assert changed.status_code == 200
    assert changed.json()["friendly_name"] == "Front desk"
    assert (changed.json()["sms_method"], changed.json()["voice_url"]) == ("GET", None)


def test_nothing_is_told_to_call_emergency_services_that_can_not(ada: Caller) -> None:
    did = bought(ada, NumberFactory.create(), EmergencyStatus="inactive")
    refused(ada.post(did["uri"], {"EmergencyStatus": "active"}), 22222)
    shown = ada.get(did["uri"]).json()
    assert (shown["emergency_status"], shown["emergency_address_status"]) == ("Inactive", "unregistered")


def test_trial_accounts_hold_one_number(signed: Callable[[Account], Caller]) -> None:
    trial, number = signed(AccountFactory.create(is_trial=True)), NumberFactory.create()
    did = bought(trial, number)
    refused(trial.post(trial.of(NUMBERS), {"PhoneNumber": str(NumberFactory.create())}), 21404)
    assert bought(trial, number, FriendlyName="Front desk")["sid"] == did["sid"]


def test_a_trial_subaccount_is_given_no_second_number(ada: Caller, account: Account) -> None:
    trial = AccountFactory.create(parent=account, is_trial=True)
    first, second = bought(ada, NumberFactory.create()), bought(ada, NumberFactory.create())
    assert ada.post(first["uri"], {"AccountSid": trial.sid}).json()["account_sid"] == trial.sid
    refused(ada.post(second["uri"], {"AccountSid": trial.sid}), 21404)


def test_release_then_reclaim_within_the_window(ada: Caller, mallory: Caller) -> None:
    number = NumberFactory.create()
    did = bought(ada, number, VoiceUrl="https://a.example/v")
    assert ada.delete(did["uri"]).status_code == 204
    refused(ada.get(did["uri"]), 20404, 404)
    number.refresh_from_db()
    assert (number.state, number.cleared_at) == (State.RELEASED, None)
    assert number.due_at is not None
    assert timedelta(days=9, hours=23) < number.due_at - timezone.now() <= timedelta(days=10)
    refused(mallory.post(mallory.of(NUMBERS), {"PhoneNumber": str(number)}), 21422)
    again = bought(ada, number)
    assert (again["sid"], again["voice_url"]) == (did["sid"], "https://a.example/v")
    assert number.assignments.count() == 2


def test_the_reclaim_window_ends(ada: Caller) -> None:
    number = NumberFactory.create()
    ada.delete(bought(ada, number)["uri"])
    type(number).objects.filter(pk=number.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    refused(ada.post(ada.of(NUMBERS), {"PhoneNumber": str(number)}), 21422)


def test_a_blocked_number_is_not_reclaimed(ada: Caller) -> None:
    number = NumberFactory.create()
    ada.delete(bought(ada, number)["uri"])
    blocks.place(number=number, reason=BlockReason.FRAUD, actor="user:staff")
    refused(ada.post(ada.of(NUMBERS), {"PhoneNumber": str(number)}), 21422)


def test_releasing_twice_is_404(ada: Caller) -> None:
    did = bought(ada, NumberFactory.create())
    assert ada.delete(did["uri"]).status_code == 204
    refused(ada.delete(did["uri"]), 20404, 404)


def test_a_number_moves_to_a_subaccount_and_back_with_its_sid(
    ada: Caller, account: Account, signed: Callable[[Account], Caller]
) -> None:
    child = AccountFactory.create(parent=account)
    did = bought(ada, NumberFactory.create(), SmsUrl="https://a.example/s")
    moved = ada.post(did["uri"], {"AccountSid": child.sid, "FriendlyName": "Branch"}).json()
    assert (moved["sid"], moved["account_sid"], moved["friendly_name"]) == (did["sid"], child.sid, "Branch")
    assert moved["sms_url"] == "https://a.example/s"
    refused(ada.get(did["uri"]), 20404, 404)
    of_child = signed(child)
    assert of_child.get(moved["uri"]).json()["sid"] == did["sid"]
    refused(of_child.post(moved["uri"], {"AccountSid": account.sid}), 21474)
    assert ada.post(moved["uri"], {"AccountSid": account.sid}).json()["account_sid"] == account.sid
    held = Did.objects.get(sid=did["sid"]).assignments.order_by("id")
    assert [each.account.sid for each in held] == [account.sid, child.sid, account.sid]


def test_a_subaccount_may_name_itself_as_the_owner(account: Account, signed: Callable[[Account], Caller]) -> None:
    """A client that sends back all that it read, AccountSid among it, moves nothing."""
    did = DidFactory.create(account=AccountFactory.create(parent=account))
    child = signed(did.account)
    path = child.of(f"IncomingPhoneNumbers/{did.sid}.json")
    assert child.post(path, {"AccountSid": child.sid, "FriendlyName": "Desk"}).json()["friendly_name"] == "Desk"
    refused(child.post(path, {"AccountSid": account.sid}), 21474)


def test_transfers_that_are_refused(ada: Caller, account: Account, outsider: Account) -> None:
    did = bought(ada, NumberFactory.create())
    closed = AccountFactory.create(parent=account, status=AccountStatus.CLOSED)
    refused(ada.post(did["uri"], {"AccountSid": "AC1"}), 21470)
    refused(ada.post(did["uri"], {"AccountSid": "AC" + "0" * 32}), 21471)
    refused(ada.post(did["uri"], {"AccountSid": closed.sid}), 21472)
    refused(ada.post(did["uri"], {"AccountSid": outsider.sid}), 21473)


def test_the_list_shows_newest_first_in_pages_that_stay_put(ada: Caller, account: Account) -> None:
    dids = DidFactory.create_batch(5, account=account)
    first = ada.get(ada.of(NUMBERS), {"PageSize": "2"}).json()
    DidFactory.create(account=account)
    second = ada.get(first["next_page_uri"]).json()
    third = ada.get(second["next_page_uri"]).json()
    found = [row["sid"] for page in (first, second, third) for row in page["incoming_phone_numbers"]]
    assert found == [did.sid for did in reversed(dids)]
    assert third["next_page_uri"] is None
    assert (second["page"], second["start"], second["end"]) == (1, 2, 3)
    back = ada.get(second["previous_page_uri"]).json()
    assert back["incoming_phone_numbers"] == first["incoming_phone_numbers"]


def test_the_list_filters(ada: Caller, account: Account) -> None:
    desk = DidFactory.create(account=account, friendly_name="Desk", number__e164=14155550001, number__beta=True)
    free = DidFactory.create(
        account=account, number__e164=18005550002, number__number_type=NumberType.TOLL_FREE, number__area_code="800"
    )

    def sids(path: str = NUMBERS, **query: str) -> list[str]:
        answer = ada.get(ada.of(path), query)
        assert answer.status_code == 200, answer.content
        return [row["sid"] for row in answer.json()["incoming_phone_numbers"]]

    assert sids(FriendlyName="Desk") == [desk.sid]
    assert sids(Beta="TRUE") == [desk.sid]
    assert sids(PhoneNumber="+1800") == [free.sid]
    assert sids(PhoneNumber="555*001") == [desk.sid]
    assert sids(PhoneNumber="555000*") == [free.sid, desk.sid]
    assert sids(Origin="hosted") == []
    assert sids("IncomingPhoneNumbers/TollFree.json") == [free.sid]
    assert sids("IncomingPhoneNumbers/Mobile.json") == []
    refused(ada.get(ada.of(NUMBERS), {"Beta": "maybe"}), 20001)
    refused(ada.get(ada.of(NUMBERS), {"PhoneNumber": "(1)"}), 20001)


def test_a_name_is_found_with_its_outer_spaces_as_it_is_kept(ada: Caller) -> None:
    did = bought(ada, NumberFactory.create(), FriendlyName=" Desk ")
    for name, found in ((" Desk ", [did["sid"]]), ("Desk", [])):
        rows = ada.get(ada.of(NUMBERS), {"FriendlyName": name}).json()["incoming_phone_numbers"]
        assert [row["sid"] for row in rows] == found


def test_filters_survive_into_the_next_page(ada: Caller, account: Account) -> None:
    DidFactory.create_batch(3, account=account, friendly_name="Branch & Co")
    page = ada.get(ada.of(NUMBERS), {"PageSize": "2", "FriendlyName": "Branch & Co"}).json()
    assert "FriendlyName=Branch+%26+Co" in page["next_page_uri"]
    assert len(ada.get(page["next_page_uri"]).json()["incoming_phone_numbers"]) == 1


def test_nobody_sees_anothers_numbers(ada: Caller, mallory: Caller) -> None:
    did = bought(ada, NumberFactory.create())
    refused(mallory.get(did["uri"]), 20404, 404)
    refused(mallory.delete(did["uri"]), 20404, 404)
    refused(mallory.get(did["uri"].replace(ada.sid, mallory.sid)), 20404, 404)
    assert mallory.get(mallory.of(NUMBERS)).json()["incoming_phone_numbers"] == []


def test_no_add_ons_are_assigned(ada: Caller) -> None:
    did = bought(ada, NumberFactory.create())
    answer = ada.get(did["subresource_uris"]["assigned_add_ons"])
    assert (answer.status_code, answer.json()["assigned_add_ons"]) == (200, [])


def test_a_protected_number_stays_until_that_is_taken_off_by_itself(ada: Caller, account: Account) -> None:
    did = bought(ada, NumberFactory.create())
    assert did["numberyard"]["protected"] is False
    assert ada.post(did["uri"], {"Protected": "true"}).json()["numberyard"]["protected"] is True
    refused(ada.delete(did["uri"]), 20409, 409)
    child = AccountFactory.create(parent=account)
    refused(ada.post(did["uri"], {"AccountSid": child.sid, "Protected": "false"}), 20409, 409)
    assert ada.get(did["uri"]).json()["numberyard"]["protected"] is True
    assert ada.post(did["uri"], {"Protected": "false"}).json()["numberyard"]["protected"] is False
    assert ada.delete(did["uri"]).status_code == 204


def test_a_subaccount_with_protected_numbers_is_not_closed(
    ada: Caller, account: Account, signed: Callable[[Account], Caller]
) -> None:
    child = AccountFactory.create(parent=account)
    did = bought(signed(child), NumberFactory.create())
    signed(child).post(did["uri"], {"Protected": "true"})
    answer = ada.post(f"/2010-04-01/Accounts/{child.sid}.json", {"Status": "closed"})
    refused(answer, 20409, 409)
    assert answer.json()["details"] == {"protected": [did["phone_number"]]}
    assert ada.get(f"/2010-04-01/Accounts/{child.sid}.json").json()["status"] == "active"
