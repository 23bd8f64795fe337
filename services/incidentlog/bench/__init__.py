"""Measurements: what a job costs, here and elsewhere, and the load to measure it with."""
