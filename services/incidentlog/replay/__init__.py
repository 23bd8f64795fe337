"""History again: a version folded beside the live one, compared with it, promoted."""

from incidentlog.replay.rebuild import Rebuild
from incidentlog.replay.standing import Standing
from incidentlog.replay.versions import Version, Versions

__all__ = ["Rebuild", "Standing", "Version", "Versions"]
