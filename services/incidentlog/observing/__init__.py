"""Watching what runs: health from how far it is, metrics, traces and logs. Nothing here costs anything unless it is asked for."""
