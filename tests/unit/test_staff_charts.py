"""The charts, sentences and report of `staff`: readable in both languages, and true to the folder."""

import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from readable import assert_readable, shown_texts

from sim.briefing import staff_sentences as sentences
from sim.briefing.charts.certificate import MOST, certificate_chart
from sim.briefing.charts.roster import roster_chart
from sim.briefing.charts.style import style
from sim.briefing.charts.tradeoff import tradeoff_chart
from sim.briefing.saved import SavedError
from sim.briefing.saved_staff import lines_of, read_staff
from sim.cli.staff_report import staff_report
from sim.cli.staffing import draw_staff_charts

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

LANGUAGES = ("en", "zh")
MEAN = {"clock": "licence", "statistic": "mean", "minutes": 5.0, "level": 0.9, "margin": 0.05}
SHARE = MEAN | {"statistic": "share", "margin": 0.005}
POOLS = {"consultants": "phone", "assistants": "filing", "studio": "studio", "specialists": "key",
         "reviewers": "review", "clerks": "issue"}  # fmt: skip
SHIFTS = {
    "full-day": ("full day", "全日班", "08:30-12:00, 13:30-17:00", 35.0),
    "late-lunch": ("full day, lunch after midday", "全日班（值午间、午后用餐）", "08:30-13:30, 14:30-17:00", 37.5),
    "morning": ("morning", "上午半日班", "08:30-12:00", 17.5),
    "midday-and-afternoon": ("midday and afternoon", "午间连下午", "12:00-17:00", 25.0),
}
FLOORS = {"phone": 0.05, "filing": 0.05, "studio": 0.05, "key": 0.05}
PLAN = {
    "cost": 1_709_385.0, "cost_with_overtime": {"mean": 1_742_000.0, "low": 1_740_100.0, "high": 1_743_900.0},
    "people": 24, "estimate": 4.93, "low": 4.91, "high": 4.95,
}  # fmt: skip
SHARE_PLAN = PLAN | {"estimate": 0.93, "low": 0.92, "high": 0.94}


def row(plan, requirement, estimate, verdict, cost, about_mean=False, half=0.004, round_=1, **changed):
    promised = 5.0 if about_mean else 0.9 if requirement == "target" else 0.95
    return {
        "round": round_, "plan": plan, "pool": "", "shift": "", "to_shift": "", "requirement": requirement,
        "cost": cost, "estimate": estimate, "low": estimate - half, "high": estimate + half, "promised": promised,
        "about_mean": about_mean, "verdict": verdict, "replications": 50,
    } | changed  # fmt: skip


def certificate(about_mean, certified, neighbours, own):
    """Return the rows: the plan, neighbours in every pool and on every shift, and the scenario's plan."""
    target = 4.93 if about_mean else 0.93
    rows = [row(0, "target", target, "HOLDS", PLAN["cost"], about_mean)]
    rows += [row(0, stage, 0.96, "HOLDS" if certified else "FAILS", PLAN["cost"]) for stage in FLOORS]
    changes = [(pool, shift, to) for pool in POOLS for shift in SHIFTS for to in ("", *SHIFTS) if to != shift]
    for number, (pool, shift, to) in enumerate(changes[:neighbours], start=1):
        stage = POOLS[pool]
        requirement = stage if stage in FLOORS else "target"
        mean = about_mean and requirement == "target"
        worse = 5.0 + 0.02 * number if mean else (0.9 if requirement == "target" else 0.95) - 0.003 * number
        verdict = "TOO CLOSE" if number % 9 == 1 else "FAILS"
        cost = PLAN["cost"] - 4_000 * (number % 11 + 1)
        rows.append(row(number, requirement, worse, verdict, cost, mean, pool=pool, shift=shift, to_shift=to))
    return rows + [row(-1, *each) for each in own(about_mean)]


def own_fails(about_mean):
    yield "target", 5.12 if about_mean else 0.88, "FAILS", 1_791_000.0, about_mean
    yield "phone", 0.941, "FAILS", 1_791_000.0
    yield "filing", 0.96, "HOLDS", 1_791_000.0
    yield "studio", 0.97, "HOLDS", 1_791_000.0
    yield "key", 0.93, "FAILS", 1_791_000.0


def own_holds(about_mean):
    yield "target", 4.9 if about_mean else 0.94, "HOLDS", 1_600_000.0, about_mean


