"""Digest answers against the examples of the RFCs, and on the wire."""

from __future__ import annotations

import asyncio
import hashlib
import re

import pytest

from testing_lab.sip import Credentials, OutgoingCall, Request
from testing_lab.sip.digest import Challenge, digest, parse_challenge

from .conftest import AgentFactory
from .peer import SOME_SDP, ScriptedPeer

LAB = Credentials("lab", "secret")


def test_the_example_of_rfc_2617() -> None:
    challenge = Challenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "MD5", "auth", None, False)
    answer = digest(
        challenge, Credentials("Mufasa", "Circle Of Life"), method="GET", uri="/dir/index.html", cnonce="0a4f113b"
    )
    assert answer == "6629fae49393a05397450978507c4ef1"


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: str, expected: str) -> None:
    nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
    challenge = Challenge("http-auth@example.org", nonce, algorithm, "auth", None, False)
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    credentials = Credentials("Mufasa", "Circle of Life")
    assert digest(challenge, credentials, method="GET", uri="/dir/index.html", cnonce=cnonce) == expected


@pytest.mark.parametrize(
    "value",
    [
        "Basic realm=x",
        'Digest realm="x"',
        'Digest realm="x", nonce="n", algorithm=SHA-512-256',
        'Digest realm="x", nonce="n", qop="auth-int"',
        "",
        'Digest nonce="unclosed',
    ],
)
def test_a_challenge_that_we_cannot_answer_is_none(value: str) -> None:
    assert parse_challenge(value) is None


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(LAB)


def fields(value: str) -> dict[str, str]:
    return {m[1]: m[2].strip('"') for m in re.finditer(r'(\w+)=("[^"]*"|[^,\s]+)', value)}


def expected_response(answer: dict[str, str], method: str, name: str) -> str:
    def hashed(text: str) -> str:
        return hashlib.new(name, text.encode()).hexdigest()

    secret = hashed(f"lab:{answer['realm']}:secret")
    tail = f"{answer['nonce']}:{answer['nc']}:{answer['cnonce']}:auth"
    return hashed(f"{secret}:{tail}:{hashed(method + ':' + answer['uri'])}")


async def challenged(
    peer: ScriptedPeer, start_agent: AgentFactory, headers: list[tuple[str, str]], status: int
) -> tuple[Request, Request]:
    """The INVITE before and after a challenge."""
    agent = await start_agent(credentials=LAB)
    await agent.invite(
        "sip:+14155550123@trunk.example",
        via=peer.address,
        caller="+12025550142",
        sdp=SOME_SDP,
        headers=[("Privacy", "id"), ("X-Lab", "probe")],
    )
    first = await peer.request("INVITE")
    peer.answer(first, status, headers)
    await peer.request("ACK")
    return first, await peer.request("INVITE")


async def test_a_proxys_challenge_is_answered_in_proxy_authorization_with_everything_else_kept(
    peer: ScriptedPeer, start_agent: AgentFactory
) -> None:
    challenge = [("Proxy-Authenticate", 'Digest realm="trunk, inc", nonce="n1", qop="auth", opaque="o"')]
    first, second = await challenged(peer, start_agent, challenge, 407)
    answer = fields(second.headers.get("Proxy-Authorization") or "")
    assert answer["realm"] == "trunk, inc"
    assert answer["response"] == expected_response(answer, "INVITE", "md5")
    assert (answer["opaque"], answer["uri"]) == ("o", second.uri)
    assert second.cseq.number == first.cseq.number + 1
    assert second.via.branch != first.via.branch
    changed = {"via", "cseq", "proxy-authorization"}
    assert [h for h in second.headers if h[0].lower() not in changed] == [
        h for h in first.headers if h[0].lower() not in changed
    ]


async def test_the_strongest_of_several_challenges_is_answered(peer: ScriptedPeer, start_agent: AgentFactory) -> None:
    challenges = [
        ("WWW-Authenticate", 'Digest realm="r", nonce="weak", qop="auth", algorithm=MD5'),
        ("WWW-Authenticate", 'Digest realm="r", nonce="strong", qop="auth", algorithm=SHA-256'),
    ]
    _, second = await challenged(peer, start_agent, challenges, 401)
    answer = fields(second.headers.get("Authorization") or "")
    assert answer["nonce"] == "strong"
    assert answer["response"] == expected_response(answer, "INVITE", "sha256")


async def test_a_server_that_only_ever_says_stale_is_left_alone(peer: ScriptedPeer, start_agent: AgentFactory) -> None:
    agent = await start_agent(credentials=LAB)
    call = await agent.invite("sip:+14155550123@trunk.example", via=peer.address, caller="+12025550142", sdp=SOME_SDP)
    final = asyncio.create_task(call.final(60))
    count = 0
    while not final.done():
        count += 1
        challenge = f'Digest realm="r", nonce="n{count}", qop="auth", stale=true'
        peer.answer(await peer.request("INVITE"), 401, [("WWW-Authenticate", challenge)])
        await peer.request("ACK")
        await asyncio.sleep(0.02)
    assert (await final).status == 401
    assert count == 4


