"""Exams as folders of files: complete, secret where they must be, and the same again from their manifest."""

import json
import re
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from click.testing import CliRunner, Result

from quizgen import folder, publishing
from quizgen.cli import cli
from quizgen.errors import InputError, QuizgenError, TypesettingError

BLUEPRINT = """
title = {en = "Deep & wide: 100 % of it", zh = "深度学习 # 期末"}
course = "DL_301"
date = 2026-12-18
seed = "not-for-students"
[[section]]
title = {en = "One", zh = "一"}
[[section.question]]
id = "size"
family = "convolution/output_side"
points = 4
as = "choice"
[[section.question]]
id = "own"
text = {en = "Which of $\\\\alpha$, {{ 7*7 }}, <script>alert(1)</script>, 50 % & #1_2?", zh = "哪一个？"}
options = [
  {en = "this {{ q }}", zh = "甲", right = true},
  {en = "that \\\\input{/etc/passwd}", zh = "乙", why = {en = "no", zh = "不对"}},
]
points = 2
[[section.question]]
stem = {en = "Let it be.", zh = "设"}
[[section.question.part]]
text = {en = "Say why.", zh = "为什么？"}
space = "25mm"
rubric = [{points = 1, en = "a reason", zh = "理由"}]
solution = {en = "Because.", zh = "因为。"}
[[section.question.part]]
family = "recurrent/lstm_gates"
points = 4
"""

ROSTER = "id,name\ns1,喆\ns2,Nguyễn \\input{/etc/passwd} 100% & #1_{}~^\ns3,ab\u202ecd {{ 7*7 }} <script>x</script>\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], standalone_mode=False)


def built(tmp_path: Path, *options: object, source: str = BLUEPRINT) -> Path:
    (tmp_path / "final.toml").write_text(source, encoding="utf-8")
    target = tmp_path / "out"
    result = run("exam", tmp_path / "final.toml", "-o", target, "--unproven", *options)
    if result.exception:
        raise result.exception
    return target


def names(target: Path) -> set[str]:
    return {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}


def text_of(pdf: Path) -> str:
    """The raw content of every stream, enough to look for secrets."""
    with pikepdf.open(pdf) as document:
        streams = [entry.read_bytes() for entry in document.objects if isinstance(entry, pikepdf.Stream)]
    return b"\n".join([pdf.read_bytes(), *streams]).decode("latin-1")


def test_a_folder_holds_everything(tmp_path: Path) -> None:
    target = built(tmp_path, "--forms", 2, "--format", "pdf,html,tex", "--lang", "en+zh")
    sheets = {"form-A", "form-B", "solutions-A", "solutions-B", "key"}
    endings = [{f"{sheet}.{ending}" for sheet in sheets} for ending in ("pdf", "html")]
    assert names(target) == set().union(
        *endings, {f"tex/{sheet}.tex" for sheet in sheets}, {"exam.json", "manifest.json", "blueprint.toml"}
    )
    manifest = json.loads((target / "manifest.json").read_bytes())
    assert manifest["seed"] == "not-for-students"
    assert manifest["proven"] is False
    assert {"python", "msgspec", "tex"} <= set(manifest["versions"])
    assert set(manifest["files"]) == names(target) - {"manifest.json"}


def test_no_solutions(tmp_path: Path) -> None:
    assert not [name for name in names(built(tmp_path, "--no-solutions", "--format", "html")) if "solutions" in name]


def students_files(target: Path) -> Iterable[str]:
    for path in target.rglob("*"):
        if path.name.startswith("form-") or path.parent.name == "papers" or path.name == "papers.pdf":
            yield text_of(path) if path.suffix == ".pdf" else path.read_text(encoding="utf-8")


def test_no_secret_reaches_a_student(tmp_path: Path) -> None:
    target = built(tmp_path, "--forms", 2, "--format", "pdf,html,tex")
    for content in students_files(target):
        for secret in ("not-for-students", "forgets_the_first_position", "rounds_up", "Because", str(tmp_path)):
            assert secret not in content


