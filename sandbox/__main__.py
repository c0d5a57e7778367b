"""`python -m sandbox`: start the doors, say where they are, and serve until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys

from aiohttp import web

from sandbox import catalogue, faults, log
from sandbox.fulfilment import Clerk
from sandbox.http import carrier_api, certificates, control_api
from sandbox.http.errors import API_KEY, catch_errors, check_key, log_request
from sandbox.ledger import Ledger
from sandbox.mms import picture_faults
from sandbox.mms.mmsc import Mmsc
from sandbox.numbers import NumberFaults
from sandbox.orders import OrderBook
from sandbox.reservations import ReservationDesk
from sandbox.settings import Address, BadSettings, Settings, read
from sandbox.sip import call_faults
from sandbox.sip.emergency import AddressBook, TestService
from sandbox.sip.gate import Gate
from sandbox.sip.stir import Signer
from sandbox.sip.trunk import Trunk
from sandbox.sms import message_faults
from sandbox.sms.smsc import Smsc
from sandbox.sms.store import Store

LARGEST_BODY = 256 * 1024


class Sandbox:
    """All parts of the process, wired together."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        table = faults.load(settings.faults)
        _check_mechanisms(table)
        numbers = catalogue.load(settings.carriers, seed=settings.seed, fill_seconds=settings.fill_seconds)
        self.ledger = Ledger(settings.state)
        service = faults.ServiceFaults(table.service, settings.seed)
        self.book = OrderBook(self.ledger, numbers, service, settings.reference_numbers)
        self.faults = NumberFaults(table, self.ledger, numbers, settings.seed, settings.faulty_share)
        self.signer = Signer()
        self.addresses = AddressBook(self.ledger)
        self.desk = TestService(self.addresses, held=lambda number: self.book.holder(number) is not None)
        names = ("first", "second") if settings.sip_second else ("first",)
        self.trunks = {name: self._trunk(name) for name in names}
        self.store = Store(self.ledger, self.book, self.faults)
        self.smsc = Smsc(self.store, service, settings.smpp_system_ids, settings.smpp_password)
        self.mmsc = Mmsc(self.book, self.faults, settings.inbound_mms)
        self.wake = asyncio.Event()
        self.reservations = ReservationDesk(self.book)
        self.clerk = Clerk(self.book, settings.api_key, self.wake)

    def _trunk(self, name: str) -> Trunk:
        gate = Gate(*self.settings.sip_credentials) if self.settings.sip_credentials else None
        return Trunk(
            name,
            book=self.book,
            faults=self.faults,
            inbound=self.settings.inbound_sip,
            signer=self.signer,
            emergency=self.desk,
            gate=gate,
        )

    def web_app(self) -> web.Application:
        middlewares = [log_request, catch_errors, check_key, carrier_api.service_faults]
        app = web.Application(middlewares=middlewares, client_max_size=LARGEST_BODY)
        app[API_KEY] = self.settings.api_key
        app[carrier_api.BOOK], app[carrier_api.WAKE] = self.book, self.wake
        app[carrier_api.ADDRESSES], app[carrier_api.DESK] = self.addresses, self.reservations
        app[control_api.FAULTS], app[control_api.TRUNKS] = self.faults, self.trunks
        app[control_api.STORE], app[certificates.SIGNER] = self.store, self.signer
        app.router.add_get("/certificates/{name}", certificates.certificate)
        carrier_api.add_routes(app)
        control_api.add_routes(app)
        return app

    async def serve(self, stop: asyncio.Event) -> None:
        """Open the doors, work until `stop` is set, close the doors."""
        runner = web.AppRunner(self.web_app(), access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, *self.settings.http).start()
        await self.trunks["first"].start(self.settings.sip)
        if self.settings.sip_second:
            await self.trunks["second"].start(self.settings.sip_second)
        await self.smsc.start(self.settings.smpp)
        await self.mmsc.start(self.settings.mms)
        http: Address = runner.addresses[0][:2]
        self.signer.address = f"{http[0]}:{http[1]}"
        doors = {"http": http, "sip": self.trunks["first"].proxy.address, "smpp": self.smsc.address}
        doors["mms"] = self.mmsc.address
        doors |= {f"sip_{name}": trunk.proxy.address for name, trunk in self.trunks.items() if name != "first"}
        log.event("ready", **{name: f"{host}:{port}" for name, (host, port) in doors.items()})
        await self._work(stop)
        self.smsc.stop()
        self.mmsc.stop()
        await runner.cleanup()
        self.ledger.close()
        log.event("stopped")

    async def _work(self, stop: asyncio.Event) -> None:
        """A worker that fails takes the process down: a supervisor restarts it, and the ledger knows the rest."""
        waiter = asyncio.create_task(stop.wait())
        sweeps = (trunk.sweep() for trunk in self.trunks.values())
        workers = [asyncio.create_task(job) for job in (self.clerk.work(), self.smsc.work(), *sweeps)]
        done, _ = await asyncio.wait([waiter, *workers], return_when=asyncio.FIRST_COMPLETED)
        for task in (waiter, *workers):
            task.cancel()
        for task in done - {waiter}:
            task.result()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*workers)


def _check_mechanisms(table: faults.FaultTable) -> None:
    known = call_faults.MECHANISMS.keys() | message_faults.MECHANISMS.keys() | picture_faults.MECHANISMS.keys()
    for row in table.numbers:
        if row.mechanism not in known:
            raise faults.BadFaults(f"{row.kind}: no such mechanism: {row.mechanism}")


async def _main(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await Sandbox(settings).serve(stop)


def main() -> int:
    log.start(quiet=frozenset(os.environ.get("SANDBOX_QUIET", "").split(",")))
    try:
        asyncio.run(_main(read(os.environ)))
    except (BadSettings, faults.BadFaults, catalogue.BadCatalogue) as error:
        log.event("misconfigured", why=error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
