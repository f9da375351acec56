"""travel.csv as a source of travel times."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub_allocation.instance import Journeys
from hub_allocation.travel.provider import Question, no_answers


@dataclass(frozen=True, slots=True)
class TableProvider:
    """Answers from the journeys of the round's own travel.csv, in the direction written there only."""

    journeys: Journeys
    name: str = "travel.csv"
    estimate: bool = False

    def minutes(self, question: Question) -> NDArray[np.int32]:
        """Look up each journey; a pair of postcodes without a row has no answer by any mode."""
        answers = no_answers(len(question))
        count = len(question.postcodes)
        journeys = self.journeys
        if not len(journeys.mode) or not len(question):
            return answers
        known = journeys.origin.astype(np.int64) * count + journeys.destination
        asked = question.origin.astype(np.int64) * count + question.destination
        for mode in range(answers.shape[1]):
            rows = np.flatnonzero(journeys.mode == mode)
            rows = rows[np.argsort(known[rows], kind="stable")]
            if not len(rows):
                continue
            at = np.minimum(np.searchsorted(known[rows], asked), len(rows) - 1)
            hit = known[rows][at] == asked
            answers[hit, mode] = journeys.minutes[rows][at[hit]]
        return answers
