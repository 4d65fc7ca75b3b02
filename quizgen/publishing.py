"""From a blueprint to the files of an exam, and the same again from their manifest.

``publish`` is the whole way: read, draw, prove, put into words, typeset, and write it all into one folder.
"""

import platform
import secrets
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from quizgen import __version__, blueprint, exam, folder, prose, roster
from quizgen.bank import Bank
from quizgen.errors import InputError
from quizgen.exam import Order, Progress
from quizgen.folder import ROSTER
from quizgen.papers import Writer
from quizgen.renderers import paper as view
from quizgen.renderers import paper_html, paper_tex, pdf
from quizgen.roster import Student
from quizgen.values import AUTHORED, SCHEMA, Exam, Struct, in_exam_pool, plain

FORMATS = ("pdf", "html", "tex")
"""What an exam can be written as: a module of quizgen.renderers each."""

PACKAGES = (
    "jinja2", "markdown-it-py", "mdit-py-plugins", "mini-racer", "msgspec", "pikepdf", "pylatex",
    "numpy", "scikit-learn", "torch",
)  # fmt: skip
"""Packages whose version can change what is printed, or what was proven."""

BLUEPRINT = "blueprint.toml"
EXAM = "exam.json"
"""Files of the folder that hold no names, beside ``folder.ROSTER``, which does."""


class Wanted(Struct, frozen=True):
    """What is asked for besides the blueprint. With ``personal``, a roster gives every student a paper of his own."""

    forms: int = 1
    personal: bool = False
    lang: tuple[str, ...] = ("en",)
    formats: tuple[str, ...] = ("pdf", "html")
    solutions: bool = True
    unproven: bool = False
    banks: tuple[str, ...] = ()


class Source(Struct, frozen=True):
    """What goes in: the bytes of blueprint and roster, which the folder keeps, and the seed."""

    name: str
    blueprint: bytes
    seed: str
    secret: bool = False
    roster: bytes | None = None
    roster_name: str = ROSTER
    ids: tuple[str, ...] = ()

    def students(self) -> tuple[Student, ...]:
        """The students of the roster; where it was taken away, their ids in place of names."""
        if self.roster is not None:
            return roster.parse(roster.decode(self.roster, self.roster_name), self.roster_name)
        return tuple(Student(id=name, name=name, row=row) for row, name in enumerate(self.ids, 2))


def secret_seed() -> str:
    """A seed of 128 random bits, for an exam whose blueprint names none."""
    return secrets.token_hex(16)


def publish(source: Source, wanted: Wanted, into: Path, jobs: int, progress: Progress) -> Exam:
    """Write every file of an exam, and its manifest, into the empty folder ``into``."""
    bank = Bank([Path(path) for path in wanted.banks])
    spec = blueprint.parse(source.blueprint, source.name)
    blueprint.require_locales(spec, source.name, wanted.lang)
    students = source.students() if wanted.personal else ()
    names = tuple(student.id for student in students) or exam.form_names(wanted.forms)
    order = Order(source.seed, names, distinct=not wanted.personal, laws=not wanted.unproven)
    built = exam.build(spec, source.name, bank, order, jobs, progress)
    writer = Writer(built, wanted.lang, bank.templates)
    written = tuple(progress(writer.papers(), len(names), "writing"))
    folder.write(into, {BLUEPRINT: source.blueprint, EXAM: exam_json(built, writer.front, written)})
    if source.roster is not None:
        folder.write(into, {ROSTER: source.roster})
    sheets = Sheets(writer.front, _personal(written, students, source.roster_name), writer.key(_names(students)))
    for files in progress(_rendered(sheets, wanted, jobs), len(_steps(wanted)), "typesetting"):
        folder.write(into, files)
    folder.write_manifest(into, _manifest(source, wanted, built, bank))
    return built


def _names(students: tuple[Student, ...]) -> dict[str, str]:
    return {student.id: student.name for student in students}


def _personal(written: tuple[view.Paper, ...], students: tuple[Student, ...], name: str) -> tuple[view.Paper, ...]:
    """The papers with the names of their students, if there are any; those are kept apart from ``exam.json``."""
    if not students:
        return written
    return tuple(
        replace(one, name=student.id, where=f"{name}, row {student.row}", form="", id=student.id, student=student.name)
        for one, student in zip(written, students, strict=True)
    )


