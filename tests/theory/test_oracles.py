"""Every exact answer that applies to the office, by both engines, within its replication error."""

from __future__ import annotations

import numpy as np
import pytest
import studies_days
import studies_networks
import studies_starts
import studies_steady
import test_oracles_exact
from scipy.stats import kstest
from scoring import Answer, score, together
from studies import RECORDS, Played, Study, answers, check, exact_answers, scores

from sim.draws.draw import draw
from sim.engines.play import play

STUDIES = [
    study for module in (studies_steady, studies_networks, studies_days, studies_starts) for study in module.STUDIES
]
NAMES = [study.name for study in STUDIES]

PREEMPTIVE = {"day-P-01", "prio-pr-01"}
"""Records of rules that interrupt a service, which the office never does."""


@pytest.mark.parametrize("study", STUDIES, ids=NAMES)
def test_a_record_is_met_within_four_standard_errors(study: Study) -> None:
    check(study)


def test_every_answer_of_every_record_is_compared_or_known_not_to_apply() -> None:
    compared: dict[str, set[str]] = {record: set(names) for record, names in test_oracles_exact.COMPARED.items()}
    for study in STUDIES:
        compared.setdefault(study.record, set()).update(answers(study))
    assert set(compared) | PREEMPTIVE == set(RECORDS)
    for record, names in compared.items():
        left_out = set(exact_answers(record)) - names
        assert left_out == test_oracles_exact.DOES_NOT_APPLY.get(record, set()), record


def test_the_scores_together_look_standard_normal() -> None:
    # Answers of a study depend on each other, studies do not: so the mean square is taken study by study.
    values = [np.array([s.z for s in scores(study).values() if not s.is_rare]) for study in STUDIES]
    mean_square = np.mean([(z**2).mean() for z in values])
    # Even if all answers of a study were one, this has mean 1 and standard deviation sqrt(2 / 22) = 0.3.
    assert len(values) == 22
    assert 0.4 < mean_square < 1.9
    everything = np.concatenate(values)
    assert 0.55 < np.abs(everything).mean() < 1.05
    assert np.abs(everything.mean()) < 0.5
    assert (np.abs(everything) > 2).mean() < 0.12


def test_the_scores_of_one_answer_over_many_seeds_are_standard_normal() -> None:
    study = STUDIES[NAMES.index("erlangb-01")]
    office = study.build(study.minutes)
    values: dict[str, list[float]] = {"p_blocked": [], "utilisation": []}
    for seed in range(80):
        rows: list[dict[str, Answer]] = []
        for replication in range(30):
            journeys = draw(office, 7_000 + seed, replication)
            log = play(office, journeys)
            rows.append(study.measure(study.record, Played(office, journeys, log, study.warm_up, study.minutes)))
        for name, found in values.items():
            found.append(score(together([row[name] for row in rows])).z)
    for found in values.values():
        assert kstest(found, "norm").pvalue > 0.001


@pytest.mark.parametrize(("answer", "value"), [("mean_wait", 17.44), ("mean_wait", 16.58), ("mean_queue_13:00", 9.17)])
def test_the_lunch_day_tells_the_shift_rules_apart(answer: str, value: float) -> None:
    # 17.44 min if work is put aside at the end of a shift, 16.58 min if the headcount is capped.
    ours = answers(STUDIES[NAMES.index("day-I-01")])[answer]
    assert score(ours._replace(exact=value)).z < -4
