"""Gathering: the same answer in whatever order units finish, none made twice, none lost."""

import errno
from collections import Counter

import numpy as np
import pytest

from sim.measures.judge import Rule, Verdict, judge_scores
from sim.measures.kpis import Kpi
from sim.office.blocks import Target, Unfinished
from sim.replicate.cells import Cell
from sim.replicate.figures import Figures, packed
from sim.replicate.gather import UnitVanishedError, gather, replications_of
from sim.replicate.store import FileStore, MemoryStore
from sim.replicate.verdicts import Verdicts
from sim.replicate.work import BLOCK, unit_facts
from sim.replicate.workers import WorkersLostError

NAMES = (Kpi("licence", "", "", "mean", "min"), Kpi("cases", "", "", "submitted", "cases"))
NEVER = 10**9


class Cells:
    """Cells with figures that need no office: each replication's are known beforehand."""

    def __init__(self, seed, number, largest, engine="compiled", groups=None, unfinished=0.1, nobody=0.1, twins=0.1):
        luck = np.random.default_rng(seed)
        self.cells, self.largest = [], largest
        self.sums, self.counts, self.ends = {}, {}, {}
        for place in range(number):
            if self.cells and luck.random() < twins:
                self.cells.append(self.cells[int(luck.integers(place))])
                continue
            key = f"{place:032x}"
            group = int(luck.integers(groups or number))
            target = Target(5.0, "share", 0.9) if luck.random() < 0.3 else Target(5.0)
            self.cells.append(Cell("{}", key, f"alike {group}", target, 1, engine, False))
            counts = luck.integers(80, 120, largest).astype(np.float64)
            if luck.random() < nobody:
                counts[: luck.choice([largest, largest // 2, 1])] = 0
            spread = luck.choice([0.05, 0.3, 1.0])
            away = luck.choice([-1.0, -0.2, -0.05, 0.0, 0.02, 0.1, 1.0])
            means = 5 + away + spread * luck.normal(size=largest)
            if target.statistic == "share":
                means = np.clip(0.9 - 0.1 * away + 0.02 * spread * luck.normal(size=largest), 0, 1)
            self.sums[key], self.counts[key] = means * counts, counts
            self.ends[key] = int(luck.integers(largest)) if luck.random() < unfinished else NEVER

    def unit(self, cell, first, count):
        last = min(first + count, self.ends[cell.key])
        rows = slice(first, max(last, first))
        sums, counts = self.sums[cell.key][rows], self.counts[cell.key][rows]
        left = Unfinished(self.ends[cell.key], 400) if last < first + count else None
        figures = Figures(NAMES, np.stack([sums, counts], 1).reshape(-1, 2), sums, counts, unfinished=left)
        return packed(figures, unit_facts(cell.key, first, count))

    def judgement(self, number, rule):
        """Return the judgement on all replications that there can be, None if there is nothing to judge."""
        cell = self.cells[number]
        last = min(self.ends[cell.key], self.largest)
        if not self.counts[cell.key][:last].any():
            return None
        return judge_scores(cell.target, self.sums[cell.key][:last], self.counts[cell.key][:last], rule)


class Workers:
    """Performs the first tasks that were submitted, as many as it has slots, and finishes them in any order."""

    def __init__(self, cells, seed, slots, question=None, lost_after=NEVER, lost=None):
        self.cells, self.slots, self.question = cells, slots, question
        self.luck = np.random.default_rng(seed)
        self.queue, self.done, self.performed, self.returned = [], [], Counter(), 0
        self.lost_after, self.lost, self.abandoned = lost_after, lost, False

    @property
    def in_hand(self):
        return len(self.queue) + len(self.done)

    def submit(self, task):
        assert not self.abandoned
        assert self.in_hand <= self.slots, "more is begun than can be of use"
        assert task.cells
        assert 0 < task.count <= self.cells.largest - task.first
        assert len({cell.alike for cell in task.cells}) == 1
        assert len({cell.key for cell in task.cells}) == len(task.cells), "a twin is made twice"
        for cell in task.cells:
            number = self.cells.cells.index(cell)
            judgement = self.question and self.question.judgements.get(number)
            assert judgement is None or not judgement.final, "it was decided already"
        self.queue.append(task)

    def _perform(self, most):
        for _ in range(most):
            running = self.queue[: self.slots]
            if running:
                task = self.queue.pop(int(self.luck.integers(len(running))))
                units = [self.cells.unit(cell, task.first, task.count) for cell in task.cells]
                self.performed.update((cell.key, task.first, task.count) for cell in task.cells)
                self.done.append((task, units))

    def finished(self):
        assert self.in_hand, "waits for nothing"
        self._perform(int(self.luck.integers(not self.done, self.slots + 1)))
        if self.returned >= self.lost_after:
            raise self.lost
        found = [self.done.pop() for _ in range(int(self.luck.integers(1, len(self.done) + 1)))]
        self.returned += len(found)
        return found

    def done_by_now(self):
        found, self.done = self.done, []
        return found

    def abandon(self):
        self.queue, self.done, self.abandoned = [], [], True


class Counting(MemoryStore):
    """A store that knows what was kept, and may be full."""

    def __init__(self, room=NEVER):
        super().__init__()
        self.kept, self.room = [], room

    def keep(self, cell, first, count, data):
        if len(self.kept) >= self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().keep(cell, first, count, data)
        self.kept.append((cell.key, first, count))


def situation(seed, **fixed):
    """Return cells, a rule and a number of slots, all by chance."""
    luck = np.random.default_rng([seed, 1])
    engine = "compiled" if luck.random() < 0.7 else "process"
    largest = int(luck.integers(1, 130 if engine == "compiled" else 25))
    number = int(luck.integers(1, 13))
    how = {"engine": engine, "groups": int(luck.integers(1, number + 1)), **fixed}
    cells = Cells(seed, number, largest, **how)
    rule = Rule(number, 0.05, largest, smallest=int(luck.choice([2, 5, 20, 30])))
    return cells, rule, int(luck.integers(1, 9)), luck


def check(cells, rule, question, scores):
    """The judgements are those on all replications, and what is there of a cell is its first replications."""
    for number, cell in enumerate(cells.cells):
        found = scores[number]
        n = len(found)
        assert found.sums.tolist() == cells.sums[cell.key][:n].tolist()
        assert found.counts.tolist() == cells.counts[cell.key][:n].tolist()
        assert found.unfinished == (Unfinished(n, 400) if n == cells.ends[cell.key] else None)
        expected, judgement = cells.judgement(number, rule), question.judgements.get(number)
        if found.unfinished and n < question.smallest:
            assert number not in question.judgements
        elif judgement is None:
            # Given up because there was nobody, however much is still to come.
            assert not found.counts.any()
        else:
            assert repr(judgement) == repr(expected)
            assert judgement.final or found.unfinished or n == cells.largest
        outcome = question.outcome(number, found)
        if judgement is not None and judgement.final:
            assert (outcome.verdict, outcome.replications) == (judgement.verdict, judgement.replications)
        elif found.unfinished:
            assert (outcome.verdict, outcome.unfinished) == (Verdict.FAILS, found.unfinished)
        else:
            assert outcome.verdict is None


def needed(cells, number, rule, question):
    """Return the blocks without which a cell is not decided."""
    cell = cells.cells[number]
    judgement = cells.judgement(number, rule)
    last = judgement.replications if judgement is not None and judgement.final else cells.ends[cell.key] + 1
    return -(-min(max(last, question.smallest), cells.largest) // BLOCK[cell.engine])


def test_the_answer_is_that_of_all_replications_in_any_order():
    met = Counter()
    for seed in range(45):
        cells, question, scores = answered(seed)
        for number, found in enumerate(scores):
            outcome = question.outcome(number, found)
            met[outcome.verdict, outcome.judgement is None] += 1
        met["twins"] += len(cells.cells) != len(set(cells.cells))
    # So that it does not pass by saying nothing.
    assert all(met[verdict, False] > 5 for verdict in Verdict), met
    assert met[Verdict.FAILS, True] > 3, met
    assert met[None, True] > 3, met
    assert met["twins"] > 3, met


def answered(seed):
    """Return cells, question and scores of a situation, all checked."""
    cells, rule, slots, _ = situation(seed)
    question = Verdicts(cells.cells, rule)
    workers, store = Workers(cells, seed, slots, question), Counting()
    told = []
    scores = gather(cells.cells, question, workers, store, told.append)
    check(cells, rule, question, scores)
    assert workers.in_hand == 0
    assert set(workers.performed.values()) <= {1}, "a unit was made twice"
    assert set(store.kept) <= set(workers.performed)
    assert len(store.kept) == len(set(store.kept))
    made = Counter(key for key, _, _ in workers.performed)
    most = {}
    for number, cell in enumerate(cells.cells):
        most[cell.key] = max(most.get(cell.key, 0), needed(cells, number, rule, question))
    assert all(made[key] <= most[key] + slots + 1 for key in made), "more was begun on a chance than can run at once"
    assert told[-1].done == told[-1].cells == len(cells.cells)
    assert (told[-1].expected, told[-1].restored) == (0, 0)
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)
    return cells, question, scores


@pytest.mark.parametrize("seed", range(8))
def test_on_any_number_of_workers_the_scores_that_count_are_the_same(seed):
    answers = set()
    for slots in (1, 2, 7):
        for order in range(2):
            cells, rule, _, _ = situation(seed)
            question = Verdicts(cells.cells, rule)
            scores = gather(cells.cells, question, Workers(cells, order, slots, question), MemoryStore())
            answers.add(repr([question.outcome(number, found) for number, found in enumerate(scores)]))
    assert len(answers) == 1


@pytest.mark.parametrize("seed", range(20))
def test_what_the_store_holds_is_not_made_again(seed):
    cells, rule, slots, luck = situation(seed)
    store, there = Counting(), set()
    block = BLOCK[cells.cells[0].engine]
    share = luck.choice([0.1, 0.5, 0.9, 1.0])
    for cell in cells.cells:
        for first in range(0, cells.largest, block):
            if luck.random() < share and (cell.key, first) not in there:
                count = min(block, cells.largest - first)
                store.keep(cell, first, count, cells.unit(cell, first, count))
                there.add((cell.key, first))
    question, told = Verdicts(cells.cells, rule), []
    workers = Workers(cells, seed, slots, question)
    scores = gather(cells.cells, question, workers, store, told.append)
    check(cells, rule, question, scores)
    assert not there & {(key, first) for key, first, _ in workers.performed}
    assert set(workers.performed.values()) <= {1}
    if share == 1.0:
        assert not workers.performed
        assert told[-1].restored == told[-1].replications >= sum(map(len, scores))


ERRORS = (KeyboardInterrupt(), WorkersLostError("gone"), ZeroDivisionError("oh"))


@pytest.mark.parametrize("seed", range(40))
def test_whatever_ends_it_what_is_finished_is_kept_and_gone_on_from(seed):
    cells, rule, slots, luck = situation(seed)
    error = ERRORS[seed % len(ERRORS)]
    where = ("workers", "watch", "look", "keep")[seed % 4]
    after = int(luck.integers(0, 6))
    store, question = Counting(), Verdicts(cells.cells, rule)
    workers = Workers(cells, seed, slots, question, after if where == "workers" else NEVER, error)
    calls = Counter()

    def sometimes(call, name):
        def wrapped(*arguments):
            calls[name] += 1
            if where == name and calls[name] > after:
                raise error
            return call(*arguments)

        return wrapped

    question.look = sometimes(question.look, "look")
    store.keep = sometimes(store.keep, "keep")
    try:
        scores = gather(cells.cells, question, workers, store, sometimes(lambda progress: None, "watch"))
    except type(error):
        pass
    else:
        # It was done before it could be ended, which happens in 2 of these.
        check(cells, rule, question, scores)
        return
    if where != "keep":
        assert set(workers.performed) == set(store.kept), "finished, and lost"
    del store.keep
    question = Verdicts(cells.cells, rule)
    again = Workers(cells, seed + 1, slots, question)
    scores = gather(cells.cells, question, again, store)
    check(cells, rule, question, scores)
    if where != "keep":
        assert not set(again.performed) & set(workers.performed), "made once more"


def test_a_full_disk_ends_it_and_nothing_is_counted_that_is_not_kept():
    cells, rule, _, _ = situation(3, unfinished=0, nobody=0)
    seen = []
    store, question = Counting(room=2), Verdicts(cells.cells, rule)
    look = question.look
    question.look = lambda scores, changed: (seen.append(sum(map(len, scores))), look(scores, changed))[1]
    with pytest.raises(OSError, match="No space left"):
        gather(cells.cells, question, Workers(cells, 1, 2, question), store)
    assert len(store.kept) == 2
    assert max(seen, default=0) <= 2 * 10


class Endless:
    """A question that is never answered."""

    smallest, largest = 3, 47
    figures = ()

    def look(self, scores, changed):
        return []


@pytest.mark.parametrize("slots", [1, 2, 9])
def test_a_question_without_an_answer_ends_at_the_budget(slots):
    cells = Cells(5, 6, 47, groups=2, unfinished=0, nobody=0, twins=0)
    workers = Workers(cells, 1, slots)
    scores = gather(cells.cells, Endless(), workers, MemoryStore())
    assert [len(found) for found in scores] == [47] * 6
    assert sorted(Counter(first for _, first, _ in workers.performed).items()) == [(b, 6) for b in (0, 10, 20, 30, 40)]
    assert {count for _, first, count in workers.performed if first == 40} == {7}


class Impatient(Endless):
    """Has seen enough of everything at the first look."""

    def look(self, scores, changed):
        return range(len(scores))


def test_a_question_that_has_seen_enough_asks_for_no_more():
    cells = Cells(5, 4, 47, groups=4, unfinished=0, nobody=0, twins=0)
    workers = Workers(cells, 1, 2)
    gather(cells.cells, Impatient(), workers, MemoryStore())
    assert len(workers.performed) <= 3
    assert gather([], Impatient(), workers, MemoryStore()) == []


def test_cells_that_are_alike_are_drawn_for_together():
    cells = Cells(5, 6, 47, groups=1, unfinished=0, nobody=0, twins=0)
    tasks, workers = [], Workers(cells, 1, 2)
    submit = workers.submit
    workers.submit = lambda task: (tasks.append(task), submit(task))
    gather(cells.cells, Endless(), workers, MemoryStore())
    assert [(len(task.cells), task.first, task.count) for task in tasks] == [
        (6, 0, 10), (6, 10, 10), (6, 20, 10), (6, 30, 10), (6, 40, 7),
    ]  # fmt: skip


def test_the_slots_are_kept_busy():
    """While anything is open and allowed, every slot has a task when we wait."""
    cells = Cells(5, 3, 200, groups=3, unfinished=0, nobody=0, twins=0)
    question = Endless()
    question.largest = 200
    workers, in_hand = Workers(cells, 1, 6), []
    finished = workers.finished
    workers.finished = lambda: (in_hand.append(workers.in_hand), finished())[1]
    gather(cells.cells, question, workers, MemoryStore())
    left = 3 * 20 - np.arange(len(in_hand)) * 6
    assert all(found >= 6 for found, more in zip(in_hand, left, strict=True) if more > 6)


def test_the_figures_of_a_cell_come_from_the_store(tmp_path):
    cells = Cells(5, 1, 47, unfinished=0, nobody=0, twins=0)
    (cell,) = cells.cells
    store = FileStore(tmp_path)
    gather(cells.cells, Endless(), Workers(cells, 1, 3), store)
    for n in (1, 10, 11, 40, 47):
        figures = replications_of(cell, store, n, Endless())
        assert figures.score_sum.tolist() == cells.sums[cell.key][:n].tolist()
        assert figures["cases submitted"].tolist() == cells.counts[cell.key][:n].tolist()
    store.path(cell, 20, 10).write_bytes(b"")
    assert len(replications_of(cell, store, 20, Endless())) == 20
    with pytest.raises(UnitVanishedError, match="replications 20 to 29 of a cell have vanished"):
        replications_of(cell, store, 21, Endless())


def test_a_larger_budget_goes_on_where_the_smaller_one_ended():
    cells = Cells(5, 2, 80, groups=1, unfinished=0, nobody=0, twins=0)
    store, small, large = Counting(), Endless(), Endless()
    small.largest, large.largest = 40, 80
    gather(cells.cells, small, Workers(cells, 1, 2), store)
    assert len(store.kept) == 8
    workers = Workers(cells, 2, 2)
    scores = gather(cells.cells, large, workers, store)
    assert [len(found) for found in scores] == [80, 80]
    assert sorted(first for _, first, _ in workers.performed) == [40, 40, 50, 50, 60, 60, 70, 70]


def test_a_cell_that_cannot_finish_ends_at_once():
    cells = Cells(5, 2, 200, groups=1, unfinished=0, nobody=0, twins=0)
    cells.ends[cells.cells[0].key] = 0
    question = Endless()
    question.largest = 200
    workers = Workers(cells, 1, 1)
    scores = gather(cells.cells, question, workers, MemoryStore())
    assert [len(found) for found in scores] == [0, 200]
    assert sum(key == cells.cells[0].key for key, _, _ in workers.performed) <= 3
