"""The environment of every process of the stack: what the caller gave, completed by what we choose."""

import re
import shlex
import socket
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from config.stack import ports

SETTINGS_PAGE = Path(__file__).resolve().parents[1] / "environment.py"  # can't be imported before it is complete
DEFAULT_PORT = "8000"
EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - compared, not bound
# 555-01xx is set aside for examples (ATIS-0300115); the sandbox sells none in the area codes of the further ones.
REFERENCE_NUMBER, *FURTHER_REFERENCE_NUMBERS = ("+12025550142", "+13025550142", "+13075550187", "+14065550119")

# The numbers of a large stock (`testing_lab.demo`) are on no network: the lab would find each one that it calls dead.
_NO_SAMPLES = {"LAB_SAMPLE_INTERVAL": "3650d"}


def compose(data: Path, secrets: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the given environment with everything added that the stack needs and that is not in it."""
    passed_on = {key: secrets[key] for key in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "SANDBOX_API_KEY")}
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "PYTHONUNBUFFERED": "1",  # each line is relayed as it is written
        "PYTHONUTF8": "1",  # whatever the locale
        "MALLOC_ARENA_MAX": "2",  # glibc's arena for each thread costs more memory than it saves time
        "NUMBERYARD_URL": local_url(given),
        "EMAIL_URL": f"file:///{data.absolute() / 'mail'}",
        **passed_on,
        **_sandbox_and_lab(data, secrets),
        **(_NO_SAMPLES if given.get("NUMBERS") else {}),
        **{key: value for key, value in given.items() if value},
        "ALLOWED_HOSTS": _allowed_hosts(given),
    }


def _allowed_hosts(given: Mapping[str, str]) -> str:
    """Answer to the public name, and to loopback names, by which the stack asks."""
    public = urlsplit(given.get("NUMBERYARD_URL", "")).hostname
    names = [
        *given.get("ALLOWED_HOSTS", "").split(","),
        "localhost",
        ports.LOOPBACK,
        "[::1]",
        public or web_address(given)[0],
    ]
    return ",".join(dict.fromkeys(name for name in names if name and name != EVERY_ADDRESS))


def web_address(given: Mapping[str, str]) -> tuple[str, int]:
    """Return where the web server listens: NUMBERYARD_HOST, NUMBERYARD_PORT. Raises ValueError if that is no port."""
    port = given.get("NUMBERYARD_PORT") or DEFAULT_PORT
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"NUMBERYARD_PORT must be a port number, not {port!r}")
    return given.get("NUMBERYARD_HOST") or ports.LOOPBACK, int(port)


def worth_keeping(surroundings: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Return what a command beside the stack needs: what we chose, and every setting that the caller gave."""
    settings = re.findall(r'"([A-Z][A-Z_]+)"', SETTINGS_PAGE.read_text(encoding="utf-8"))
    return {key: value for key, value in surroundings.items() if key in settings or given.get(key) != value}


def local_url(given: Mapping[str, str]) -> str:
    """Return where this machine reaches the web server: never the public address, which may be a proxy's, nor "every
    address", at which nobody can be reached."""
    host, port = web_address(given)
    return f"http://{ports.LOOPBACK if host == EVERY_ADDRESS else host}:{port}"


def export_lines(values: Mapping[str, str]) -> str:
    """Write an environment as a shell reads it."""
    return "".join(f"export {key}={shlex.quote(value)}\n" for key, value in values.items())


def _sandbox_and_lab(data: Path, secrets: Mapping[str, str]) -> dict[str, str]:
    """Say where the sandbox carrier and the testing lab meet."""
    ordering = _address(8190)
    trunk, inbound = _address(5070, kind=socket.SOCK_DGRAM), _address(5080, kind=socket.SOCK_DGRAM)
    smsc, mmsc, our_mmsc = _address(2775), _address(2525), _address(2526)
    return {
        "SANDBOX_HTTP": ordering,
        "SANDBOX_URL": f"http://{ordering}",
        "SANDBOX_STATE": str(data / "sandbox.sqlite3"),
        "SANDBOX_SEED": "1",
        # The yard and the lab tell it better.
        "SANDBOX_QUIET": "http,order.line,order.accepted,order.settled,callback,call,call.end,sms,sms.settled,mms",
        "SANDBOX_SIP": trunk,
        "LAB_TRUNK_ADDRESS": trunk,
        "SANDBOX_INBOUND_SIP": inbound,
        "LAB_SIP_ADDRESS": inbound,
        "SANDBOX_SMPP": smsc,
        "LAB_SMSC_ADDRESS": smsc,
        "SANDBOX_SMPP_SYSTEM_ID": "lab",
        "LAB_SMSC_SYSTEM_ID": "lab",
        "SANDBOX_SMPP_PASSWORD": secrets["SMSC_PASSWORD"],
        "LAB_SMSC_PASSWORD": secrets["SMSC_PASSWORD"],
        "SANDBOX_MMS": mmsc,
        "LAB_MMSC_ADDRESS": mmsc,
        "SANDBOX_INBOUND_MMS": our_mmsc,
        "LAB_MMS_ADDRESS": our_mmsc,
        "SANDBOX_REFERENCE_NUMBERS": ",".join([REFERENCE_NUMBER, *FURTHER_REFERENCE_NUMBERS]),
        "LAB_REFERENCE_NUMBER": REFERENCE_NUMBER,
        "LAB_FURTHER_REFERENCE_NUMBERS": ",".join(FURTHER_REFERENCE_NUMBERS),
        "LAB_SAMPLE_INTERVAL": "30m",  # a stock of an hour has not seen a night
    }


def _address(preferred: int, *, kind: socket.SocketKind = socket.SOCK_STREAM) -> str:
    return f"{ports.LOOPBACK}:{ports.choose(preferred, kind=kind)}"
