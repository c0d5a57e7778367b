"""Where customers may send us: to the public internet, and not around in our own network."""

import socket
import threading
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any

import pytest

from accounts import outgoing
from accounts.outgoing import Answer, NotPublic, Unreachable, is_public, may_be_called, post
from tests.compliance.notices.receiver import Receiver, receiving
from tests.compliance.notices.tls import authority, for_server
from tests.patience import eventually


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.CALLBACK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with receiving(host="0.0.0.0") as server:  # noqa: S104 - for the addresses of loopback
        yield server


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """From now on the name server answers so, one list after the other; returns what it was asked."""

    def answer(*lists: list[str]) -> list[str]:
        asked: list[str] = []

        def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
            asked.append(str(host))
            addresses = lists[min(len(asked), len(lists)) - 1]
            kinds = {address: socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses}
            return [(kind, socket.SOCK_STREAM, 6, "", (address, port)) for address, kind in kinds.items()]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        return asked

    return answer


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104 - refused
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",
        "169.254.169.254",
        "168.63.129.16",
        "192.0.0.192",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2002:a9fe:a9fe::",
        "2001::1",
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "100::1",
    ],
)
def test_an_address_of_ours_or_of_nobody_s_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"],
)
def test_everybody_else_s_is(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://localhost/",
        "http://localhost./",
        "http://169.254.169.254/latest/meta-data/",
        "http://user@127.0.0.1/",
        "http://①②⑦.⓪.⓪.①/",
        "ftp://1.1.1.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http:///nowhere",
        "//1.1.1.1/",
        "http://1.1.1.1:22/",
        "http://1.1.1.1:6379/",
        "http://1.1.1.1:99999/",
        "",
    ],
)
def test_a_url_that_leads_elsewhere_is_not_asked(url: str) -> None:
    with pytest.raises((NotPublic, Unreachable)) as refusal:
        post(url, {}, {})
    assert "127" not in str(refusal.value)


def test_what_the_operator_allows_is_asked(receiver: Receiver) -> None:
    receiver.answers = [(202, {"Retry-After": "7"})]
    assert post(receiver.url, {"a": "ä b"}, {"X-Token": "t"}) == Answer(202, 7)
    found = receiver.received[0]
    assert (found.path, found.fields, found.headers["X-Token"]) == ("/bundles?customer=7", {"a": "ä b"}, "t")
    assert found.headers["Host"] == f"127.0.0.1:{receiver.port}"


def test_a_redirect_is_an_answer_and_not_followed(receiver: Receiver) -> None:
    receiver.answers = [(302, {"Location": receiver.url})]
    assert post(receiver.url, {}, {}).status == 302
    assert len(receiver.received) == 1


def test_a_name_is_resolved_once_and_that_very_address_connected_to(
    receiver: Receiver, names: Callable[..., list[str]]
) -> None:
    asked = names(["127.0.0.2"], ["127.0.0.3"])
    post(f"http://customer.example:{receiver.port}/", {}, {})
    assert asked == ["customer.example"]
    assert [each.at for each in receiver.received] == ["127.0.0.2"]
    assert receiver.received[0].headers["Host"] == f"customer.example:{receiver.port}"


@pytest.mark.parametrize(
    ("url", "may_be"),
    [
        ("https://customer.example/cb", True),
        ("http://8.8.8.8/cb", True),
        ("https://[2606:4700::1]:443/cb", True),
        ("http://127.0.0.1/cb", False),
        ("http://127.1/cb", False),
        ("http://0x7f000001/cb", False),
        ("http://10.0.0.1/cb", False),
        ("http://[::1]/cb", False),
        ("http://[::ffff:169.254.169.254]/cb", False),
        ("http://localhost/cb", False),
        ("http://app.LOCALHOST./cb", False),
        ("https://customer.example:8443/cb", False),
        ("http://8.8.8.8:8080/cb", False),
        ("https://xn--a/cb", False),
        (f"https://{'a' * 64}.example/cb", False),
        ("ftp://customer.example/cb", False),
    ],
)
def test_what_the_url_alone_tells_of_a_callback(url: str, may_be: bool, settings: Any) -> None:
    assert may_be_called(url) == may_be
    settings.CALLBACK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    assert may_be_called("http://localhost:9000/cb")
    assert may_be_called("http://127.0.0.1:9000/cb")
    assert may_be_called("http://customer.example:9000/cb")  # it may stand for an address there
    assert not may_be_called("http://10.0.0.1/cb")


def test_of_several_addresses_only_the_allowed_are_tried(receiver: Receiver, names: Callable[..., list[str]]) -> None:
    names(["10.0.0.1", "fe80::1", "127.0.0.9"])
    post(f"http://customer.example:{receiver.port}/", {}, {})
    assert [each.at for each in receiver.received] == ["127.0.0.9"]


def test_tls_proves_the_name_and_not_the_address(
    names: Callable[..., list[str]], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CALLBACK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    issued = authority("customer.example")
    monkeypatch.setattr(outgoing, "_tls", lambda: issued.trusted)
    asked: list[str | None] = []
    with receiving(tls=for_server(issued, asked)) as server:
        names(["127.0.0.1"])
        assert post(f"https://customer.example:{server.port}/", {}, {}).status == 204
        with pytest.raises(Unreachable):
            post(f"https://other.example:{server.port}/", {}, {})
    assert asked[:2] == ["customer.example", "other.example"]


def test_credentials_in_the_url_are_sent_as_such(receiver: Receiver) -> None:
    post(f"http://ada:secret@127.0.0.1:{receiver.port}/", {}, {})
    assert receiver.received[0].headers["Authorization"].startswith("Basic ")


def test_a_proxy_of_the_environment_is_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert post(receiver.url, {}, {}).status == 204


def test_a_server_that_trickles_is_left_in_time(settings: Any) -> None:
    """Each of its octets comes in time; its answer does not."""
    settings.CALLBACK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    stop = threading.Event()

    def trickle(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"H")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=trickle, args=(listener,))
        thread.start()
        try:
            with pytest.raises(Unreachable):
                post(f"http://127.0.0.1:{listener.getsockname()[1]}/", {}, {}, seconds=0.5)
        finally:
            stop.set()
            thread.join()


def test_a_name_server_that_says_nothing_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever named the host runs it, and would keep a worker as long as the system's resolver is patient."""
    left = threading.Event()
    in_time: list[bool] = []

    def say_nothing(*_: Any, **__: Any) -> list[Any]:
        in_time.append(left.wait(60))
        return []

    monkeypatch.setattr(socket, "getaddrinfo", say_nothing)
    with pytest.raises(Unreachable):
        post("http://customer.example/", {}, {}, seconds=0.2)
    left.set()
    eventually(lambda: in_time)
    assert in_time == [True]


def test_the_body_of_an_answer_is_not_read(settings: Any) -> None:
    """It has no end; we are gone after its head."""
    settings.CALLBACK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    gone = threading.Event()

    def pour(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            try:
                while True:
                    connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            except OSError:
                gone.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=pour, args=(listener,))
        thread.start()
        assert post(f"http://127.0.0.1:{listener.getsockname()[1]}/", {}, {}).status == 200
        thread.join(30)
    assert gone.is_set()


@pytest.mark.parametrize("text", ["soon", "-1", "99999999", "Fri, 31 Dec 1999 23:59:59 GMT", "٣"])
def test_a_pause_that_is_no_number_of_seconds_is_none(receiver: Receiver, text: str) -> None:
    receiver.answers = [(503, {"Retry-After": text.encode().decode("latin-1")})]
    assert post(receiver.url, {}, {}).retry_after is None
