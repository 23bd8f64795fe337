"""Programs of ours as child processes: started, heard, asked to stop; none outlives the program that started it."""

from incidentlog.processes.program import START_SECONDS, Program

__all__ = ["START_SECONDS", "Program"]
