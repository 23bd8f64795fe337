"""Ports on the loopback address: find free ones, and say who has a taken one."""

from __future__ import annotations

import socket

from incidentlog.local.config import HOST, Ports
from incidentlog.local.errors import PortTaken
from incidentlog.local.readiness import speaks_kafka


async def choose_ports(port: int) -> Ports:
    """`port` (0: a free one) for clients, free ones for the controller and among brokers; raises PortTaken.

    A free port can be lost before the broker binds it; a start that fails for that reason is to be tried again.
    """
    if port and not is_free(port):
        raise PortTaken(HOST, port, kafka=await speaks_kafka(f"{HOST}:{port}", seconds=1))
    with _bound(port) as broker, _bound(0) as controller, _bound(0) as inside:
        return Ports(broker.getsockname()[1], controller.getsockname()[1], inside.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    try:
        _bound(port).close()
    except OSError:
        return False
    return True


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Java's server sockets do
        bound.bind((HOST, port))
    except OSError:
        bound.close()
        raise
    return bound