def _steps(wanted: Wanted) -> list[tuple[str, str]]:
    """What is rendered: (format, papers | key | solutions). TeX is long, so its runs come first."""
    sheets = ("papers", "solutions", "key") if wanted.solutions else ("papers", "key")
    return [(name, sheet) for name in wanted.formats for sheet in sheets]


def _rendered(sheets: "Sheets", wanted: Wanted, jobs: int) -> Iterator[dict[str, bytes]]:
    """File name to content, for each format and sheet; several TeX processes run at once with several jobs."""
    with ThreadPoolExecutor(max(jobs, 1)) as pool:
        try:
            yield from pool.map(lambda step: getattr(sheets, f"{step[0]}_{step[1]}")(), _steps(wanted))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@dataclass(frozen=True)
class Sheets:
    """The papers, key and solutions of one exam, ready to be rendered: ``pdf_papers()``, ``html_key()`` and so on."""

    front: view.Exam
    papers: tuple[view.Paper, ...]
    key: view.KeyView

    @property
    def personal(self) -> bool:
        """Whether every paper is a student's own."""
        return bool(self.key.students)

    def name(self, sheet: str, paper: view.Paper) -> str:
        """The name of a paper's file without its ending: ``form-A``, ``solutions-A``, ``papers/20261234``."""
        if self.personal:
            return f"{sheet}/{paper.id}"
        return f"{'form' if sheet == 'papers' else sheet}-{paper.form}"

    def pdf_papers(self) -> dict[str, bytes]:
        """All papers, set as one document; with a roster, also as one file for the printer."""
        together = {"papers.pdf": [paper.name for paper in self.papers]} if self.personal else {}
        return self._typeset(paper_tex.student_papers(self.front, self.papers), "papers", together)

    def pdf_solutions(self) -> dict[str, bytes]:
        """All papers with answers and worked solutions."""
        return self._typeset(paper_tex.solutions(self.front, self.papers), "solutions", {})

    def pdf_key(self) -> dict[str, bytes]:
        """One key for all papers."""
        return pdf.typeset(
            paper_tex.key(self.front, self.key), {"key.pdf": ["key"]}, titles={"key.pdf": self.front.titles[0]}
        )

    def _typeset(self, source: str, sheet: str, together: dict[str, list[str]]) -> dict[str, bytes]:
        outputs = {f"{self.name(sheet, paper)}.pdf": [paper.name] for paper in self.papers}
        return pdf.typeset(source, outputs | together, titles=dict.fromkeys(outputs | together, self.front.titles[0]))

    def tex_papers(self) -> dict[str, bytes]:
        """A document of its own for every paper, that ``latexmk -xelatex`` sets as it is."""
        return {
            f"tex/{self.name('papers', paper)}.tex": paper_tex.student_papers(self.front, [paper]).encode()
            for paper in self.papers
        }

    def tex_solutions(self) -> dict[str, bytes]:
        """The same with solutions."""
        return {
            f"tex/{self.name('solutions', paper)}.tex": paper_tex.solutions(self.front, [paper]).encode()
            for paper in self.papers
        }

    def tex_key(self) -> dict[str, bytes]:
        """The key as a document."""
        return {"tex/key.tex": paper_tex.key(self.front, self.key).encode()}

    def html_papers(self) -> dict[str, bytes]:
        """Every paper as one self-contained page."""
        return {
            f"{self.name('papers', one)}.html": paper_html.student_paper(self.front, one).encode()
            for one in self.papers
        }

    def html_solutions(self) -> dict[str, bytes]:
        """The same with solutions."""
        return {
            f"{self.name('solutions', one)}.html": paper_html.solutions(self.front, one).encode() for one in self.papers
        }

    def html_key(self) -> dict[str, bytes]:
        """The key as a page."""
        return {"key.html": paper_html.key(self.front, self.key).encode()}


def exam_json(built: Exam, front: view.Exam, written: tuple[view.Paper, ...]) -> bytes:
    """The exam as data, with the documents as they were printed, so that later templates cannot change them."""
    return msgspec.json.encode({"schema": SCHEMA, "exam": plain(built), "front": front, "papers": written}) + b"\n"


