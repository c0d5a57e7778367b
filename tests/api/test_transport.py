"""Rules of transport: who may ask, how errors look, suffixes, methods, headers (contract, section 1)."""

from base64 import b64encode
from collections.abc import Callable
from unittest.mock import patch

import httpx
import pytest
import redis
from django.conf import LazySettings
from django.db import OperationalError, connection
from django.test import Client, override_settings
from prometheus_client import REGISTRY

from accounts.models import Account, AccountStatus
from api import concurrency
from api.errors import CATALOGUE, MEANS, OF_STATUS
from inventory.services import assignments
from tests.api.conftest import Caller
from tests.api.gunicorn import serving
from tests.api.test_incoming import NUMBERS, refused
from tests.factories import AccountFactory, NumberFactory
from tests.patience import PATIENCE

pytestmark = pytest.mark.django_db


def basic(text: str | bytes) -> str:
    return "Basic " + b64encode(text if isinstance(text, bytes) else text.encode()).decode()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!",
        "Bearer abc",
        basic("nocolon"),
        basic("AC" + "0" * 32 + ":wrong"),
        basic("AC\x00:x"),
        basic(b"\xff\xfe:x"),
        basic("SK" + "0" * 32 + ":wrong"),
        "Basic é",
    ],
)
def test_bad_credentials_are_401_with_a_challenge(header: str, account: Account) -> None:
    answer = Client().get(f"/2010-04-01/Accounts/{account.sid}.json", headers={"Authorization": header})
    refused(answer, 20003, 401)
    assert answer["WWW-Authenticate"] == 'Basic realm="Twilio API"'


def test_a_closed_account_is_20005(signed: Callable[[Account], Caller]) -> None:
    closed = signed(AccountFactory.create(status=AccountStatus.CLOSED))
    refused(closed.get(closed.of("Balance.json")), 20005, 403)


@pytest.mark.parametrize(
    "path",
    [
        "/2010-04-01",
        "/2010-04-01/",
        "/2010-04-01/Nothing.json",
        "/2010-04-01/Accounts/AC1.json",
        "/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers/PN1.json",
        "/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers/PN" + "A" * 32 + ".json",
        "/2010-04-01/Accounts/AC" + "0" * 32 + "/IncomingPhoneNumbers.json",
        "/inventory/v1/Nothing",
        "/inventory/v1/Reservations/RV1",
    ],
)
def test_unknown_paths_and_malformed_sids_are_20404(ada: Caller, path: str) -> None:
    path = path.format(sid=ada.sid)
    answer = ada.get(path)
    refused(answer, 20404, 404)
    assert answer.json()["message"] == f"The requested resource {path} was not found"


@pytest.mark.parametrize("path", ["/2010-04-01/Accounts.json%0A", "/2010-04-01%0A", "/inventory/v1/%0AReservations"])
def test_a_newline_in_a_path_is_20404_in_json_too(ada: Caller, path: str) -> None:
    refused(ada.get(path), 20404, 404)


def test_json_at_the_end_of_a_path_below_v2_changes_nothing(account: Account) -> None:
    headers = {"Authorization": basic(f"{account.sid}:{account.auth_token}")}
    path, client = "/v2/RegulatoryCompliance/EndUsers", Client(enforce_csrf_checks=True)
    made = client.post(
        f"{path}.json", {"FriendlyName": "Ada", "Type": "individual"}, "application/json", headers=headers
    )
    assert made.status_code == 201
    plain, suffixed = (client.get(f"{path}{end}", {"PageSize": "1"}, headers=headers).json() for end in ("", ".json"))
    assert (suffixed, len(plain["results"])) == (plain, 1)
    refused(client.get(f"{path}.json.json", headers=headers), 20404, 404)


@pytest.mark.parametrize("suffix", ["", ".xml", ".csv", "/"])
def test_only_json_is_served(ada: Caller, suffix: str) -> None:
    answer = ada.get(ada.of("IncomingPhoneNumbers") + suffix)
    refused(answer, 20001)
    assert ".json" in answer.json()["message"]


