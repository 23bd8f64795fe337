"""Why an event was not appended: refused at the edge, or not acknowledged by the broker."""

from __future__ import annotations

from incidentlog.client.errors import AccessDenied, ClientError


class PublishError(ClientError):
    """An event that was not appended. `reason` is a stable word; `topic` and `event_id` name what and where."""

    reason = "publish_failed"

    def __init__(self, topic: str, event_id: str, message: str) -> None:
        self.topic, self.event_id = topic, event_id
        super().__init__(f"event {event_id} for {topic}: {message}")


class EventRefused(PublishError):
    """The event breaks a rule of the contract that its types alone do not enforce."""

    reason = "invalid_event"

    def __init__(self, topic: str, event_id: str, problem: str) -> None:
        self.problem = problem
        super().__init__(topic, event_id, problem)


class EventTooLarge(PublishError):
    """The event has more bytes than the contract allows."""

    reason = "too_large"

    def __init__(self, topic: str, event_id: str, size: int, limit: int) -> None:
        self.size, self.limit = size, limit
        super().__init__(topic, event_id, f"{size:,} bytes, the limit is {limit:,}; an event holds one claim, never the "
                         "article: shorten its free texts and lists")  # fmt: skip


class IdConflict(PublishError):
    """The log holds another content under the event's id."""

    reason = "id_conflict"

    def __init__(self, topic: str, event_id: str) -> None:
        super().__init__(topic, event_id, "was published before with other content; publish a ClaimCorrected that targets "
                         "it, or give a new statement a ref of its own")  # fmt: skip


class CellChanged(PublishError):
    """An event about a claim names another cell or type than the claim has."""

    reason = "cell_changed"

    def __init__(self, topic: str, event_id: str, named: str, actual: str) -> None:
        self.named, self.actual = named, actual
        super().__init__(topic, event_id, f"its target is in {actual}, not in {named}; to move a claim, retract it and "
                         "publish a new one with `replaces`")  # fmt: skip


class BufferFull(PublishError):
    """The publisher holds as much as it may and the broker has taken none of it for `waited` seconds."""

    reason = "buffer_full"

    def __init__(self, topic: str, event_id: str, address: str, events: int, size: int, waited: float) -> None:
        self.address, self.events, self.size, self.waited = address, events, size, waited
        super().__init__(topic, event_id, f"{events:,} events ({size:,} bytes) wait for the broker at {address} and it made "
                         f"no room for {waited:g} s; see that it runs, then publish again: what is known stays one event")  # fmt: skip


class NotAcknowledged(PublishError):
    """The broker did not confirm the event: `waited` seconds passed, or sending failed for good with `cause`."""

    reason = "not_acknowledged"

    def __init__(self, topic: str, event_id: str, address: str, cause: object, waited: float | None = None) -> None:
        self.address, self.cause, self.waited = address, cause, waited
        why = f"no acknowledgement from {address} within {waited:g} s" if waited is not None else f"{address}: {cause}"
        unsure = "it may or may not be in the log: publish it again, which is harmless"
        denied = isinstance(cause, AccessDenied)
        super().__init__(topic, event_id, f"{cause}; it is not in the log" if denied else f"{why}; {unsure}")
