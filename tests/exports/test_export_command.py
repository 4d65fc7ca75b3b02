"""``quizgen export`` and ``quizgen formats``: what is exported, what stands beside it, what is said and refused."""

import csv
import io
import json
import os
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from signal import SIGINT, SIGTERM, Signals
from typing import Any, NamedTuple

import pytest

from quizgen import answers, exporters, exporting, plans
from quizgen.bank import Bank, installed
from quizgen.cli import main
from quizgen.errors import InputError
from quizgen.exporters._platform import Entry, Platform
from quizgen.exporting import Export, Wanted

ROOT = Path(__file__).parents[2]
SIDE = "convolution/output_side"
FINAL = ROOT / "banks" / "exams" / "deep-learning-final.toml"
GUIDES = installed()[1] / "exports" / "guides"
FORMATS = exporters.formats()

BLUEPRINT = """
title = {en = "Quiz one", zh = "测验一"}
instructions = {en = "Think.", zh = "思考。"}
seed = "a long seed that nobody guesses"
[[section]]
[[section.question]]
id = "side"
family = "convolution/output_side"
points = 4
as = "choice"
options = 4
[[section.question]]
id = "confusion"
family = "classification/binary_confusion"
points = 6
[[section.question]]
id = "mine"
text = {en = "Which *one*?", zh = "哪一个？"}
points = 1.5
shuffle = false
options = [{en = "this", zh = "这个", right = true}, {en = "that", zh = "那个"}]
[[section.question]]
id = "stem"
stem = {en = "Above | all.", zh = "总的题干。"}
[[section.question.part]]
text = {en = "Write.", zh = "写。"}
rubric = [{points = 2, en = "idea", zh = "思路"}]
[[section.question.part]]
family = "convolution/parameters"
points = 3
"""


class Ran(NamedTuple):
    """What a command left."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Run:
    """Runs ``quizgen …`` in this process and a folder of its own. Fails on a traceback."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["quizgen", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = (stream.decode() for stream in capsysbinary.readouterr())
        assert "Traceback" not in err
        return Ran(left.value.code if isinstance(left.value.code, int) else 0, out, err)

    return command


