"""`python -m tests.testing_lab.dialling TRUNK_ID HOST PORT CALLS SECONDS NAME`: a process that calls over a trunk.

All calls are asked for at once; each is hung up, where it is answered, after some seconds.
"""

import asyncio
import logging
import sys

import django


async def dial_all(trunk: int, peer: tuple[str, int], calls: int, seconds: float, name: str) -> None:
    """Place the calls as the limits of the trunk allow."""
    from testing_lab.asking import in_thread
    from testing_lab.sip import UserAgent, sdp
    from testing_lab.trunks import seats
    from testing_lab.trunks.limits import SharedLimits
    from testing_lab.trunks.route import Route

    agent = await UserAgent.start("127.0.0.1", 0)
    route = Route("shared", peer, SharedLimits(trunk, name, asyncio.Event(), set()))

    async def dial(number: int) -> None:
        offer = sdp.offer("127.0.0.1", 9)
        async with route.leave() as leave:
            call = await route.invite(agent, f"+1415555{number:04d}", leave, caller="+12025550142", sdp=offer)
        await call.final(60)
        await asyncio.sleep(seconds)
        await call.hang_up()

    await asyncio.gather(*(dial(number) for number in range(calls)))
    await agent.close()
    await in_thread(seats.let_go, name)


def main() -> None:
    trunk, host, port, calls, seconds, name = sys.argv[1:]
    logging.basicConfig(level=logging.INFO)
    django.setup()
    asyncio.run(dial_all(int(trunk), (host, int(port)), int(calls), float(seconds), name))


if __name__ == "__main__":
    main()
