"""How long a gateway takes to answer, asked again and again from a process of its own: `python prober.py HOST PORT SECONDS`."""

from __future__ import annotations

import json
import socket
import sys
import time

_ASK = b"GET /healthz HTTP/1.1\r\nhost: gateway\r\n\r\n"


def probe(host: str, port: int, seconds: float) -> list[tuple[float, float]]:
    """When each answer was asked for, and how many seconds it took; all on one connection."""
    taken = []
    with socket.create_connection((host, port), timeout=30) as connection:
        start = time.monotonic()
        while time.monotonic() < start + seconds:
            began = time.monotonic()
            connection.sendall(_ASK)
            answer = b""
            while b"}}" not in answer:
                more = connection.recv(65536)
                if not more:
                    raise ConnectionError("closed")
                answer += more
            taken.append((began - start, time.monotonic() - began))
            time.sleep(0.01)
    return taken


if __name__ == "__main__":
    print(json.dumps(probe(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))))