@pytest.fixture
def blueprint(tmp_path: Path) -> Path:
    path = tmp_path / "quiz.toml"
    path.write_text(BLUEPRINT, encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table as a spreadsheet has them."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def refused(ran: Ran, *words: str) -> None:
    """One message, that says what is wrong; status 2."""
    assert ran.status == 2
    assert ran.err.count("quizgen: ") == 1, ran.err
    for word in words:
        assert word in ran.err


# What is exported.


def test_families_patterns_and_all(run: Run) -> None:
    assert run("export", SIDE, "attention/*", "--to", "csv", "-n", "2", "-o", "a.csv").status == 0
    found = rows(Path("a.csv"))
    assert [row["slot"] for row in found][:4] == [f"01 {SIDE.replace('/', '-')}"] * 2 + ["02 attention-causal_mask"] * 2
    assert run("export", "all", "--to", "csv", "-o", "all.csv").status == 0
    assert [row["family"] for row in rows(Path("all.csv"))] == list(Bank().files)


def test_the_items_are_those_of_draw(run: Run) -> None:
    run("draw", SIDE, "-n", "60", "-o", "items.jsonl")
    run("export", SIDE, "--to", "csv", "-n", "60", "-o", "a.csv")
    drawn = [answers.read_item(line).id for line in Path("items.jsonl").read_bytes().splitlines()]
    assert [row["item"] for row in rows(Path("a.csv"))] == drawn


def test_a_blueprint_keeps_points_options_and_stems(run: Run, blueprint: Path) -> None:
    ran = run("export", blueprint, "--to", "csv", "-n", "3", "--force", "--lang", "en+zh", "-o", "a.csv")
    assert ran.status == 0
    assert "found by trying" not in ran.err
    found = rows(Path("a.csv"))
    counts = Counter(row["slot"] for row in found)
    assert counts == {"01 side": 3, "02 confusion": 3, "03 mine": 1, "04 stem.1": 1, "05 stem.2": 3}
    points = {row["slot"]: row["points"] for row in found}
    assert list(points.values()) == ["4", "6", "1.5", "2", "3"]
    assert all(row["options"].count(";") == 3 for row in found if row["slot"] == "01 side")
    mine = next(row for row in found if row["slot"] == "03 mine")
    assert mine["options"] == "this / 这个; that / 那个"  # in the author's order
    stems = [row["prompt"] for row in found if row["slot"].startswith(("04", "05"))]
    assert all(stem.startswith("Above | all.") and "总的题干。" in stem for stem in stems)
    assert not any(row["solution"] for row in found)
    guide = Path("a.csv.IMPORT.zh.md").read_text(encoding="utf-8")
    assert "Quiz one / 测验一" in guide
    assert "| 03 mine | 1.5 | 1 | 1 |" in guide


def test_the_points_of_a_slot_are_split_by_weight(blueprint: Path) -> None:
    export = Export(Wanted(format="csv", seed="s", pool="exam"))
    planned = {entry.slot.id: entry for entry in exporting.plan([str(blueprint)], export)}
    confusion = next(iter(export.tasks(planned["confusion"])))
    assert planned["confusion"].slot.points == confusion.total == 6
    weights = [part.weight for part in confusion.item.parts]
    assert len(set(map(Fraction.__truediv__, confusion.points, map(Fraction, weights)))) == 1


def test_a_family_is_worth_the_weights_of_its_answers(run: Run) -> None:
    run("draw", "all", "-o", "items.jsonl")
    export = Export(Wanted(format="canvas"))
    drawn, given = exporting.plan(["all"], export), exporting.plan(["items.jsonl"], export)
    for entry in (*drawn, *given):
        asked = next(iter(export.tasks(entry)))
        assert entry.slot.points == asked.total == sum(Fraction(part.weight) for part in asked.item.parts)
    assert len({entry.slot.points for entry in drawn}) > 3


def test_two_slots_of_a_family_share_no_item(run: Run) -> None:
    slot = '[[section.question]]\nfamily = "attention/causal_mask"\npoints = 1\n'
    Path("a.toml").write_text(f'title = "T"\nseed = "s"\n[[section]]\n{slot}{slot}', encoding="utf-8")
    run("export", "a.toml", "--to", "csv", "-n", "40", "--force", "-o", "a.csv")
    found = rows(Path("a.csv"))
    assert len(found) == len({row["item"] for row in found}) == len({row["code"] for row in found}) == 80


def test_a_printed_exam_comes_online_with_its_items_and_points(run: Run, blueprint: Path) -> None:
    assert run("exam", blueprint, "--forms", "3", "--format", "html", "--unproven", "-o", "out").status == 0
    ran = run("export", "out", "--to", "csv", "--force", "-o", "a.csv")
    assert ran.status == 0
    found = rows(Path("a.csv"))
    assert Counter(row["slot"] for row in found) == {
        "01 side": 3, "02 confusion": 3, "03 mine": 1, "04 stem.1": 1, "05 stem.2": 3,
    }  # fmt: skip
    printed = json.loads(Path("out/exam.json").read_bytes())
    items = set()
    for form in printed["exam"]["forms"]:
        for question in form["sections"][0]["questions"]:
            items |= {answers.read_item(json.dumps(task["item"])).id for task in question["tasks"]}
    assert {row["item"] for row in found} == items
    assert {row["slot"]: row["points"] for row in found}["04 stem.1"] == "2"
    assert "Quiz one" in Path("a.csv.IMPORT.en.md").read_text(encoding="utf-8")
    run("export", "out/exam.json", "--to", "csv", "--force", "-o", "b.csv")
    assert Path("b.csv").read_bytes() == Path("a.csv").read_bytes()


def test_a_file_of_items_is_exported_family_by_family(run: Run) -> None:
    run("draw", "convolution/*", "-n", "2", "-o", "items.jsonl")
    lines = Path("items.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    Path("items.jsonl").write_text("".join([*lines[::2], "\n", *lines[1::2], *lines[:1]]), encoding="utf-8")
    assert run("export", "items.jsonl", "--to", "csv", "-o", "a.csv").status == 0
    assert [row["family"] for row in rows(Path("a.csv"))] == [
        name for name in Bank().files if name.startswith("convolution/") for _ in range(2)
    ]
    run("export", "convolution/*", "-n", "2", "--to", "csv", "-o", "b.csv")
    assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes()


def test_a_family_that_is_not_installed_needs_only_its_templates(run: Run, tmp_path: Path) -> None:
    run("draw", SIDE, "-n", "2", "-o", "items.jsonl")
    gone = Path("items.jsonl").read_text(encoding="utf-8").replace(SIDE, "lost/side")
    Path("gone.jsonl").write_text(gone, encoding="utf-8")
    ran = run("export", "gone.jsonl", "--to", "csv", "-o", "a.csv")
    refused_twice = "its family is not installed, and there is no lost/side.en.md.j2"
    assert ran.status == 2
    assert refused_twice in ran.err
    assert not Path("a.csv").exists()
    templates = tmp_path / "mine" / "templates" / "items" / "lost"
    templates.mkdir(parents=True)
    source = installed()[1] / "items" / f"{SIDE}.en.md.j2"
    (templates / "side.en.md.j2").write_bytes(source.read_bytes())
    assert run("export", "gone.jsonl", "--to", "csv", "--bank", "mine", "-o", "a.csv").status == 0
    run("export", SIDE, "-n", "2", "--to", "csv", "-o", "b.csv")
    assert [row["prompt"] for row in rows(Path("a.csv"))] == [row["prompt"] for row in rows(Path("b.csv"))]


def test_a_sample_has_every_kind_once(run: Run) -> None:
    run("export", "all", "-n", "20", "--sample", "--to", "csv", "-o", "a.csv")
    found = rows(Path("a.csv"))
    bank = Bank()
    kinds = {declared.kind for name in bank.files for declared in bank.family(name).answers.values()}
    sampled = {declared.kind for row in found for declared in bank.family(row["family"]).answers.values()}
    assert sampled == kinds
    assert len(found) <= len(kinds) + 3  # figures, several parts


def test_a_dry_run_writes_the_report_and_nothing_else(run: Run) -> None:
    ran = run("export", "all", "--to", "csv", "--dry-run", "-o", "a.csv", "--report", "r.json")
    assert ran.status == 0
    assert f"{len(Bank().files)} lowered" in ran.err
    assert [file.name for file in Path().iterdir()] == ["r.json"]


# What stands beside it.


def test_codes_lead_to_items_and_keys(run: Run) -> None:
    run("export", "all", "-n", "2", "--to", "csv", "-o", "a.csv")
    found, items = rows(Path("a.csv")), rows(Path("a.csv.items.csv"))
    assert [row["code"] for row in items] == [row["code"] for row in found]
    assert [row["item"] for row in items] == [row["item"] for row in found]
    assert [row["key"] for row in items] == [row["answer"] for row in found]
    assert all(json.loads(row["parameters"]) for row in items)
    assert all(len(row["text"]) == 16 for row in items)


def test_codes_are_unique_in_an_export() -> None:
    export = Export(Wanted(format="csv"))
    export.codes = {"k7f3xz", "k7f3xz-2"}
    assert export._code("k7f3xz") == "k7f3xz-3"
    assert export._code("k7f3xy") == "k7f3xy"


def test_since_writes_what_is_new_or_changed_and_lists_what_to_hide(run: Run) -> None:
    run("export", SIDE, "-n", "3", "--to", "csv", "-o", "a.csv")
    old = rows(Path("a.csv.items.csv"))
    table = Path("a.csv.items.csv").read_bytes().replace(old[1]["content"].encode(), b"0" * 16)
    Path("a.csv.items.csv").write_bytes(table.replace(old[2]["item"].encode(), b"f" * 64))
    ran = run("export", SIDE, "-n", "4", "--to", "csv", "--since", "a.csv.items.csv", "-o", "b.csv")
    assert "1 unchanged" in ran.err
    assert [row["name"].split()[1] for row in rows(Path("b.csv"))] == ["002", "003", "004"]
    assert len(rows(Path("b.csv.items.csv"))) == 4
    guide = Path("b.csv.IMPORT.en.md").read_text(encoding="utf-8")
    hidden = guide.partition("What to hide")[2]
    assert old[1]["code"] in hidden
    assert old[2]["code"] in hidden
    assert old[0]["code"] not in hidden
    again = run("export", SIDE, "-n", "4", "--to", "csv", "--since", "b.csv.items.csv", "-o", "b.csv")
    assert "4 unchanged" in again.err


@pytest.mark.parametrize("form", ["canvas", "cc11", "moodle"])
def test_where_nothing_is_new_nothing_is_written(form: str, run: Run) -> None:
    run("export", SIDE, "--as", "choice", "--to", form, "-o", "a")
    ran = run("export", SIDE, "--as", "choice", "--to", form, "--since", "a.items.csv", "-o", "b")
    assert ran.status == 2
    assert "as it was" in ran.err
    assert not list(Path().glob("b*"))


def test_since_reads_what_a_spreadsheet_must_not_run(run: Run) -> None:
    Path("a.toml").write_text(
        'title = "T"\n[[section]]\n[[section.question]]\ntext = "=1+1"\npoints = 1\n'
        'options = [{en = "=cmd()", right = true}, {en = "@b \\"c"}]\n',
        encoding="utf-8",
    )
    run("export", "a.toml", "--to", "csv", "--force", "-o", "a.csv")
    row = rows(Path("a.csv"))[0]
    assert (row["prompt"], row["answer"]) == ("'=1+1", "'=cmd()")
    again = run("export", "a.toml", "--to", "csv", "--force", "--since", "a.csv.items.csv", "-o", "b.csv")
    assert "1 unchanged" in again.err


def test_the_report_says_what_became_of_every_question(run: Run) -> None:
    ran = run("export", "all", "--to", "csv", "--report", "r.json", "-o", "a.csv")
    report: dict[str, Any] = json.loads(Path("r.json").read_bytes())
    assert report["format"] == "csv"
    assert report["counts"]["refused"] == 0
    assert len(report["questions"]) == len(rows(Path("a.csv"))) == sum(report["counts"].values())
    changed = next(line for line in report["questions"] if line["slot"] == "attention-causal_mask")
    assert {"part": "row", "kind": "vector", "becomes": "short", "lost": "only the listed spellings count"} in (
        changed["changes"]
    )
    assert "only the listed" in ran.err


def test_an_upload_that_is_too_long_says_where_to_cut(run: Run) -> None:
    for number, cuts in ((3, ""), (45, "1 to 250, 251 to 270")):
        ran = run(
            "export", "recurrent/lstm_step", "--to", "blackboard", "-n", str(number), "-o", "a.txt",
            "--report", "r.json",
        )  # fmt: skip
        lines = len(Path("a.txt").read_bytes().splitlines())
        guide = Path("a.txt.IMPORT.en.md").read_text(encoding="utf-8")
        assert f"{lines}" in guide
        assert cuts in guide
        remark = json.loads(Path("r.json").read_bytes())["remark"]
        assert bool(cuts) == remark.startswith(f"{lines} rows") == ("cut the file" in ran.err)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("locale", ["en", "zh"])
def test_every_format_has_a_guide(form: str, locale: str) -> None:
    guide = (GUIDES / f"{form}.{locale}.md.j2").read_text(encoding="utf-8")
    assert "1. " in guide
    assert "2. " in guide


SHORT = """
title = {en = "Short", zh = "短"}
[[section]]
[[section.question]]
id = "short"
text = {en = "Which?", zh = "哪个？"}
points = 1
options = [{en = "this", zh = "这个", right = true}, {en = "that", zh = "那个"}]
"""


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_writes_the_same_again(form: str, run: Run, tmp_path: Path) -> None:
    short = tmp_path.with_name(f"{tmp_path.name}-short.toml")
    short.write_text(SHORT, encoding="utf-8")
    options = ("--lang", "en+zh", "--mode", "practice", "--skip-unsupported")
    common = ("export", short, "attention/*", "--to", form, *options)
    ran = run(*common, "-o", "a")
    assert ran.status == 0, ran.err
    run(*common, "-o", "b")
    for end in ("", ".items.csv"):
        assert Path(f"a{end}").read_bytes() == Path(f"b{end}").read_bytes()
    guides = [Path(f"a.IMPORT.{locale}.md").read_text(encoding="utf-8") for locale in ("en", "zh")]
    assert all("| 01 short | 1 | 1 | 1 |" in guide for guide in guides)
    assert {file.name for file in Path().iterdir()} == {
        f"{name}{end}" for name in "ab" for end in ("", ".items.csv", ".IMPORT.en.md", ".IMPORT.zh.md")
    }


# The quiz.

ONLINE = "[online]\nminutes = 45\nattempts = 2\none_at_a_time = true\n[[section]]\n"


def settings(path: str) -> str:
    """The settings of the quiz in a Canvas package."""
    with zipfile.ZipFile(path) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("assessment_meta.xml"))
        return archive.read(name).decode()


def test_a_blueprint_says_how_the_quiz_is_given(run: Run, blueprint: Path) -> None:
    blueprint.write_text(BLUEPRINT.replace("[[section]]\n", ONLINE, 1), encoding="utf-8")
    assert run("exam", blueprint, "--forms", "2", "--format", "html", "--unproven", "-o", "out").status == 0
    for source in (blueprint, "out", "out/exam.json"):
        ran = run("export", source, "--to", "canvas", "-o", "a.zip")
        assert "by hand" not in ran.err
        found = settings("a.zip")
        for line in (
            "<time_limit>45<", "<allowed_attempts>2<", "<one_question_at_a_time>true<",
            "<shuffle_answers>false<",  # a question keeps the order of its options
        ):  # fmt: skip
            assert line in found
    Path("out/blueprint.toml").unlink()
    run("export", "out", "--to", "canvas", "-o", "a.zip")
    assert "time_limit" not in settings("a.zip")
    Path("out/blueprint.toml").write_text("[online]\nminutes = 0\n" + BLUEPRINT, encoding="utf-8")
    refused(run("export", "out", "--to", "canvas", "-o", "b.zip"), "out/blueprint.toml")
    assert not Path("b.zip").exists()


def test_a_qti_test_has_its_time_and_its_direction(run: Run, blueprint: Path) -> None:
    online = ONLINE.replace("one_at_a_time = true", "one_at_a_time = true\ngo_back = false")
    for words, direction in ((online, "linear"), (ONLINE, "nonlinear")):
        blueprint.write_text(BLUEPRINT.replace("[[section]]\n", words, 1), encoding="utf-8")
        ran = run("export", blueprint, "--to", "qti21", "-o", "a.zip")
        with zipfile.ZipFile("a.zip") as archive:
            test = archive.read("test.xml").decode()
        assert '<timeLimits maxTime="2700"/>' in test
        assert f'navigationMode="{direction}"' in test
        assert 'maxAttempts="1"' in test  # of each question: several attempts at the quiz are set by hand
        assert "attempts" in ran.err


def test_what_a_file_does_not_hold_is_set_by_hand(run: Run, blueprint: Path) -> None:
    blueprint.write_text(BLUEPRINT.replace("[[section]]\n", ONLINE, 1), encoding="utf-8")
    ran = run("export", blueprint, "--to", "moodle", "--lang", "en+zh", "--report", "r.json", "-o", "a.xml")
    assert "by hand" in ran.err
    assert json.loads(Path("r.json").read_bytes())["by_hand"] == ["minutes", "attempts", "one_at_a_time"]
    assert "minutes, attempts, one_at_a_time" in ran.err
    english, chinese = (Path(f"a.xml.IMPORT.{name}.md").read_text(encoding="utf-8") for name in ("en", "zh"))
    assert "- Time limit: 45 minutes (not in the file; set it by hand)\n" in english
    assert "- Do not shuffle the options\n" in english
    assert "one attempt" not in english
    assert "- 时间限制：45 分钟（文件中没有此项，请手动设置）\n" in chinese
    mine = Path("a.xml").read_bytes().partition(b"mine 001")[2].partition(b"</question>")[0]
    assert b"<shuffleanswers>false" in mine


# Modes.


@pytest.mark.parametrize("form", [name for name in FORMATS if exporters.exporter(name).tells_key])
def test_formats_that_hold_the_key_are_not_for_exams(form: str, run: Run, blueprint: Path) -> None:
    refused(run("export", blueprint, "--to", form, "-o", "a"), "hold the key", "--force")
    refused(run("export", SIDE, "--mode", "exam", "--to", form, "-o", "a"), "hold the key")
    assert not Path("a").exists()
    Path("short.toml").write_text(SHORT, encoding="utf-8")
    assert run("export", "short.toml", "--mode", "exam", "--force", "--to", form, "-o", "a").status == 0


def test_a_file_without_any_question_is_refused_by_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(self: Platform, entries: Iterator[Entry]) -> Iterator[bytes]:
        for _ in entries:
            yield b""
        raise InputError("no empty files")

    monkeypatch.setattr(exporters.exporter("csv"), "carries", frozenset({"parts"}))
    monkeypatch.setattr(exporters.exporter("csv"), "assemble", nothing)
    ran = run("export", SIDE, "--to", "csv", "--skip-unsupported", "-o", "a.csv")
    assert ran.status == 2
    assert "csv cannot carry convolution-output_side 001" in ran.err
    assert not list(Path().iterdir())


def test_an_exam_with_a_seed_that_can_be_tried_says_so(run: Run) -> None:
    for arguments in ((), ("--seed", "2026")):
        ran = run("export", SIDE, "--mode", "exam", "--force", "--to", "csv", "-o", "a.csv", *arguments)
        assert "found by trying" in ran.err
    assert "found by trying" not in run("export", SIDE, "--to", "csv", "-o", "a.csv").err


def test_purposes_and_pools(run: Run, blueprint: Path) -> None:
    assert plans.purpose([SIDE]) == "practice"
    assert plans.purpose([SIDE, str(blueprint)]) == "exam"
    run("export", SIDE, "--to", "csv", "-n", "9", "-o", "a.csv")
    run("export", SIDE, "--to", "csv", "-n", "9", "--mode", "exam", "--force", "-o", "b.csv")
    practice, exam = ({row["item"][0] < "8" for row in rows(Path(name))} for name in ("a.csv", "b.csv"))
    assert (practice, exam) == ({False}, {True})


# The formats of quizgen draw.


def test_what_draw_writes_is_exported_with_tables_and_a_guide(run: Run) -> None:
    for form in ("jsonl", "md"):
        assert run("export", "all", "-n", "2", "--to", form, "-o", f"a.{form}").status == 0
        assert run("draw", "all", "-n", "2", "-o", f"b.{form}").status == 0
        assert Path(f"a.{form}").read_bytes() == Path(f"b.{form}").read_bytes()
        table = rows(Path(f"a.{form}.items.csv"))
        items = [answers.read_item(line) for line in Path("a.jsonl").read_bytes().splitlines()]
        assert [(row["item"], row["code"]) for row in table] == [(item.id, item.code) for item in items]
        again = run("export", "all", "-n", "2", "--to", form, "--since", f"a.{form}.items.csv", "-o", f"c.{form}")
        assert f"{len(items)} unchanged" in again.err
        assert not Path(f"c.{form}").exists()
    assert run("export", "a.jsonl", "--to", "jsonl", "-o", "d.jsonl").status == 0
    assert Path("d.jsonl").read_bytes() == Path("a.jsonl").read_bytes()


def test_an_exam_to_be_read_has_stems_and_points_and_no_keys(run: Run, blueprint: Path) -> None:
    assert run("export", blueprint, "--to", "md", "--mode", "practice", "-o", "practice.md").status == 0
    assert run("export", blueprint, "--to", "md", "--codes", "none", "-o", "exam.md").status == 0
    told, exam = (Path(name).read_text(encoding="utf-8") for name in ("practice.md", "exam.md"))
    for text in (told, exam):
        assert text.count("Above \\| all.") == 2
    assert told.count("### Key") == 5
    assert not any(word in exam for word in ("### Key", "### Solution", "### Feedback", "idea"))
    assert all(f" · {points} points\n" in exam for points in ("4", "1.5", "2", "3"))
    assert not any(row["code"] in exam for row in rows(Path("exam.md.items.csv")))
    assert all(row["key"] for row in rows(Path("exam.md.items.csv")))


def test_what_authors_write_is_markdown_again(run: Run) -> None:
    Path("a.toml").write_text(
        'title = "T"\n[[section]]\n[[section.question]]\ntext = "Why?"\nrubric = [{points = 1, en = "a <b> *c*"}]\n'
        '[[section.question]]\ntext = "A <b>?"\npoints = 1\n'
        'options = [{en = "<i>", right = true}, {en = "b"}, {en = "c", why = "Never <b>."}]\n',
        encoding="utf-8",
    )
    run("export", "a.toml", "--to", "md", "--mode", "practice", "-o", "a.md")
    text = Path("a.md").read_text(encoding="utf-8")
    assert "- [ ] 1 point: a \\<b\\> \\*c\\*" in text
    assert text.count("` `o") == 1


def test_tables_and_datasets_keep_lines_and_languages_apart(run: Run) -> None:
    Path("a.toml").write_text(
        'title = "T"\n[[section]]\n[[section.question]]\n'
        'text = {en = "Why?\\n\\n```\\nfor i in x:\\n    y = i\\n```", zh = "为什么？"}\n'
        'rubric = [{points = 1, en = "idea", zh = "思路"}, {points = 2, en = "form", zh = "格式"}]\n',
        encoding="utf-8",
    )
    for form in ("csv", "hf"):
        run("export", "a.toml", "--to", form, "--mode", "practice", "--lang", "en+zh", "-o", f"a.{form}")
    assert "for i in x:\n" in rows(Path("a.csv"))[0]["prompt"]
    assert rows(Path("a.csv"))[0]["prompt"].endswith("\n\n为什么？")
    english, chinese = (json.loads(line) for line in Path("a.hf").read_text(encoding="utf-8").splitlines())
    assert (english["answer"], chinese["answer"]) == (["1: idea", "2: form"], ["1: 思路", "2: 格式"])


def test_what_items_as_data_leave_out_is_told(run: Run, blueprint: Path) -> None:
    ran = run("export", blueprint, "--to", "jsonl", "--force", "--report", "r.json", "-o", "a.jsonl")
    assert ran.status == 0
    lost = {
        (line["slot"], change["kind"], change["lost"])
        for line in json.loads(Path("r.json").read_bytes())["questions"]
        for change in line["changes"]
    }
    assert lost == {("side", "options", ""), ("stem.1", "a stem with parts", "the stem"),
                    ("stem.2", "a stem with parts", "the stem")}  # fmt: skip


# The table of formats.


def test_formats_shows_the_fate_of_every_kind(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    table = json.loads(run("formats", "--json").out)
    assert sorted(table) == exporters.formats()
    for name, entry in table.items():
        assert set(entry["kinds"]) == {*answers.kinds(), *exporters.FEATURES}
        for fate in entry["kinds"].values():
            assert fate["outcome"] in ("kept", "lowered", "refused")
            assert bool(fate["becomes"]) == (fate["outcome"] == "lowered"), name
    assert table["csv"]["kinds"]["set"]["lost"] == "the answer is chosen, not typed"
    tell = {name for name, entry in table.items() if not entry["for_exams"]}
    assert tell >= {"anki", "csv", "h5p", "hf", "jsonl", "kahoot"}
    assert not tell & {"md", "moodle", "canvas", "qti30"}
    monkeypatch.setenv("COLUMNS", "100")
    shown = run("formats").out
    assert all(name in shown for name in (*table, "matching", "the answer is chosen, not typed"))


# Bad input.


@pytest.mark.parametrize(
    "arguments, words",
    [
        ((SIDE, "--to", "moodel"), ("unknown format 'moodel'",)),
        (("convolution/nothing", "--to", "csv"), ("unknown family",)),
        (("missing.jsonl", "--to", "csv"), ("missing.jsonl", "cannot be read")),
        (("missing.toml", "--to", "csv"), ("missing.toml", "cannot be read")),
        (("no/such", "--to", "csv"), ("unknown family",)),
        (("some/folder", "--to", "csv"), ("some/folder", "exam.json")),
        ((SIDE, "--to", "csv", "--lang", "fr"), ("--lang",)),
        ((SIDE, "--to", "csv", "--since", "notes.csv"), ("notes.csv", "columns")),
        ((SIDE, "--to", "csv", "--bank", "nowhere"), ("nowhere",)),
        (("recurrent/lstm_gates", "--as", "choice", "--to", "csv"), ("without options",)),
        ((SIDE, "--to", "csv", "--report", "no/folder/r.json"), ("no/folder/r.json", "cannot be written")),
        ((SIDE, "--to", "csv", "--report", "a.csv"), ("--report", "another file")),
        ((SIDE, "--to", "csv", "--report", "./a.csv.items.csv"), ("--report", "another file")),
        ((SIDE, "--to", "csv", "--options", "5"), ("--options", "--as choice")),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    arguments: tuple[str, ...], words: tuple[str, ...], run: Run
) -> None:
    Path("some/folder").mkdir(parents=True)
    Path("notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    refused(run("export", *arguments, "-o", "a.csv"), *words)
    assert {file.name for file in Path().iterdir()} == {"some", "notes.csv"}


@pytest.mark.parametrize(
    "damage, word",
    [
        ("{", "this is not an item"),
        ("[]", "this is not an item"),
        ('{"family": "convolution/output_side"}', "this is not an item"),
        ("\x00", "this is not an item"),
        ("NEWER", "schema 2 is newer than 1"),
        ("FLOAT", "exact number"),
        ("[" * 100_000, "this is not an item"),
    ],
)
@pytest.mark.parametrize("where", [(), ("-o", "a.csv")], ids=["stdout", "file"])
def test_a_damaged_line_is_named(damage: str, word: str, where: tuple[str, ...], run: Run) -> None:
    run("draw", SIDE, "-n", "3", "-o", "items.jsonl")
    lines = Path("items.jsonl").read_text(encoding="utf-8").splitlines()
    newer = lines[1].replace('"schema":1', '"schema":2')
    lines[1] = {"NEWER": newer, "FLOAT": lines[1].replace('"s":', '"s":1.5,"t":')}.get(damage, damage)
    Path("items.jsonl").write_text("\n".join(lines), encoding="utf-8")
    ran = run("export", "items.jsonl", "--to", "csv", *where)
    refused(ran, "items.jsonl, line 2", word)
    assert not ran.out
    assert [file.name for file in Path().iterdir()] == ["items.jsonl"]


def test_an_option_without_words_in_the_language_is_named(run: Run) -> None:
    blueprint = """
title = {en = "T", zh = "试卷"}
seed = "s"
date = 2026-12-18
[[section]]
title = {en = "A", zh = "一"}
[[section.question]]
id = "which"
points = 2
text = {en = "Which?", zh = "哪个？"}
options = [{zh = "甲", right = true}, {en = "B", zh = "乙"}, {en = "C", zh = "丙"}]
"""
    Path("exam.toml").write_text(blueprint, encoding="utf-8")
    refused(
        run("export", "exam.toml", "--to", "moodle", "-o", "a.xml"), "which", "there is no text in 'en' (only in zh)"
    )
    assert [file.name for file in Path().iterdir()] == ["exam.toml"]


@pytest.mark.parametrize("damage", ["{", "{}", '{"exam": {"title": {}, "forms": [1]}}', '{"schema": 2}', "[" * 9999])
def test_a_damaged_exam_is_named(damage: str, run: Run) -> None:
    Path("out").mkdir()
    Path("out/exam.json").write_text(damage, encoding="utf-8")
    refused(run("export", "out", "--to", "csv", "--force", "-o", "a.csv"), "exam.json")


def test_a_target_that_cannot_be_written_stays_as_it_was(run: Run) -> None:
    refused(run("export", SIDE, "--to", "csv", "-o", "no/folder/a.csv"), "no/folder/a.csv", "cannot be written")
    Path("a.csv.items.csv").mkdir()
    Path("a.csv").write_text("as it was", encoding="utf-8")
    refused(run("export", SIDE, "--to", "csv", "-o", "a.csv"), "a.csv.items.csv", "folder")
    assert Path("a.csv").read_text(encoding="utf-8") == "as it was"
    assert {file.name for file in Path().iterdir()} == {"a.csv", "a.csv.items.csv"}


@pytest.mark.parametrize("ended", [SIGINT, SIGTERM])
def test_an_interrupted_run_leaves_nothing(ended: Signals, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("as it was", encoding="utf-8")
    command = [sys.executable, "-m", "quizgen", "export", "all", "-n", "999", "--to", "canvas", "-o", "a.zip"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE) as running:
        while not list(tmp_path.glob(".a.zip.items*")):
            assert running.poll() is None
            time.sleep(0.05)
        time.sleep(0.2)
        running.send_signal(ended)
        _, said = running.communicate(timeout=60)
    assert said.decode().strip() == "quizgen: interrupted"
    assert running.returncode == 130
    assert {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()} == {"a.zip": "as it was"}


def test_what_is_exported_is_not_written_over(run: Run) -> None:
    run("draw", SIDE, "-n", "2", "-o", "items.jsonl")
    before = Path("items.jsonl").read_bytes()
    refused(run("export", "items.jsonl", "--to", "csv", "-o", "./items.jsonl"), "items.jsonl", "another file")
    assert Path("items.jsonl").read_bytes() == before
    assert [file.name for file in Path().iterdir()] == ["items.jsonl"]
    Path("out").mkdir()
    Path("out/exam.json").write_text("{}", encoding="utf-8")
    refused(run("export", "out", "--to", "canvas", "-o", "out/exam.json"), "out/exam.json", "another file")


def test_a_number_that_changes_nothing_is_told(run: Run) -> None:
    run("draw", SIDE, "-n", "2", "-o", "items.jsonl")
    assert "-n changes nothing" in run("export", "items.jsonl", "--to", "csv", "-n", "9", "-o", "a.csv").err
    assert "-n changes nothing" not in run("export", SIDE, "--to", "csv", "-n", "9", "-o", "a.csv").err


def test_devices_and_stdout_have_nothing_beside_them(run: Run) -> None:
    assert run("export", SIDE, "--to", "csv", "-o", "/dev/null").status == 0
    assert run("export", SIDE, "--to", "csv").out.startswith("\ufeffcode,")
    assert not list(Path().iterdir())


def test_what_is_refused_is_named_and_nothing_is_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = exporters.exporter("csv")
    monkeypatch.setattr(narrow, "carries", frozenset({"numeric", "parts"}))
    ran = run("export", "recurrent/lstm_gates", SIDE, "--to", "csv", "-o", "a.csv", "--report", "r.json")
    assert ran.status == 2
    assert "recurrent-lstm_gates 001" in ran.err
    assert "(matching) has no field here" in ran.err
    assert "--skip-unsupported" in ran.err
    assert [file.name for file in Path().iterdir()] == ["r.json"]
    assert json.loads(Path("r.json").read_bytes())["counts"]["refused"] == 1
    ran = run("export", "recurrent/lstm_gates", SIDE, "--to", "csv", "--skip-unsupported", "-o", "a.csv")
    assert ran.status == 0
    assert [row["family"] for row in rows(Path("a.csv"))] == [SIDE]
    assert "recurrent-lstm_gates 001" in Path("a.csv.IMPORT.en.md").read_text(encoding="utf-8")
    ran = run("export", "recurrent/lstm_gates", "--to", "csv", "--skip-unsupported", "-o", "b.csv")
    assert ran.status == 2
    assert "Nothing was written" in ran.err
    assert not Path("b.csv").exists()


def test_for_an_item_that_is_refused_another_is_drawn(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from quizgen.exporters._lowering import Refused
    from quizgen.exporters._online import Question

    form = exporters.exporter("csv")
    write = form.write  # type: ignore[attr-defined]

    def picky(self: Platform, question: Question) -> Entry:
        if question.code[0] in "23456789":
            raise Refused("codes with digits")
        entry: Entry = write(self, question)
        return entry

    monkeypatch.setattr(form, "write", picky)
    ran = run("export", SIDE, "--to", "csv", "-n", "9", "--report", "r.json", "-o", "a.csv")
    assert ran.status == 0
    assert len(rows(Path("a.csv"))) == len(rows(Path("a.csv.items.csv"))) == 9
    counts = json.loads(Path("r.json").read_bytes())["counts"]
    assert counts["redrawn"] > 0
    assert "redrawn" in ran.err


# Scale.

GROWTH = """
import resource, sys
from pathlib import Path
from quizgen import exporting
export = exporting.Export(exporting.Wanted(format="csv", number=int(sys.argv[1])))
for piece in export.file(exporting.plan(["convolution/*"], export)):
    pass
print(export.report.written(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_file() -> None:
    grown = []
    for number in (5, 100):
        ran = subprocess.run(
            [sys.executable, "-c", GROWTH, str(number)], cwd=ROOT, capture_output=True, text=True, check=True
        )
        grown.append([int(word) for word in ran.stdout.split()])
    (few, little), (many, much) = grown
    assert many > 10 * few
    assert (much - little) * (1 if sys.platform == "darwin" else 1024) < 40 << 20
