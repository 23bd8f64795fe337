"""Windows, slowly: the greatest disjoint total, and clusters of what overlaps."""

from __future__ import annotations

from collections.abc import Callable

from incidentlog.projections.merged import Merged


def disjoint(windows: list[Merged], worth: Callable[[Merged], int]) -> list[Merged]:
    """Pairwise disjoint windows of the greatest total worth: of equals, the choice that can do without later windows."""
    ordered = sorted(windows, key=lambda m: (m.end, m.ids[0]))
    chosen: list[list[Merged]] = [[]]
    totals = [0]
    for m in ordered:
        before = sum(1 for other in ordered if other.end < m.start)
        take = totals[before] + worth(m)
        better = take > totals[-1]
        chosen.append([*chosen[before], m] if better else chosen[-1])
        totals.append(take if better else totals[-1])
    return chosen[-1]


def clusters(windows: list[Merged]) -> list[list[Merged]]:
    """The connected components of overlapping windows."""
    found: list[list[Merged]] = []
    reach = -1
    for m in sorted(windows, key=lambda m: (m.start, m.end, m.ids[0])):
        if not found or m.start > reach:
            found.append([])
        found[-1].append(m)
        reach = max(reach, m.end)
    return found
