"""Metrics and health are served from a thread of their own, to whoever asks, also while the program is busy."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from incidentlog.observing.families import gauge, registry
from incidentlog.observing.health import Health
from incidentlog.observing.serving import Endpoint, ListenFailed

HEALTH = Health(live=True, ready=False, why=("it catches up",), told={"lag": [1]})


def endpoint(port: int = 0) -> Endpoint:
    made = registry(lambda: [gauge("test_things", "Things.", ["kind"], {("a",): 3})])
    return Endpoint("127.0.0.1", port, made, lambda: HEALTH)


def test_it_answers_what_is_asked_for_and_nothing_else() -> None:
    with endpoint() as here:
        with urlopen(f"{here.url}/metrics") as answer:
            text = answer.read().decode()
            assert answer.headers["content-type"].startswith("text/plain")
        assert 'test_things{kind="a"} 3.0' in text
        assert "# HELP process_resident_memory_bytes" in text
        assert "incidentlog_build_info{release=" in text
        with urlopen(f"{here.url}/livez") as answer:
            told = json.load(answer)
        assert told == {"live": True, "ready": False, "why": ["it catches up"], "lag": [1]}
        for path, status in (("/readyz", 503), ("/", 404), ("/metrics/", 404)):
            with pytest.raises(HTTPError) as error:
                urlopen(here.url + path)
            assert error.value.code == status
            error.value.close()
        client = HTTPConnection("127.0.0.1", int(here.url.rpartition(":")[2]))
        client.request("POST", "/livez")
        assert client.getresponse().status == 405
        client.close()


def test_a_program_that_is_busy_and_a_client_that_says_nothing_hold_nobody_up() -> None:
    def ask() -> int:
        with urlopen(f"{here.url}/livez", timeout=5) as answer:
            status: int = answer.status
            return status

    with endpoint() as here, ThreadPoolExecutor(1) as pool:
        silent = socket.create_connection(("127.0.0.1", int(here.url.rpartition(":")[2])))
        asked, until = pool.submit(ask), time.monotonic() + 5
        while not asked.done() and time.monotonic() < until:
            pass  # nothing else of this thread's would run
        assert asked.result(0) == 200
        silent.close()


def test_a_port_that_somebody_has_is_told() -> None:
    with endpoint() as here:
        port = int(here.url.rpartition(":")[2])
        with pytest.raises(ListenFailed, match=rf"metrics cannot be served on 127.0.0.1:{port} "):
            endpoint(port)
