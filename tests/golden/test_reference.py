"""docs/parameters.md and docs/scenario.schema.json say what the code says."""

from sim.office.reference import DOCS, parameters_markdown, schema_text, write

HINT = "run: python -m sim.office.reference"


def test_the_parameter_reference_is_current():
    assert (DOCS / "parameters.md").read_text(encoding="utf-8") == parameters_markdown(), HINT


def test_the_schema_is_current():
    assert (DOCS / "scenario.schema.json").read_text(encoding="utf-8") == schema_text(), HINT


def test_writing_leaves_nothing_else_behind(tmp_path):
    assert [path.name for path in write(tmp_path)] == ["parameters.md", "scenario.schema.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["parameters.md", "scenario.schema.json"]


def test_every_row_of_a_table_has_all_its_columns():
    rows = [line for line in parameters_markdown().splitlines() if line.startswith("|")]
    assert len(rows) > 80
    assert {line.count("|") for line in rows} == {8}
