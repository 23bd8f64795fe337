"""`python -m incidentlog.bench.sums.worker`: this program's worker, with the sums for a job."""

from incidentlog.bench.sums.fold import sums
from incidentlog.worker.__main__ import leave, main

if __name__ == "__main__":
    leave(main(plan=sums))
