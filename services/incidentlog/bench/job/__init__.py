"""This program's own whole job measured: claims united, reconciled and rolled up; its edge, its memory, its restarts."""
