"""What a child process is that reads hostile files: one that has little, and gives up the rest before it reads.

Nothing here, and nothing that a child imports, may import Django (a test watches), so that it is up in a tenth of a
second.
"""

import resource
import sys

READY = b"ready\n"  # the first line that a child says: what ends it from then on is the file's fault
MEMORY = 768 * 1_048_576  # address space; a progressive JPEG of 50 million pixels keeps 300 million bytes
SECONDS = 4  # of a processor, to read a file once
MOST_SAID = 64 * 1_048_576  # bytes of an answer


def given(seconds: int = SECONDS) -> bytes:
    """Give up all but memory and a few seconds, say so, and only then read what there is to do.

    What is needed must be imported by now.
    """
    confine(seconds)
    say(READY)
    return sys.stdin.buffer.read()


def confine(seconds: int = SECONDS) -> None:
    """No further file or socket, no further process, no endless answer, no core (which would hold the document)."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_SAID, MOST_SAID))
    for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_CORE):
        resource.setrlimit(limit, (0, 0))


def say(words: bytes) -> None:
    """The answer, or the next part of it."""
    sys.stdout.buffer.write(words)
    sys.stdout.buffer.flush()
