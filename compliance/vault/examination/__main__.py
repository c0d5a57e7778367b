"""The child process: `python -m compliance.vault.examination <type>`; the file on stdin, the verdict on stdout."""

import dataclasses
import importlib
import json
import sys

from compliance.refusals import UnacceptableFile
from compliance.vault import child
from compliance.vault.examination import reasons, strangers

JUDGES = {"application/pdf": "pdf", "image/jpeg": "jpeg", "image/png": "png"}


def main(mime_type: str) -> None:
    """Examine one file. A file that is refused is told as `refused`; any other exception ends the process."""
    judge = importlib.import_module(f"compliance.vault.examination.{JUDGES[mime_type]}")
    content = child.given()
    try:
        strangers.refuse_second_types(content)
        verdict = dataclasses.asdict(judge.examine(content))
    except UnacceptableFile as refusal:
        verdict = {"refused": str(refusal)}
    except MemoryError:
        verdict = {"refused": reasons.HEAVY}
    child.say(json.dumps(verdict).encode())


if __name__ == "__main__":
    main(sys.argv[1])
