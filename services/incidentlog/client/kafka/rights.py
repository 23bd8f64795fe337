"""The rights a cluster's authorizer knows: asked for and granted by requests that aiokafka has, but offers nobody."""

# mypy: disable-error-code="misc"
# To the type checker aiokafka's classes are Any.

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiokafka.errors import SecurityDisabled, for_code
from aiokafka.protocol.admin import CreateAclsRequest_v1, DescribeAclsRequest
from aiokafka.protocol.api import Request

from incidentlog.client.errors import BrokerRefused, NoAuthorizer
from incidentlog.client.kafka.calls import reaching
from incidentlog.client.kafka.denials import Doing, denied
from incidentlog.schemas.access import Grant, Kind, Operation

_KINDS: dict[Kind, int] = {"topic": 2, "group": 3, "transactional-id": 5}
_OPERATIONS: dict[Operation, int] = {
    "read": 3, "write": 4, "create": 5, "delete": 6, "describe": 8, "describe-configs": 10,
}  # fmt: skip
_ANY, _LITERAL, _PREFIXED, _ALLOW = 1, 3, 4, 3
_EVERYWHERE = "*"


class KafkaRights:
    """A connection by which rights are looked at and granted."""

    def __init__(self, client: Any, address: str, doing: Doing) -> None:
        self._client, self._address, self._doing = client, address, doing

    async def granted(self, principal: str) -> set[Grant]:
        """What is allowed to `principal` from anywhere, as far as roles know such rights."""
        answer = await self._send(DescribeAclsRequest(_ANY, None, _ANY, principal, None, _ANY, _ANY))
        self._check(answer.error_code, answer.error_message)
        return {
            grant
            for kind, name, pattern, entries in answer.resources
            for _, host, operation, permission in entries
            if host == _EVERYWHERE and permission == _ALLOW and (grant := _grant(kind, name, pattern, operation))
        }

    async def grant(self, principal: str, rights: Iterable[Grant]) -> None:
        """Allow `principal` all of these."""
        answer = await self._send(_CreateAcls(principal, rights))
        for code, message in answer.creation_responses:
            self._check(code, message)

    async def _send(self, request: Any) -> Any:
        with reaching(self._address, self._doing):
            return await self._client.send(self._client.get_random_node(), request)

    def _check(self, code: int, message: str) -> None:
        error = for_code(code)
        if error is SecurityDisabled:
            raise NoAuthorizer(self._address)
        if code:
            refused = denied(error(), self._address, self._doing)
            raise refused or BrokerRefused(self._address, message or error.__name__)


class _CreateAcls(Request[CreateAclsRequest_v1]):
    """Many at once: aiokafka's own has room for one."""

    API_KEY = 30

    def __init__(self, principal: str, rights: Iterable[Grant]) -> None:
        self._creations = [
            (_KINDS[each.kind], each.name, _PREFIXED if each.prefixed else _LITERAL, principal, _EVERYWHERE,
             _OPERATIONS[each.operation], _ALLOW)
            for each in rights
        ]  # fmt: skip

    def build(self, request_struct_class: type[CreateAclsRequest_v1]) -> CreateAclsRequest_v1:
        return request_struct_class(self._creations)


def _grant(kind: int, name: str, pattern: int, operation: int) -> Grant | None:
    kinds = {number: name for name, number in _KINDS.items()}
    operations = {number: name for name, number in _OPERATIONS.items()}
    if kind not in kinds or operation not in operations:
        return None
    return Grant(kinds[kind], name, pattern == _PREFIXED, operations[operation])
