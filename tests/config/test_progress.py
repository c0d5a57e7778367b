"""What `make run` tells while web servers come and go."""

import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from config.stack import ports, progress


@contextmanager
def answering(words: bytes) -> Iterator[urllib.request.Request]:
    """A web server that says so much of its answer, and dies."""
    with socket.create_server((ports.LOOPBACK, 0)) as door:

        def serve() -> None:
            caller, _ = door.accept()
            with caller:
                caller.recv(4096)
                caller.sendall(words)

        thread = threading.Thread(target=serve)
        thread.start()
        yield urllib.request.Request(f"http://{ports.LOOPBACK}:{door.getsockname()[1]}/")
        thread.join()


def test_the_stock_is_read_from_the_gauges() -> None:
    gauges = b'numberyard_numbers{state="TESTING"} 12.0\nnumberyard_numbers{state="IN_SERVICE"} 3.0\n'
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(gauges), gauges)) as request:
        assert progress._stock(request) == "12 testing, 3 in service"


def test_a_change_of_the_stock_is_told_and_once_that_something_is_on_sale() -> None:
    on_sale = "Numbers are on sale: search and buy as docs/first-steps.md shows."
    looks = [("", False), ("2 testing", False), ("2 testing", True), ("", True), ("2 available", True)]
    assert list(progress._news(looks)) == ["Stock: 2 testing", on_sale, "Stock: 2 available"]


def test_a_web_server_that_dies_in_the_middle_of_its_answer_does_not_end_the_telling() -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nnumberyard_num") as request:
        assert progress._stock(request) == ""
    with answering(b"nonsense\r\n\r\n") as request:
        assert progress.wait_for(request.full_url, seconds=-1)