def own_close(about_mean):
    yield "target", 4.99 if about_mean else 0.901, "TOO CLOSE", 1_791_000.0, about_mean


def needs(found):
    return [
        {"pool": pool, "from": f"{slot // 2:02d}:{slot % 2 * 30:02d}", "load": 1.2 + place, "need": 2 + place,
         "roster": 3 + place if found else None, "own": 2 + place - (slot in (24, 25))}
        for place, pool in enumerate(POOLS)
        for slot in range(17, 34)
    ]  # fmt: skip


def search(about_mean, found):
    rows = []
    for step in range(60):
        cost, score = 1_500_000 + 9_000 * step, 8.0 - 0.07 * step
        keeps = found and score < 4.9 and step % 7 != 0
        rows.append({
            "step": step + 1, "kind": "down", "cost": float(cost), "keeps": keeps, "floors_kept": step % 7 != 0,
            "score": score if about_mean else 1.1 - score / 25, "best": PLAN["cost"] if keeps else None, "bound": 0.0,
            "plans": step + 1, "replications": 10 * step, "efficient": step % 7 != 0 and step % 4 == 0,
        })  # fmt: skip
    return rows


def write_staff(folder, plan=PLAN, target=MEAN, neighbours=38, certified=True, own=own_fails, rows=None, **facts):
    """Write the folder of a staffing: a plan on four shifts in six pools, or none."""
    folder.mkdir(parents=True, exist_ok=True)
    about_mean = target["statistic"] == "mean"
    roster = [
        {"pool": pool, "shift": shift, "title_en": en, "title_zh": zh, "hours": hours,
         "days": "mon, fri" if shift == "morning" else "", "people": 1, "hours_a_week": week, "cost": 71_224.375}
        for pool in POOLS
        for shift, (en, zh, hours, week) in SHIFTS.items()
        if plan
    ]  # fmt: skip
    found = {
        "format": 2, "kind": "staff", "name": folder.name, "title": {"en": "Baseline 2023", "zh": "2023年基线"},
        "target": target, "seed": 20240201, "working_days": 250, "replications": 31_000, "plan": plan,
        "rule": {"tests": 64, "error": 0.05, "smallest": 50, "largest": 2000}, "engine": "compiled",
        "own": {
            "cost": next(iter(own(about_mean)))[3], "people": 19, "cost_with_overtime": PLAN["cost_with_overtime"],
        }, "certified": certified and plan is not None,
        "proven": False, "bound": 1_694_444.0, "plans_simulated": 953, "rounds": 1, "floors": FLOORS, "error": 0.05,
        "error_shown": 0.025,
        "replications_by_part": {"start": 26, "search": 26_000, "certificate": 4_974},
        "grid": {"plans": 2.8e36, "replications": 5.6e37}, "pools": list(POOLS), "kept": [], "found": "1,709,385",
        "rules": {"name": "standard", "title": {"en": "Standard shifts", "zh": "标准班次"},
                  "shifts": {name: {"en": en, "zh": zh} for name, (en, zh, *_) in SHIFTS.items()}},
    }  # fmt: skip
    if rows is None:
        rows = certificate(about_mean, certified, neighbours, own)
    texts = {"pool": "", "shift": "", "title_en": "", "title_zh": "", "hours": "", "days": ""}
    empty = {name: pa.array([], pa.string()) for name in texts}
    empty |= {name: pa.array([], pa.float64()) for name in ("people", "hours_a_week", "cost")}
    tables = {"staffing": pa.Table.from_pylist(roster) if roster else pa.table(empty),
              "needs": pa.Table.from_pylist(needs(plan is not None)), "certificate": pa.Table.from_pylist(rows),
              "search": pa.Table.from_pylist(search(about_mean, plan is not None))}  # fmt: skip
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    (folder / "manifest.json").write_text(json.dumps(found | facts, ensure_ascii=False), encoding="utf-8")
    return read_staff(folder)


def nothing_holds(folder, everybody="FAILS", about_mean=True):
    """Write a folder in which no plan was found, and everybody on duty is the evidence."""
    rows = [row(-1, *each) for each in own_fails(about_mean)]
    rows += [row(-2, "target", 12.3, everybody, None, True, half=0.2)]
    rows += [row(-2, stage, 0.99, "HOLDS", None) for stage in FLOORS]
    return write_staff(folder, None, MEAN, rows=rows, rounds=0, bound=0.0)