def test_a_wrong_method_is_20004_and_names_the_right_ones(ada: Caller) -> None:
    answer = ada.delete(ada.of(NUMBERS))
    refused(answer, 20004, 405)
    assert answer["Allow"] == "GET, POST, HEAD, OPTIONS"


@pytest.mark.parametrize("path", ["Balance.json", "IncomingPhoneNumbers/PN" + "0" * 32 + "/AssignedAddOns.json"])
def test_what_is_only_read_takes_no_post(ada: Caller, path: str) -> None:
    answer = ada.post(ada.of(path))
    refused(answer, 20004, 405)
    assert answer["Allow"] == "GET, HEAD, OPTIONS"


def test_head_is_get_without_a_body(ada: Caller) -> None:
    answer = ada._http.head(ada.of(NUMBERS), headers={"Authorization": ada._authorization})
    assert (answer.status_code, answer.content) == (200, b"")


def test_preflight_needs_no_credentials(account: Account) -> None:
    answer = Client().options(f"/2010-04-01/Accounts/{account.sid}/{NUMBERS}")
    assert answer.status_code == 204
    assert "POST" in answer["Access-Control-Allow-Methods"]
    assert "Authorization" in answer["Access-Control-Allow-Headers"]


def test_any_origin_may_ask_but_not_with_what_the_browser_remembers(ada: Caller) -> None:
    """Browsers refuse an answer that allows both (Fetch Standard, "CORS protocol and credentials")."""
    answer = ada.get(ada.of("Balance.json"))
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer


def test_every_answer_carries_its_request_id(ada: Caller) -> None:
    for answer in (ada.get(ada.of("Balance.json")), ada.get("/2010-04-01/x")):
        assert answer["Twilio-Request-Id"].startswith("RQ")
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Twilio-Concurrent-Requests"] == "1"


@pytest.mark.parametrize(
    "body",
    [b"{", b"[1]", b'"x"', b'{"PhoneNumber": {"a": 1}}', b'{"FriendlyName": "\\ud800"}', b"[" * 200_000, b"\xff"],
    ids=lambda body: body[:30],
)
def test_a_body_that_makes_no_sense_is_20001(ada: Caller, body: bytes) -> None:
    refused(ada.post_json(ada.of(NUMBERS), body), 20001)


@pytest.mark.parametrize("charset", ["hex", "idna", "raw_unicode_escape", "utf-16", "no-such"])
def test_text_is_utf_8_whatever_charset_is_named(ada: Caller, charset: str) -> None:
    media_type = f"application/x-www-form-urlencoded; charset={charset}"
    headers = {"Authorization": ada._authorization}
    made = ada._http.generic("POST", ada.of("Keys.json"), "FriendlyName=%C3%89va", media_type, headers=headers)
    assert made.json()["friendly_name"] == "Éva"


@pytest.mark.django_db(transaction=True)
def test_a_chunked_body_of_unknown_length_is_refused_not_ignored(account: Account) -> None:
    with serving(workers=1) as origin:
        answer = httpx.post(
            f"{origin}/2010-04-01/Accounts/{account.sid}.json",
            content=iter([b"FriendlyName=Countess"]),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            auth=(account.sid, account.auth_token),
            timeout=PATIENCE,
        )
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
    assert "Content-Length" in answer.json()["message"]


