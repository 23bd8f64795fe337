"""What may be shown to whom: the one place that turns rows and claims into what a view may show.

The full view is everything. The public view keeps back, in this order:

- what is under embargo: a claim is not there before its day, and no number is told that it was counted in;
- small cells: a number below 11 (or one that may be) is never told of one nationality at one place below its country. If
  there is one, a measure's numbers by place are not shown for that country at all: neither what the others leave of a
  total nor a gap where a place should be then says which place it was;
- what crosses nationality, place below the country and exact day: a small claim is told as of its country and its month,
  without the office, the words or the links that would say more; a larger number by place and nationality is told as of
  a month;
- paraphrases of claims that were coarsened, or that the linter would not let in today.

Not covered: what an article says to whoever opens its address, what another publication says of the same people, and
what someone who kept an older public answer can subtract from a newer one (the country's total may grow by a few people
on a day; of which place they were is not told). A region whose number is not small may hold small claims: how many
people its number grew by within a month can be seen, on which day cannot.
"""

from incidentlog.projections.disclosure.embargo import embargo_of, opening, released
from incidentlog.projections.disclosure.small_cells import SMALL, SmallCells, crosses, small
from incidentlog.projections.disclosure.views import CLASSIFICATION, FULL, Account, Disclosure, Full, Public, View

__all__ = [
    "CLASSIFICATION", "FULL", "SMALL", "Account", "Disclosure", "Full", "Public", "SmallCells", "View", "crosses",
    "embargo_of", "opening", "released", "small",
]  # fmt: skip