def refused(folder):
    return write_staff(folder, None, certified=False, neighbours=20, rounds=6)


CASES = {
    "found": lambda folder: write_staff(folder),
    "proven": lambda folder: write_staff(folder, proven=True),
    "share": lambda folder: write_staff(folder, SHARE_PLAN, SHARE),
    "many": lambda folder: write_staff(folder, neighbours=90),
    "no neighbours": lambda folder: write_staff(folder, neighbours=0, own=own_close),
    "no bound": lambda folder: write_staff(folder, bound=0.0, own=own_holds),
    "none": nothing_holds,
    "refused": refused,
    "no floors": lambda folder: write_staff(folder, rows=[row(0, "target", 4.9, "HOLDS", 1.7e6, True)], floors={}),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_charts_are_readable(tmp_path, case, language):
    saved = CASES[case](tmp_path / "a")
    for chart in (roster_chart, tradeoff_chart, certificate_chart):
        with style():
            figure = chart(saved, language)
            assert_readable(figure)
    text = " ".join(sentences.spoken(saved, language))
    assert not re.search(r"\bnan\b|\binf\b|\bNone\b|[{}]", text)
    assert re.search(r"[一-鿿]", text) if language == "zh" else not re.search(r"[一-鿿]", text)
    report = staff_report(saved, language)
    assert not re.search(r"\bnan\b|\bNone\b|[{}]", report)
    assert text.split(". ")[0] in " ".join(report.splitlines())


def test_the_chart_of_the_rosters_tried_has_a_title_of_its_own(tmp_path):
    saved = write_staff(tmp_path / "a")
    english = "Of 953 plans tried, none shown to hold costs less than 1.71 million yuan"
    assert sentences.tried_title(saved, "en") == english
    assert sentences.tried_title(saved, "zh") == "试过953个方案，经检验达标的均不低于170.9万元"
    # A scenario's plan that holds and is cheaper would belie it.
    cheaper = write_staff(tmp_path / "cheaper", own=own_holds)
    assert sentences.tried_title(cheaper, "en") == sentences.finding(cheaper, "en")
    none = nothing_holds(tmp_path / "none")
    assert sentences.tried_title(none, "en") == sentences.finding(none, "en")


def test_what_is_said_of_a_plan_is_in_the_folder(tmp_path):
    saved = write_staff(tmp_path / "a")
    first, present, tested, bound = sentences.spoken(saved, "en")
    assert "needs 24 people, 12 of them for less than 30 hours a week, and costs 1.71 million yuan a year" in first
    assert "81.6 thousand yuan less than the scenario's plan" in first
    assert "the mean licence time is 5.12 minutes" in present
    assert "phone consulting (5.9 %) and key-enterprise desk (7.0 %), where at most 5 % may" in present
    assert "4.93 minutes (4.93 to 4.93) and the service floors hold" in tested
    counted = sentences.counts(saved.neighbours)
    assert sum(counted.values()) == 38
    assert "of the 38 rosters within the rules with one person less, or one on a shorter shift" in tested
    assert f"shift, {counted['FAILS']} fail" in tested
    assert "below 1.69 million yuan" in bound
    assert "每年计划成本（不含加班）170.9万元，比原方案少8.2万元" in sentences.spoken(saved, "zh")[0]


def test_a_present_plan_that_is_cheaper_says_so(tmp_path):
    said = " ".join(sentences.spoken(write_staff(tmp_path / "a", own=own_holds), "en"))
    assert "109 thousand yuan more than the scenario's plan" in said
    assert "keeps all that is required. It is the cheaper one: either it is not made of these shifts" in said
    said = " ".join(sentences.spoken(write_staff(tmp_path / "b", own=own_close), "en"))
    assert "it cannot be told whether it keeps what is required: too close to call, or undecided, in licence" in said


def test_a_plan_that_is_not_there_is_told_with_the_evidence(tmp_path):
    saved = nothing_holds(tmp_path / "a")
    first, present = sentences.spoken(saved, "en")
    assert first == (
        "No plan within the bounds keeps a mean licence time of at most 5 minutes: even with everybody on duty that "
        "there may be, the mean licence time is 12.30 minutes (12.10 to 12.50)."
    )
    assert "does not keep what is required" in present
    assert "一" not in first
    assert "no plan" in " ".join(text for text, _ in shown_texts(roster_chart(saved, "en"))).lower()
    unclear = sentences.spoken(nothing_holds(tmp_path / "b", "TOO CLOSE"), "en")[0]
    assert "too close to call, or undecided, in licence time" in unclear


def test_a_plan_that_was_not_certified_is_not_called_the_cheapest(tmp_path):
    saved = refused(tmp_path / "a")
    assert "No plan was certified in 6 rounds" in sentences.finding(saved, "en")
    first = sentences.spoken(saved, "en")[0]
    assert "none was certified on fresh years in 6 rounds: the last one, at 1.71 million yuan, was not shown" in first
    assert "the service at phone consulting" in first
    assert "held in everything" not in first


def test_a_roster_that_held_is_named_though_its_neighbours_may_too(tmp_path):
    early = [row(0, "target", 4.9, "HOLDS", 1_800_000.0, True), row(1, "target", 4.95, "HOLDS", 1_790_000.0, True)]
    late = [row(0, "target", 5.0, "TOO CLOSE", 1_790_000.0, True, round_=2)]
    saved = write_staff(tmp_path / "a", None, certified=False, rows=early + late, rounds=2, floors={})
    first = sentences.spoken(saved, "en")[0]
    assert "the last one, at 1.79 million yuan, was not shown to keep licence time." in first
    assert "One at 1.80 million yuan held in everything on fresh years, but not all cheaper ones" in first


def test_the_bound_says_that_it_takes_refused_rosters_to_fail(tmp_path):
    assert "earlier rounds" not in sentences.spoken(write_staff(tmp_path / "a"), "en")[-1]
    rows = [each | {"round": 2} for each in certificate(True, True, 4, own_fails)]
    again = write_staff(tmp_path / "b", rows=rows, rounds=2)
    assert "and what earlier rounds of the certificate refused does fail." in sentences.spoken(again, "en")[-1]


def test_of_many_neighbours_the_nearest_are_shown(tmp_path):
    saved = write_staff(tmp_path / "a", neighbours=90)
    texts = [text for text, _ in shown_texts(certificate_chart(saved, "en"))]
    assert any(f"{90 - MOST} more neighbours farther from the line: FAILS {90 - MOST}" in text for text in texts)


def test_money_is_said_as_it_is_spoken():
    assert sentences.money(1_709_385, "en") == "1.71 million yuan"
    assert sentences.money(174_972.5, "en") == "175 thousand yuan"
    assert sentences.money(9_488, "en") == "9,488 yuan"
    assert sentences.money(1_699_990, "en", down=True) == "1.69 million yuan"
    assert sentences.money(1_700_000 - 1e-9, "en", down=True) == "1.70 million yuan"
    assert sentences.money(1_709_385, "zh") == "170.9万元"
    assert sentences.money(82_000, "zh") == "8.2万元"


def test_the_dearest_shifts_come_first(tmp_path):
    lines = lines_of(write_staff(tmp_path / "a"), "clerks")
    assert [line.shift for line in lines] == ["late-lunch", "full-day", "midday-and-afternoon", "morning"]


def test_charts_are_written_in_both_formats(tmp_path):
    saved = write_staff(tmp_path / "a", neighbours=4)
    files = draw_staff_charts(saved, tmp_path, "en")
    assert {file.name for file in files} == {
        f"{name}.{kind}" for name in ("staffing", "tried", "certificate") for kind in ("png", "svg")
    }


@pytest.mark.parametrize(
    ("damage", "said"),
    [("kind", "not results of the kind 'staff'"), ("no table", "no complete results"), ("fact", "'bound' is missing"),
     ("column", "'verdict' is missing")],
)  # fmt: skip
def test_damaged_results_are_one_line(tmp_path, damage, said):
    folder = tmp_path / "a"
    write_staff(folder)
    facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if damage == "kind":
        facts["kind"] = "run"
    elif damage == "fact":
        del facts["bound"]
    elif damage == "no table":
        (folder / "needs.parquet").unlink()
    else:
        table = pq.read_table(folder / "certificate.parquet")
        pq.write_table(table.drop_columns(["verdict"]), folder / "certificate.parquet")
    (folder / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(SavedError, match=said) as error:
        read_staff(folder)
    assert "\n" not in str(error.value)