def test_a_body_that_is_too_long_is_told_the_limit(ada: Caller, settings: LazySettings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    for post in (ada.post, ada.post_json):
        answer = post(ada.of("Keys.json"), {"FriendlyName": "x" * 1_000})
        refused(answer, 20001)
        assert "at most 1000" in answer.json()["message"]


def test_multipart_is_not_spoken_here(ada: Caller) -> None:
    answer = ada._http.post(ada.of("Keys.json"), {"FriendlyName": "x"}, headers={"Authorization": ada._authorization})
    refused(answer, 20001)
    assert answer.json()["message"].endswith("form-urlencoded or application/json, not multipart/form-data")


def test_an_unknown_media_type_is_400(ada: Caller) -> None:
    headers = {"Authorization": ada._authorization}
    refused(ada._http.post(ada.of(NUMBERS), b"<a/>", content_type="text/xml", headers=headers), 20001)


def test_a_body_of_no_media_type_is_told_what_is_read(ada: Caller) -> None:
    headers = {"Authorization": ada._authorization}
    answer = ada._http.generic("POST", ada.of("Keys.json"), "FriendlyName=x", content_type="", headers=headers)
    refused(answer, 20001)
    assert answer.json()["message"].endswith("application/json, not without a Content-Type")


def test_more_parameters_than_are_read_are_told_how_many(ada: Caller) -> None:
    for answer in (
        ada.post(ada.of("Keys.json"), {f"P{i}": "" for i in range(1_001)}),
        ada.get(ada.of(NUMBERS) + "?" + "&".join(f"P{i}=" for i in range(1_001))),
    ):
        refused(answer, 20001)
        assert answer.json()["message"] == "At most 1000 parameters are read"


@pytest.mark.parametrize("path", ["//2010-04-01/Accounts.json", "///inventory/v1/Reservations", "/v2/PhoneNumbers/+1"])
def test_what_almost_is_a_path_of_the_api_is_20404_in_json_too(ada: Caller, path: str) -> None:
    # The test client takes two slashes for the beginning of a host, as a browser does.
    refused(ada._http.get("/", headers={"Authorization": ada._authorization}, PATH_INFO=path), 20404, 404)


def test_a_host_that_is_not_ours_is_told_so_in_json(ada: Caller) -> None:
    headers = {"Authorization": ada._authorization, "Host": "elsewhere.example"}
    for path in (ada.of(NUMBERS), f"/{ada.of(NUMBERS)}"):
        answer = ada._http.get("/", headers=headers, PATH_INFO=path)
        refused(answer, 20001)
        assert "Host" in answer.json()["message"]
    page = ada._http.get("/sign-in", headers=headers)
    assert (page.status_code, page["Content-Type"].split(";")[0]) == (400, "text/html")


@pytest.mark.parametrize("length", ["1" + "0" * 12, "9" * 300, "9" * 309, "9" * 5_000, "-1", "1e3", "many", "\u00b2"])
def test_a_length_that_is_none_is_told_so_in_json_before_who_asks_is_asked(ada: Caller, length: str) -> None:
    """Longer than 308 digits it is no float any more; shorter, it would be the sum of all lengths in the metrics."""
    before = REGISTRY.get_sample_value("django_http_requests_body_total_bytes_sum")
    answer = Client().post(ada.of(NUMBERS), {}, headers={"Content-Length": length})
    refused(answer, 20001)
    assert answer.json()["message"] == "The Content-Length is not the length of a body"
    assert REGISTRY.get_sample_value("django_http_requests_body_total_bytes_sum") == before
    page = Client().post("/sign-in", {}, headers={"Content-Length": length})
    assert (page.status_code, page["Content-Type"].split(";")[0]) == (400, "text/html")


def test_json_is_understood_as_well_as_a_form(ada: Caller) -> None:
    body = {"PhoneNumber": str(NumberFactory.create()), "VoiceCallerIdLookup": True, "Unknown": {"ignored": 1}}
    body.pop("Unknown")
    assert ada.post_json(ada.of(NUMBERS), body).json()["voice_caller_id_lookup"] is True


def test_unknown_parameters_are_ignored(ada: Caller) -> None:
    assert ada.post(ada.of("Keys.json"), {"Colour": "red"}).status_code == 201


def test_a_bug_is_20500_and_tells_nothing(ada: Caller) -> None:
    with patch.object(assignments, "buy", side_effect=RuntimeError("secret detail")):
        answer = ada.post(ada.of(NUMBERS), {"PhoneNumber": "+14155550001"})
    refused(answer, 20500, 500)
    assert b"secret" not in answer.content


def test_a_database_in_trouble_is_20503_with_retry_after(ada: Caller) -> None:
    with patch.object(assignments, "buy", side_effect=OperationalError("host=10.0.0.1 is down")):
        answer = ada.post(ada.of(NUMBERS), {"PhoneNumber": "+14155550001"})
    refused(answer, 20503, 503)
    assert answer["Retry-After"] == "1"
    assert b"10.0.0.1" not in answer.content


def test_a_statement_that_takes_too_long_is_20503(ada: Caller) -> None:
    def take_too_long(**_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 50")
            cursor.execute("SELECT pg_sleep(60)")

    with patch.object(assignments, "buy", side_effect=take_too_long):
        refused(ada.post(ada.of(NUMBERS), {"PhoneNumber": "+14155550001"}), 20503, 503)


def test_one_account_runs_so_many_requests_at_once(ada: Caller, account: Account, mallory: Caller) -> None:
    with override_settings(CONCURRENT_REQUESTS=1):
        with concurrency.slot(account):
            answer = ada.get(ada.of("Balance.json"))
            refused(answer, 20429, 429)
            assert answer["Retry-After"] == "1"
            assert mallory.get(mallory.of("Balance.json")).status_code == 200
        assert ada.get(ada.of("Balance.json")).status_code == 200


def test_without_redis_the_api_goes_on(ada: Caller) -> None:
    with patch.object(concurrency, "_take", side_effect=redis.ConnectionError):
        assert ada.get(ada.of("Balance.json")).status_code == 200


def test_a_lease_of_a_killed_worker_runs_out(account: Account) -> None:
    with override_settings(CONCURRENT_REQUESTS=1):
        concurrency._enter(f"concurrent:{account.sid}", b"dead", 1, -1)
        with concurrency.slot(account) as running:
            assert running == 1


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"PageSize": "1001"}, 20007),
        ({"PageSize": "0"}, 20001),
        ({"PageSize": "-1"}, 20001),
        ({"PageSize": "many"}, 20001),
        ({"PageSize": "9" * 5_000}, 20001),
        ({"PageSize": "9" * 30}, 20007),
        ({"Page": "x"}, 20001),
        ({"PageToken": "made-up"}, 21481),
    ],
)
def test_bad_paging(ada: Caller, query: dict[str, str], code: int) -> None:
    refused(ada.get(ada.of(NUMBERS), query), code)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"PageSize": "-1"}, "PageSize: at least 1"),
        ({"PageSize": "ten"}, "PageSize: expected a whole number"),
        ({"Page": "-1"}, "Page: at least 0"),
        ({"Page": "9" * 30}, "Page: at most 999999999"),
        ({"Origin": "moon"}, "Origin: expected one of twilio, hosted"),
        ({"Beta": "maybe"}, "Beta: expected true or false"),
        ({"FriendlyName": "a\x00b"}, "FriendlyName: it holds a character that text can't hold"),
    ],
)
def test_a_list_says_in_our_words_what_it_expects(ada: Caller, query: dict[str, str], reason: str) -> None:
    answer = ada.get(ada.of(NUMBERS), query)
    refused(answer, 20001)
    assert answer.json()["message"] == f"Invalid parameter {reason}"


