"""What goes wrong in a run: drawn from its seed, each kind counted."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from simulation.broker import SESSION_TIMEOUT
from simulation.log import Partition
from simulation.loop import Process
from simulation.world import TOPICS

if TYPE_CHECKING:
    from simulation.cluster import Cluster


class Faults:
    """Injects faults into a cluster for `seconds`; `heal` ends those that last."""

    def __init__(self, cluster: Cluster, rng: random.Random, seconds: float) -> None:
        self._cluster, self._rng = cluster, rng
        self.counts: Counter[str] = Counter()
        self._over = False
        kinds = dict(KINDS)
        for _ in range(rng.randint(2, 5)):
            kind = rng.choices(list(kinds), weights=[weight for _, weight in kinds.values()])[0]
            cluster.broker.network.later(self._inject, kind, delay=rng.random() * seconds)
        for _ in range(2):
            cluster.broker.network.later(self._inject, "compacted", delay=rng.random() * seconds)

    def heal(self) -> None:
        """From here on nothing new goes wrong, and whoever was paused goes on."""
        self._over = True
        self._cluster.broker.transactions.refused = 0
        self._cluster.broker.transactions.slow = False
        for process in self._cluster.processes:
            if process.paused:
                process.wake()

    def _inject(self, kind: str) -> None:
        if not self._over and KINDS[kind][0](self):
            self.counts[kind] += 1
            self._cluster.note(kind)

    def _one(self) -> Process | None:
        running = [each for each in self._cluster.processes if each.alive and not each.paused]
        return self._rng.choice(running) if running else None

    def killed(self) -> bool:
        if process := self._one():
            process.kill()
        return process is not None

    def killed_at_a_step(self) -> bool:
        if process := self._one():
            process.steps_left = self._rng.randint(1, 300)
        return process is not None

    def all_killed(self) -> bool:
        for process in self._cluster.processes:
            process.kill()
        return True

    def stopped(self) -> bool:
        if process := self._one():
            self._cluster.ask_to_stop(process)
        return process is not None

    def paused(self) -> bool:
        """Half of the pauses are longer than the session: whoever wakes then is a zombie."""
        if process := self._one():
            process.pause()
            network = self._cluster.broker.network
            network.later(self._cluster.broker.group.gone, process, delay=0.0)
            network.later(process.wake, delay=self._rng.random() * 2 * SESSION_TIMEOUT)
        return process is not None

    def joined(self) -> bool:
        return self._cluster.add()

    def rebalanced(self) -> bool:
        self._cluster.broker.group.rebalance()
        return True

    def commits_lost(self) -> bool:
        return self._cluster.broker.group.forget(self._rng)

    def writes_refused(self) -> bool:
        self._cluster.broker.transactions.refused = self._rng.randint(1, 3)
        return True

    def markers_late(self) -> bool:
        transactions = self._cluster.broker.transactions
        transactions.slow, transactions.slowed = not transactions.slow, True
        return True

    def compacted(self) -> bool:
        for part in list(self._cluster.broker.log.values()):
            if _is_table(part):
                part.compact(self._rng)
        return True


def _is_table(part: Partition) -> bool:
    return part.topic.endswith(TOPICS.version)


#: What to do, and how often in proportion.
KINDS: dict[str, tuple[Callable[[Faults], bool], int]] = {
    "killed": (Faults.killed, 4),
    "killed at a step": (Faults.killed_at_a_step, 5),
    "all killed": (Faults.all_killed, 1),
    "stopped": (Faults.stopped, 2),
    "paused": (Faults.paused, 6),
    "joined": (Faults.joined, 2),
    "rebalanced": (Faults.rebalanced, 3),
    "commits lost": (Faults.commits_lost, 2),
    "writes refused": (Faults.writes_refused, 2),
    "markers late": (Faults.markers_late, 2),
    "compacted": (Faults.compacted, 0),
}