async def test_without_credentials_the_challenge_is_the_final_response(
    peer: ScriptedPeer, start_agent: AgentFactory
) -> None:
    agent = await start_agent()
    call = await agent.invite("sip:+14155550123@trunk.example", via=peer.address, caller="+12025550142", sdp=SOME_SDP)
    peer.answer(await peer.request("INVITE"), 401, [("WWW-Authenticate", 'Digest realm="r", nonce="n"')])
    assert (await call.final(30)).status == 401


async def test_a_bye_is_authorised_too(peer: ScriptedPeer, start_agent: AgentFactory) -> None:
    agent = await start_agent(credentials=LAB)
    call = await agent.invite("sip:+14155550123@trunk.example", via=peer.address, caller="+12025550142", sdp=SOME_SDP)
    peer.answer(await peer.request("INVITE"), 200, body=SOME_SDP)
    await call.final(30)
    hanging_up = asyncio.create_task(call.bye("Q.850;cause=16"))
    first = await peer.request("BYE")
    peer.answer(first, 407, [("Proxy-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')])
    second = await peer.request("BYE")
    assert second.headers.get("Reason") == "Q.850;cause=16"
    assert second.cseq.number == first.cseq.number + 1
    peer.answer(second, 200)
    assert (await hanging_up).status == 200


async def answered_call(peer: ScriptedPeer, start_agent: AgentFactory) -> OutgoingCall:
    """A call whose INVITE was challenged with nonce n1."""
    agent = await start_agent(credentials=LAB)
    call = await agent.invite("sip:+14155550123@trunk.example", via=peer.address, caller="+12025550142", sdp=SOME_SDP)
    peer.answer(await peer.request("INVITE"), 407, [("Proxy-Authenticate", 'Digest realm="r", nonce="n1", qop="auth"')])
    await peer.request("ACK")
    peer.answer(await peer.request("INVITE"), 200, body=SOME_SDP)
    await call.final(30)
    await peer.request("ACK")
    return call


async def test_a_nonce_serves_again_and_its_uses_are_counted(peer: ScriptedPeer, start_agent: AgentFactory) -> None:
    call = await answered_call(peer, start_agent)
    for count in (2, 3):
        asking = asyncio.create_task(call.ask("UPDATE"))
        request = await peer.request("UPDATE")
        answer = fields(request.headers.get("Proxy-Authorization") or "")
        assert (answer["nonce"], answer["nc"]) == ("n1", f"{count:08x}")
        assert answer["response"] == expected_response(answer, "UPDATE", "md5")
        peer.answer(request, 200)
        assert (await asking).status == 200


@pytest.mark.parametrize("stale", ["", ", stale=true"])
async def test_a_nonce_that_has_served_before_may_have_run_out(
    peer: ScriptedPeer, start_agent: AgentFactory, stale: str
) -> None:
    call = await answered_call(peer, start_agent)
    asking = asyncio.create_task(call.ask("UPDATE"))
    challenge = f'Digest realm="r", nonce="n2", qop="auth"{stale}'
    peer.answer(await peer.request("UPDATE"), 407, [("Proxy-Authenticate", challenge)])
    again = await peer.request("UPDATE")
    answer = fields(again.headers.get("Proxy-Authorization") or "")
    assert (answer["nonce"], answer["nc"]) == ("n2", "00000001")
    peer.answer(again, 200)
    assert (await asking).status == 200


async def test_credentials_that_are_refused_for_a_new_nonce_are_wrong(
    peer: ScriptedPeer, start_agent: AgentFactory
) -> None:
    agent = await start_agent(credentials=LAB)
    call = await agent.invite("sip:+14155550123@trunk.example", via=peer.address, caller="+12025550142", sdp=SOME_SDP)
    for nonce in ("n1", "n2"):
        challenge = f'Digest realm="r", nonce="{nonce}", qop="auth"'
        peer.answer(await peer.request("INVITE"), 407, [("Proxy-Authenticate", challenge)])
        await peer.request("ACK")
    assert (await call.final(30)).status == 407
    await agent.invite("sip:+14155550123@trunk.example", via=peer.address, caller="+12025550142", sdp=SOME_SDP)
    assert "Proxy-Authorization" not in (await peer.request("INVITE")).headers


async def test_credentials_are_for_their_trunk_alone(peer: ScriptedPeer, start_agent: AgentFactory) -> None:
    agent = await start_agent()
    agent.log_in(("192.0.2.1", 5060), LAB)
    call = await agent.invite("sip:+14155550123@trunk.example", via=peer.address, caller="+12025550142", sdp=SOME_SDP)
    peer.answer(await peer.request("INVITE"), 401, [("WWW-Authenticate", 'Digest realm="r", nonce="n"')])
    assert (await call.final(30)).status == 401