def test_personal_papers(tmp_path: Path) -> None:
    (tmp_path / "students.csv").write_text(ROSTER, encoding="utf-8")
    target = built(tmp_path, "--roster", tmp_path / "students.csv", "--format", "pdf")
    assert {f"papers/s{number}.pdf" for number in (1, 2, 3)} <= names(target)
    assert {"papers.pdf", "key.pdf", "roster.csv"} <= names(target)
    for name in ("喆", "Nguyễn", "7*7 }} <script>x"):
        assert name not in (target / "exam.json").read_text(encoding="utf-8")
    with pikepdf.open(target / "papers.pdf") as printer, pikepdf.open(target / "papers/s1.pdf") as one:
        assert len(printer.pages) == 3 * (len(one.pages) + len(one.pages) % 2)


def test_papers_html_holds_hostile_text_as_text(tmp_path: Path) -> None:
    (tmp_path / "students.csv").write_text(ROSTER, encoding="utf-8")
    target = built(tmp_path, "--roster", tmp_path / "students.csv", "--format", "html")
    page = (target / "papers/s3.html").read_text(encoding="utf-8")
    assert "<script>x" not in page
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page
    assert "49" not in re.sub(r"<style.*?</style>", "", page, flags=re.DOTALL)
    assert "\u202e" not in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)


def test_verify_finds_the_same_bytes_and_every_change(tmp_path: Path) -> None:
    target = built(tmp_path, "--forms", 2, "--format", "pdf,html")
    assert run("verify", target).return_value == 0
    page = target / "form-B.html"
    page.write_text(page.read_text(encoding="utf-8") + " ", encoding="utf-8")
    result = run("verify", target)
    assert result.return_value == 1
    assert "differs: form-B.html" in result.output
    assert "1 differ" in result.output


def test_verify_names_versions_that_changed(tmp_path: Path) -> None:
    target = built(tmp_path, "--format", "html")
    manifest = json.loads((target / "manifest.json").read_bytes())
    manifest["versions"]["msgspec"] = "0.1"
    (target / "manifest.json").write_text(json.dumps(manifest))
    assert "version: msgspec was 0.1, is" in run("verify", target).output


@pytest.mark.parametrize("damage", [{"versions": "x"}, {"wanted": {"formats": ["exe"]}}, {"wanted": {"lang": []}}])
def test_verify_names_a_damaged_manifest(tmp_path: Path, damage: dict[str, Any]) -> None:
    target = built(tmp_path, "--format", "html")
    manifest = json.loads((target / "manifest.json").read_bytes())
    (target / "manifest.json").write_text(json.dumps(manifest | damage))
    with pytest.raises(InputError, match="the manifest is damaged"):
        publishing.verify(target, 1, lambda work, n, label: work)


def test_verify_when_names_were_taken_away(tmp_path: Path) -> None:
    (tmp_path / "students.csv").write_text(ROSTER, encoding="utf-8")
    target = built(tmp_path, "--roster", tmp_path / "students.csv", "--format", "html")
    assert run("verify", target).return_value == 0
    (target / "roster.csv").unlink()
    result = run("verify", target)
    assert result.return_value == 0
    assert "not compared: papers/s1.html" in result.output


def test_jobs_change_nothing(tmp_path: Path) -> None:
    one = folder.digests(built(tmp_path, "--forms", 2, "--jobs", 1, "--format", "pdf"))
    assert folder.digests(built(tmp_path, "--forms", 2, "--jobs", 3, "--format", "pdf")) == one


def test_a_real_exam_has_a_secret_seed(tmp_path: Path) -> None:
    source = BLUEPRINT.replace('seed = "not-for-students"\n', "")
    first, second = (
        json.loads((built(tmp_path, "--format", "html", source=source) / "manifest.json").read_bytes())["seed"]
        for _ in range(2)
    )
    assert first != second
    assert len(first) == 32


def test_slots_that_practice_shares_are_named(tmp_path: Path) -> None:
    narrow = BLUEPRINT.replace('as = "choice"', "where = {n = [20, 30], k = 3, s = 1}")
    (tmp_path / "final.toml").write_text(narrow, encoding="utf-8")
    options = ("-o", tmp_path / "out", "--forms", 6, "--unproven", "--format", "html")
    assert "so practice can meet them: size\n" in run("exam", tmp_path / "final.toml", *options).output
    (tmp_path / "final.toml").write_text(BLUEPRINT, encoding="utf-8")
    assert "practice can meet" not in run("exam", tmp_path / "final.toml", *options).output