def _manifest(source: Source, wanted: Wanted, built: Exam, bank: Bank) -> dict[str, Any]:
    return {
        "quizgen": __version__,
        "title": built.title,
        "blueprint": source.name,
        "roster": source.roster_name,
        "papers": [form.name for form in built.forms],
        "seed": source.seed,
        "seed_is_secret": source.secret,
        "proven": not wanted.unproven,
        "wanted": plain(wanted),
        "shared_with_practice": shared_with_practice(built, bank),
        "versions": versions(wanted),
        "families": dict(_families(built, bank, wanted.lang)),
    }


def shared_with_practice(built: Exam, bank: Bank) -> list[str]:
    """The slots with items that students can meet in practice, because fewer than 200 fit there."""
    return sorted(
        {
            question.slot
            for form in built.forms
            for question in form.questions()
            for task in question.tasks
            if task.item.family != AUTHORED
            and (not in_exam_pool(task.item.id) or bank.family(task.item.family).is_small())
        }
    )


def versions(wanted: Wanted) -> dict[str, str]:
    """Versions of everything that can change a byte of the output."""
    found = {"python": platform.python_version(), "quizgen": __version__}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    if "pdf" in wanted.formats:
        found |= {"tex": pdf.tex_version()} | pdf.font_versions() if pdf.available() else {"tex": "not installed"}
    return found


def _families(built: Exam, bank: Bank, locales: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Family id to its version, and the hashes of its code and its templates."""
    names = {task.item.family for form in built.forms for question in form.questions() for task in question.tasks}
    for name in sorted(names - {AUTHORED}):
        files = {locale: Path(str(prose.template(name, locale, bank.templates).filename)) for locale in locales}
        yield (
            name,
            {
                "version": bank.family(name).version,
                "code": sha256(bank.files[name].read_bytes()).hexdigest(),
                "templates": {locale: sha256(file.read_bytes()).hexdigest() for locale, file in files.items()},
            },
        )


class Comparison(Struct, frozen=True):
    """What a rebuild found: files that differ, files not compared and why, versions that are not the manifest's."""

    same: tuple[str, ...]
    different: tuple[str, ...]
    skipped: dict[str, str]
    versions: dict[str, tuple[str, str]]


def verify(target: Path, jobs: int, progress: Progress) -> Comparison:
    """Build the exam again from its manifest and compare every file. Raises InputError for a damaged manifest."""
    manifest = folder.read_manifest(target)
    wanted, source, then = _recorded(target, manifest)
    with tempfile.TemporaryDirectory(prefix="quizgen-") as temporary:
        publish(source, wanted, Path(temporary), jobs, progress)
        rebuilt = folder.digests(Path(temporary))
    present = folder.digests(target)
    now, recorded = versions(wanted), manifest["files"]
    names = sorted({*rebuilt, *present, *recorded})
    nameless = wanted.personal and source.roster is None
    skipped = [name for name in names if nameless and name not in (BLUEPRINT, EXAM)]
    same = [name for name in names if rebuilt.get(name) == present.get(name) == recorded.get(name)]
    return Comparison(
        same=tuple(name for name in same if name not in skipped),
        different=tuple(name for name in names if name not in same and name not in skipped),
        skipped=dict.fromkeys(skipped, f"it holds names, and {ROSTER} was taken away"),
        versions={
            name: (then.get(name, "none"), now.get(name, "none"))
            for name in sorted({*now, *then})
            if now.get(name) != then.get(name)
        },
    )


def _recorded(target: Path, manifest: dict[str, Any]) -> tuple[Wanted, Source, dict[str, str]]:
    """What was wanted of an exam, what it was made from, and by which versions. Raises InputError for damage."""
    try:
        wanted = msgspec.convert(manifest["wanted"], Wanted)
        if not wanted.lang or not set(wanted.formats) <= set(FORMATS):
            raise TypeError(f"lang {list(wanted.lang)}, formats {list(wanted.formats)}")
        names_file = target / ROSTER
        source = Source(
            name=manifest["blueprint"],
            blueprint=blueprint.load(target / BLUEPRINT),
            seed=manifest["seed"],
            secret=manifest["seed_is_secret"],
            roster=names_file.read_bytes() if wanted.personal and names_file.exists() else None,
            roster_name=manifest["roster"],
            ids=tuple(manifest["papers"]) if wanted.personal else (),
        )
        then = msgspec.convert(manifest["versions"], dict[str, str])
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise InputError(f"the manifest is damaged: {error}", str(target / folder.MANIFEST)) from error
    return wanted, source, then