@pytest.mark.parametrize("url", ["http://[::1", "http://a.example:99999/", "http://a.example:http/"])
def test_a_url_that_can_not_be_read_is_refused_in_our_words_not_pythons(ada: Caller, url: str) -> None:
    answer = ada.post(ada.of(NUMBERS), {"PhoneNumber": "+14155550001", "VoiceUrl": url})
    refused(answer, 21402)
    assert answer.json()["message"] == "Invalid parameter VoiceUrl: expected an absolute http:// or https:// URL"


def test_a_page_token_of_another_list_is_21481(ada: Caller, account: Account) -> None:
    for _ in range(2):
        ada.post(ada.of("Keys.json"))
    token = ada.get(ada.of("Keys.json"), {"PageSize": "1"}).json()["next_page_uri"].split("PageToken=")[1]
    assert ada.get(ada.of("Keys.json") + f"?PageToken={token}").status_code == 200
    refused(ada.get(ada.of("SigningKeys.json") + f"?PageToken={token}"), 21481)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_code_has_its_page(code: int) -> None:
    answer = Client().get(f"/docs/errors/{code}")
    assert answer.status_code == 200
    assert str(code) in answer.content.decode()


def test_the_catalogue_is_whole() -> None:
    assert {*MEANS.values(), *OF_STATUS.values()} <= set(CATALOGUE)
    assert Client().get("/docs/errors").status_code == 200
    assert Client().get("/docs/errors/99999").status_code == 404