def test_exam_json_is_the_exam_as_printed(tmp_path: Path) -> None:
    data: dict[str, Any] = json.loads((built(tmp_path, "--format", "html") / "exam.json").read_bytes())
    assert data["schema"] == 1
    assert [form["name"] for form in data["exam"]["forms"]] == ["A"]
    assert "Which of" in json.dumps(data["papers"])
    assert "not-for-students" not in json.dumps(data)


MISTAKES = {
    "forms": (["--forms", 0], "--forms: expected a number from 1"),
    "forms and roster": (["--forms", 2, "--roster", "x.csv"], "either --forms or --roster"),
    "no roster": (["--roster", "nowhere.csv"], "nowhere.csv: cannot be read"),
    "format": (["--format", "docx"], "--format: unknown format 'docx'"),
    "language": (["--lang", "fr"], "--lang: expected en, zh"),
    "bank": (["--bank", "nowhere"], "--bank nowhere: there is no such folder"),
}


@pytest.mark.parametrize(("options", "message"), MISTAKES.values(), ids=MISTAKES)
def test_options_that_cannot_be_used(tmp_path: Path, options: list[object], message: str) -> None:
    with pytest.raises(QuizgenError) as caught:
        built(tmp_path, *options)
    assert message in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_character_that_no_font_has_names_the_question(tmp_path: Path) -> None:
    with pytest.raises(TypesettingError) as caught:
        built(tmp_path, "--format", "pdf", source=BLUEPRINT.replace("Say why.", "Say why \U0001f600."))
    assert "no font has the character" in str(caught.value)
    assert "question 3" in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["final.toml"]


def test_a_name_that_no_font_has_names_the_row(tmp_path: Path) -> None:
    (tmp_path / "students.csv").write_text("id,name\n1,Ann\n2,\U0001f600\n", encoding="utf-8")
    with pytest.raises(TypesettingError, match=r"students\.csv, row 3"):
        built(tmp_path, "--format", "pdf", "--roster", tmp_path / "students.csv")


def test_without_tex_there_is_html_and_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"apt-get": "/usr/bin/apt-get"}
    monkeypatch.setattr("quizgen.renderers.pdf.shutil.which", found.get)
    assert "form-A.html" in names(built(tmp_path))
    with pytest.raises(TypesettingError, match="sudo apt-get install"):
        built(tmp_path, "--format", "pdf")


def test_pdfs_hold_no_clock(tmp_path: Path) -> None:
    target = built(tmp_path, "--format", "pdf")
    with pikepdf.open(BytesIO((target / "form-A.pdf").read_bytes())) as document:
        assert "/CreationDate" not in document.docinfo
    assert publishing.FORMATS == ("pdf", "html", "tex")


def test_several_right_options_and_quarters_of_points(tmp_path: Path) -> None:
    source = BLUEPRINT.replace('zh = "乙", why', 'zh = "乙", right = true},\n  {en = "third", zh = "丙", why')
    (tmp_path / "final.toml").write_text(source.replace("points = 2\n", "points = 2.25\n"), encoding="utf-8")
    result = run("exam", tmp_path / "final.toml", "-o", tmp_path / "out", "--unproven", "--format", "html")
    assert result.exception is None
    assert "11.25 points" in result.output
    page = (tmp_path / "out" / "form-A.html").read_text(encoding="utf-8")
    assert all(words in page for words in ("this {{ q }}", "/etc/passwd", "third"))


def test_a_formula_that_a_browser_cannot_show_names_the_question(tmp_path: Path) -> None:
    source = BLUEPRINT.replace("Say why.", r"Say why $\\bigl( 1 )$.")  # TeX sets it, Temml does not
    with pytest.raises(TypesettingError, match=r"form A, question 3 \(parts#1\): formula"):
        built(tmp_path, "--format", "html", source=source)


def test_equal_wrong_answers_stand_beside_their_own_forms(tmp_path: Path) -> None:
    mask = 'title = "x"\n[[section]]\n[[section.question]]\nfamily = "attention/causal_mask"\npoints = 3\n'
    page = (built(tmp_path, "--forms", 3, "--format", "html", "--seed", "1", source=mask) / "key.html").read_text(
        "utf-8"
    )
    rows = re.findall(r'<th scope="row">(.*?)</th><td>([ABC])</td>', page.partition("<h2>")[2])
    assert [form for _, form in rows] == ["A", "B", "C"] * (len(rows) // 3)
