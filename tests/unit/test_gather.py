"""Gathering: the same answer in whatever order batches finish, none made twice, none lost."""

import errno
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from sim.measures.judge import Rule, Verdict, judge_scores
from sim.measures.kpis import Kpi
from sim.office.blocks import Target, Unfinished
from sim.replicate.design_points import DesignPoint
from sim.replicate.figures import Figures, packed
from sim.replicate.gather import WAITING, BatchVanishedError, gather, replications_of
from sim.replicate.stopping import Scores, StoppingRule
from sim.replicate.store import FileStore, MemoryStore
from sim.replicate.verdicts import Verdicts
from sim.replicate.work import batch_facts, batch_of
from sim.replicate.workers import WorkersLostError

NAMES = (Kpi("licence", "", "", "mean", "min"), Kpi("cases", "", "", "submitted", "cases"))
NEVER = 10**9


class Cells:
    """Design points with figures that need no office: each replication's are known beforehand."""

    def __init__(self, seed, number, largest, engine="compiled", groups=None, unfinished=0.1, nobody=0.1, twins=0.1):
        generator = np.random.default_rng(seed)
        self.points, self.largest = [], largest
        self.sums, self.counts, self.ends = {}, {}, {}
        for place in range(number):
            if self.points and generator.random() < twins:
                self.points.append(self.points[int(generator.integers(place))])
                continue
            key = f"{place:032x}"
            group = int(generator.integers(groups or number))
            target = Target(5.0, "share", 0.9) if generator.random() < 0.3 else Target(5.0)
            self.points.append(DesignPoint("{}", key, f"alike {group}", target, 1, engine, False))
            counts = generator.integers(80, 120, largest).astype(np.float64)
            if generator.random() < nobody:
                counts[: generator.choice([largest, largest // 2, 1])] = 0
            spread = generator.choice([0.05, 0.3, 1.0])
            away = generator.choice([-1.0, -0.2, -0.05, 0.0, 0.02, 0.1, 1.0])
            means = 5 + away + spread * generator.normal(size=largest)
            if target.statistic == "share":
                means = np.clip(0.9 - 0.1 * away + 0.02 * spread * generator.normal(size=largest), 0, 1)
            self.sums[key], self.counts[key] = means * counts, counts
            self.ends[key] = int(generator.integers(largest)) if generator.random() < unfinished else NEVER

    def batch(self, point, first, count):
        last = min(first + count, self.ends[point.key])
        rows = slice(first, max(last, first))
        sums, counts = self.sums[point.key][rows], self.counts[point.key][rows]
        left = Unfinished(self.ends[point.key], 400) if last < first + count else None
        values = np.stack([sums, counts], 1)
        figures = Figures(NAMES, values.reshape(-1, 2), sums, counts, values.reshape(-1, 1, 2), unfinished=left)
        return packed(figures, batch_facts(point.key, first, count))

    def judgement(self, number, rule):
        """Return the judgement on all replications that there can be, None if there is nothing to judge."""
        point = self.points[number]
        last = min(self.ends[point.key], self.largest)
        if not self.counts[point.key][:last].any():
            return None
        return judge_scores(point.target, self.sums[point.key][:last], self.counts[point.key][:last], rule)


class Workers:
    """Performs the first tasks that were submitted, as many as it has slots, and finishes them in any order."""

    def __init__(self, points, seed, slots, question=None, lost_after=NEVER, lost=None):
        self.points, self.slots, self.question = points, slots, question
        self.generator = np.random.default_rng(seed)
        self.queue, self.done, self.performed, self.returned = [], [], Counter(), 0
        self.lost_after, self.lost, self.abandoned = lost_after, lost, False

    @property
    def in_hand(self):
        return len(self.queue) + len(self.done)

    def submit(self, task):
        assert not self.abandoned
        sure = self.question is None or task.first < self.question.smallest
        assert self.in_hand < (WAITING * self.slots if sure else self.slots + 1), "more is begun than can be of use"
        assert task.points
        assert 0 < task.count <= self.points.largest - task.first
        assert len({point.alike for point in task.points}) == 1
        assert len({point.key for point in task.points}) == len(task.points), "a twin is made twice"
        for point in task.points:
            number = self.points.points.index(point)
            judgement = self.question and self.question.judgements.get(number)
            assert judgement is None or not judgement.final, "it was decided already"
        self.queue.append(task)

    def _perform(self, most):
        for _ in range(most):
            running = self.queue[: self.slots]
            if running:
                task = self.queue.pop(int(self.generator.integers(len(running))))
                batches = [self.points.batch(point, task.first, task.count) for point in task.points]
                self.performed.update((point.key, task.first, task.count) for point in task.points)
                self.done.append((task, batches))

    def finished(self):
        assert self.in_hand, "waits for nothing"
        self._perform(int(self.generator.integers(not self.done, self.slots + 1)))
        if self.returned >= self.lost_after:
            raise self.lost
        found = [self.done.pop() for _ in range(int(self.generator.integers(1, len(self.done) + 1)))]
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

    def keep(self, point, first, count, data):
        if len(self.kept) >= self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().keep(point, first, count, data)
        self.kept.append((point.key, first, count))


def situation(seed, **fixed):
    """Return design points, a rule and a number of slots, all by chance."""
    generator = np.random.default_rng([seed, 1])
    engine = "compiled" if generator.random() < 0.7 else "process"
    largest = int(generator.integers(1, 130 if engine == "compiled" else 25))
    number = int(generator.integers(1, 13))
    how = {"engine": engine, "groups": int(generator.integers(1, number + 1)), **fixed}
    points = Cells(seed, number, largest, **how)
    rule = Rule(number, 0.05, largest, smallest=int(generator.choice([2, 5, 20, 30])))
    rule = replace(rule, early=bool(generator.random() < 0.4))
    return points, rule, int(generator.integers(1, 9)), generator


def check(points, rule, question, scores):
    """The judgements are those on all replications, and what is there of a design point is its first replications."""
    for number, point in enumerate(points.points):
        found = scores[number]
        n = len(found)
        assert found.sums.tolist() == points.sums[point.key][:n].tolist()
        assert found.counts.tolist() == points.counts[point.key][:n].tolist()
        assert found.unfinished == (Unfinished(n, 400) if n == points.ends[point.key] else None)
        expected, judgement = points.judgement(number, rule), question.judgements.get(number)
        if found.unfinished and n < question.smallest:
            assert number not in question.judgements
        elif judgement is None:
            # Given up because there was nobody, however much is still to come.
            assert not found.counts.any()
        else:
            assert repr(judgement) == repr(expected)
            assert judgement.final or found.unfinished or n == points.largest
        outcome = question.outcome(number, found)
        if judgement is not None and judgement.final:
            assert (outcome.verdict, outcome.replications) == (judgement.verdict, judgement.replications)
        elif found.unfinished:
            assert (outcome.verdict, outcome.unfinished) == (Verdict.FAILS, found.unfinished)
        else:
            assert outcome.verdict is None


def needed(points, number, rule, question):
    """Return the blocks without which a design point is not decided."""
    point = points.points[number]
    judgement = points.judgement(number, rule)
    last = judgement.replications if judgement is not None and judgement.final else points.ends[point.key] + 1
    return -(-min(max(last, question.smallest), points.largest) // batch_of(point.engine, question.batch))


def test_the_answer_is_that_of_all_replications_in_any_order():
    met = Counter()
    for seed in range(45):
        points, question, scores = answered(seed)
        for number, found in enumerate(scores):
            outcome = question.outcome(number, found)
            met[outcome.verdict, outcome.judgement is None] += 1
        met["twins"] += len(points.points) != len(set(points.points))
    # So that it does not pass by saying nothing.
    assert all(met[verdict, False] > 5 for verdict in Verdict), met
    assert met[Verdict.FAILS, True] > 3, met
    assert met[None, True] > 3, met
    assert met["twins"] > 3, met


def answered(seed):
    """Return design points, question and scores of a situation, all checked."""
    points, rule, slots, _ = situation(seed)
    question = Verdicts(points.points, rule)
    workers, store = Workers(points, seed, slots, question), Counting()
    told = []
    scores = gather(points.points, question, workers, store, told.append)
    check(points, rule, question, scores)
    assert workers.in_hand == 0
    assert set(workers.performed.values()) <= {1}, "a batch was made twice"
    assert set(store.kept) <= set(workers.performed)
    assert len(store.kept) == len(set(store.kept))
    made = Counter(key for key, _, _ in workers.performed)
    most = {}
    for number, point in enumerate(points.points):
        most[point.key] = max(most.get(point.key, 0), needed(points, number, rule, question))
    assert all(made[key] <= most[key] + slots + 1 for key in made), "more was begun on a chance than can run at once"
    assert told[-1].done == told[-1].points == len(points.points)
    assert (told[-1].expected, told[-1].restored) == (0, 0)
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)
    return points, question, scores


@pytest.mark.parametrize("seed", range(8))
def test_on_any_number_of_workers_the_scores_that_count_are_the_same(seed):
    answers = set()
    for slots in (1, 2, 7):
        for order in range(2):
            points, rule, _, _ = situation(seed)
            question = Verdicts(points.points, rule)
            scores = gather(points.points, question, Workers(points, order, slots, question), MemoryStore())
            answers.add(repr([question.outcome(number, found) for number, found in enumerate(scores)]))
    assert len(answers) == 1


@pytest.mark.parametrize("seed", range(20))
def test_what_the_store_holds_is_not_made_again(seed):
    points, rule, slots, generator = situation(seed)
    store, there = Counting(), set()
    block = batch_of(points.points[0].engine, Verdicts([], rule).batch)
    share = generator.choice([0.1, 0.5, 0.9, 1.0])
    for point in points.points:
        for first in range(0, points.largest, block):
            if generator.random() < share and (point.key, first) not in there:
                count = min(block, points.largest - first)
                store.keep(point, first, count, points.batch(point, first, count))
                there.add((point.key, first))
    question, told = Verdicts(points.points, rule), []
    workers = Workers(points, seed, slots, question)
    scores = gather(points.points, question, workers, store, told.append)
    check(points, rule, question, scores)
    assert not there & {(key, first) for key, first, _ in workers.performed}
    assert set(workers.performed.values()) <= {1}
    if share == 1.0:
        assert not workers.performed
        assert told[-1].restored == told[-1].replications >= sum(map(len, scores))


ERRORS = (KeyboardInterrupt(), WorkersLostError("gone"), ZeroDivisionError("oh"))


@pytest.mark.parametrize("seed", range(40))
def test_whatever_ends_it_what_is_finished_is_kept_and_gone_on_from(seed):
    points, rule, slots, generator = situation(seed)
    error = ERRORS[seed % len(ERRORS)]
    where = ("workers", "watch", "look", "keep")[seed % 4]
    after = int(generator.integers(0, 6))
    store, question = Counting(), Verdicts(points.points, rule)
    workers = Workers(points, seed, slots, question, after if where == "workers" else NEVER, error)
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
        scores = gather(points.points, question, workers, store, sometimes(lambda progress: None, "watch"))
    except type(error):
        pass
    else:
        # It was done before it could be ended, which happens in 2 of these.
        check(points, rule, question, scores)
        return
    if where != "keep":
        assert set(workers.performed) == set(store.kept), "finished, and lost"
    del store.keep
    question = Verdicts(points.points, rule)
    again = Workers(points, seed + 1, slots, question)
    scores = gather(points.points, question, again, store)
    check(points, rule, question, scores)
    if where != "keep":
        assert not set(again.performed) & set(workers.performed), "made once more"


def test_a_full_disk_ends_it_and_nothing_is_counted_that_is_not_kept():
    points, rule, _, _ = situation(3, unfinished=0, nobody=0)
    seen = []
    store, question = Counting(room=2), Verdicts(points.points, rule)
    look = question.look
    question.look = lambda scores, changed: (seen.append(sum(map(len, scores))), look(scores, changed))[1]
    with pytest.raises(OSError, match="No space left"):
        gather(points.points, question, Workers(points, 1, 2, question), store)
    assert len(store.kept) == 2
    assert max(seen, default=0) <= 2 * 10


class Endless(StoppingRule):
    """A question that is never answered."""

    def __init__(self):
        super().__init__(3, 47)

    def look(self, scores, changed):
        return []


@pytest.mark.parametrize("slots", [1, 2, 9])
def test_a_question_without_an_answer_ends_at_the_budget(slots):
    points = Cells(5, 6, 47, groups=2, unfinished=0, nobody=0, twins=0)
    workers = Workers(points, 1, slots)
    scores = gather(points.points, Endless(), workers, MemoryStore())
    assert [len(found) for found in scores] == [47] * 6
    assert sorted(Counter(first for _, first, _ in workers.performed).items()) == [(b, 6) for b in (0, 10, 20, 30, 40)]
    assert {count for _, first, count in workers.performed if first == 40} == {7}


class Impatient(Endless):
    """Has seen enough of everything at the first look."""

    def look(self, scores, changed):
        return range(len(scores))


def test_a_question_that_has_seen_enough_asks_for_no_more():
    points = Cells(5, 4, 47, groups=4, unfinished=0, nobody=0, twins=0)
    workers = Workers(points, 1, 2)
    gather(points.points, Impatient(), workers, MemoryStore())
    assert len(workers.performed) <= 3
    assert gather([], Impatient(), workers, MemoryStore()) == []


class Together(Endless):
    """Says nothing of any before it has seen 20 replications of all, as a comparison of plans."""

    def look(self, scores, changed):
        return range(len(scores)) if min(map(len, scores)) >= 20 else []


def test_where_all_are_looked_at_together_none_is_left_behind():
    points = Cells(5, 40, 47, groups=40, unfinished=0, nobody=0, twins=0)
    workers = Workers(points, 1, 2)
    gather(points.points, Together(), workers, MemoryStore())
    assert len(workers.performed) <= 40 * 2 + 3


def test_where_each_is_for_itself_nothing_is_made_in_vain():
    points = Cells(5, 60, 400, groups=60, unfinished=0, nobody=0, twins=0)
    for key in points.sums:
        points.counts[key] = np.full(400, 100.0)
        points.sums[key] = points.counts[key] * 9000.0
    points.points = [replace(point, target=Target(5.0)) for point in points.points]
    for slots in (2, 8, 16):
        question = Verdicts(points.points, Rule(60, early=True, largest=400))
        workers = Workers(points, 1, slots, question)
        scores = gather(points.points, question, workers, MemoryStore())
        assert {question.outcome(number, found).replications for number, found in enumerate(scores)} == {2}
        assert len(workers.performed) <= 60 * 2 + 2 * slots


def test_that_nobody_comes_is_said_after_many_replications_alone():
    points = Cells(5, 1, 60, unfinished=0, nobody=0, twins=0)
    (key,) = points.counts
    points.points = [replace(point, target=Target(5.0)) for point in points.points]
    for empty in (3, 19, 20):
        points.counts[key] = np.where(np.arange(60) < empty, 0.0, 100.0)
        points.sums[key] = points.counts[key] * np.linspace(8, 9, 60)
        answers = set()
        for order in range(6):
            question = Verdicts(points.points, Rule(early=True, largest=60))
            scores = gather(points.points, question, Workers(points, order, 4, question), MemoryStore())
            answers.add(repr(question.outcome(0, scores[0])))
            assert (question.outcome(0, scores[0]).verdict is None) == (empty == 20)
        assert len(answers) == 1


def test_cells_that_are_alike_are_drawn_for_together():
    points = Cells(5, 6, 47, groups=1, unfinished=0, nobody=0, twins=0)
    tasks, workers = [], Workers(points, 1, 2)
    submit = workers.submit
    workers.submit = lambda task: (tasks.append(task), submit(task))
    gather(points.points, Endless(), workers, MemoryStore())
    assert [(len(task.points), task.first, task.count) for task in tasks] == [
        (6, 0, 10), (6, 10, 10), (6, 20, 10), (6, 30, 10), (6, 40, 7),
    ]  # fmt: skip


def test_the_slots_are_kept_busy():
    """While anything is open and allowed, every slot has a task when we wait."""
    points = Cells(5, 3, 200, groups=3, unfinished=0, nobody=0, twins=0)
    question = Endless()
    question.largest = 200
    workers, in_hand = Workers(points, 1, 6), []
    finished = workers.finished
    workers.finished = lambda: (in_hand.append(workers.in_hand), finished())[1]
    gather(points.points, question, workers, MemoryStore())
    left = 3 * 20 - np.arange(len(in_hand)) * 6
    assert all(found >= 6 for found, more in zip(in_hand, left, strict=True) if more > 6)


def test_the_figures_of_a_cell_come_from_the_store(tmp_path):
    points = Cells(5, 1, 47, unfinished=0, nobody=0, twins=0)
    (point,) = points.points
    store = FileStore(tmp_path)
    gather(points.points, Endless(), Workers(points, 1, 3), store)
    for n in (1, 10, 11, 40, 47):
        figures = replications_of(point, store, n, Endless())
        assert figures.score_sum.tolist() == points.sums[point.key][:n].tolist()
        assert figures["cases submitted"].tolist() == points.counts[point.key][:n].tolist()
    store.path(point, 20, 10).write_bytes(b"")
    assert len(replications_of(point, store, 20, Endless())) == 20
    with pytest.raises(BatchVanishedError, match="replications 20 to 29 of a design point have vanished"):
        replications_of(point, store, 21, Endless())


def test_a_larger_budget_goes_on_where_the_smaller_one_ended():
    points = Cells(5, 2, 80, groups=1, unfinished=0, nobody=0, twins=0)
    store, small, large = Counting(), Endless(), Endless()
    small.largest, large.largest = 40, 80
    gather(points.points, small, Workers(points, 1, 2), store)
    assert len(store.kept) == 8
    workers = Workers(points, 2, 2)
    scores = gather(points.points, large, workers, store)
    assert [len(found) for found in scores] == [80, 80]
    assert sorted(first for _, first, _ in workers.performed) == [40, 40, 50, 50, 60, 60, 70, 70]


def test_a_cell_that_cannot_finish_ends_at_once():
    points = Cells(5, 2, 200, groups=1, unfinished=0, nobody=0, twins=0)
    points.ends[points.points[0].key] = 0
    question = Endless()
    question.largest = 200
    workers = Workers(points, 1, 1)
    scores = gather(points.points, question, workers, MemoryStore())
    assert [len(found) for found in scores] == [0, 200]
    assert sum(key == points.points[0].key for key, _, _ in workers.performed) <= 3


@pytest.mark.parametrize("mean", [5.0, 5.08, 4.8])
def test_how_many_more_a_verdict_takes_is_foretold_from_half_of_them(mean):
    rule = Rule(1, largest=20_000)
    point = DesignPoint("{}", "own", "alike", Target(), 1, "compiled", False)
    # The estimate is right from the start, so that only the width of the interval is looked at.
    values = mean + np.where(np.arange(20_000) % 2, 0.9, -0.9)
    sums, counts = 100 * values, np.full(len(values), 100.0)
    needed = judge_scores(Target(), sums, counts, rule).replications
    verdicts = Verdicts([point], rule)
    seen = Scores(sums, counts).first(needed // 2)
    assert verdicts.look([seen], [0]) == []
    assert needed / 1.5 < needed // 2 + verdicts.left(0, needed // 2) < needed * 1.5
