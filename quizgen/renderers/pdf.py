"""Drives XeLaTeX and cuts its one PDF into papers.

The same source gives the same bytes under the same TeX and fonts: the job runs in a folder of its own under a fixed
name, the clock is replaced by ``SOURCE_DATE_EPOCH``, ids and object numbers follow from the content. TeX may read and
write nothing outside its folder but its own installation, start no program, and has limits on time and memory.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from quizgen.errors import TypesettingError

if TYPE_CHECKING:
    from pikepdf import Pdf

ENGINE = "xelatex"
JOB = "quizgen"
EPOCH = "946684800"
"""The time that TeX sees, in seconds: 2000-01-01, so that no output depends on the clock."""

SECONDS = 600
MEMORY = 4 << 30
"""Limits of one run of TeX."""

PACKAGES = (
    "texlive-xetex",
    "texlive-latex-recommended",
    "texlive-lang-chinese",
    "fonts-lmodern",
    "fonts-noto-cjk",
    "fontconfig",
)
"""Debian and Ubuntu packages that papers need."""

FONTS = ("Noto Serif CJK SC", "Noto Sans CJK SC")

_PASSES = 3


def typeset(
    source: str, outputs: Mapping[str, Sequence[str]] | None = None, *, titles: Mapping[str, str] | None = None
) -> dict[str, bytes]:
    """Typeset ``source`` (papers between ``\\beginpaper`` and ``\\closepaper``) and cut it.

    ``outputs`` maps the name of each PDF wanted to the names of the papers that it holds, in order; by default every
    paper is a PDF of its own. A PDF of several papers is for the printer: each paper begins on a front side.
    ``titles`` gives document titles. Raises TypesettingError naming the question, or the roster row, at which TeX
    stopped.
    """
    with tempfile.TemporaryDirectory(prefix="quizgen-") as folder:
        job = Path(folder)
        (job / f"{JOB}.tex").write_text(source, encoding="utf-8")
        pages = _run(job)
        ranges = _ranges((job / f"{JOB}.cut").read_text(encoding="utf-8"))
        return _cut(pages, ranges, outputs or {name: [name] for name in ranges}, titles or {})


def find() -> str:
    """The path of the TeX engine. Raises TypesettingError with the one command that installs it."""
    if path := shutil.which(ENGINE):
        return path
    if shutil.which("apt-get"):
        advice = f"sudo apt-get install --no-install-recommends {' '.join(PACKAGES)}"
    elif sys.platform == "darwin":
        advice = "brew install --cask mactex-no-gui font-noto-serif-cjk-sc font-noto-sans-cjk-sc"
    elif os.name == "nt":
        advice = "winget install MiKTeX.MiKTeX, and the fonts Noto Serif CJK SC and Noto Sans CJK SC"
    else:
        advice = "install TeX Live with XeLaTeX and xeCJK, and the fonts Noto Serif CJK SC and Noto Sans CJK SC"
    raise TypesettingError(f"{ENGINE} was not found; papers as PDF need it: {advice}")


def available() -> bool:
    """Whether PDFs can be made here."""
    return shutil.which(ENGINE) is not None


@lru_cache
def tex_version() -> str:
    """The engine's first line of ``--version``, for the manifest."""
    done = subprocess.run([find(), "--version"], capture_output=True, text=True, encoding="utf-8", timeout=60)
    return done.stdout.partition("\n")[0].strip()


@lru_cache
def font_versions() -> dict[str, str]:
    """Versions of the Chinese fonts as fontconfig knows them, for the manifest; empty where there is no fontconfig."""
    if not (query := shutil.which("fc-match")):
        return {}
    versions = {}
    for font in FONTS:
        arguments = [query, "--format", "%{family[0]} %{fontversion}", font]
        done = subprocess.run(arguments, capture_output=True, text=True, encoding="utf-8", timeout=60)
        versions[font] = done.stdout.strip()
    return versions


def _run(job: Path) -> bytes:
    """Passes of TeX until the number of pages of every paper is what was printed. The first pass makes no PDF."""
    aux = job / f"{JOB}.aux"
    before = None
    for number in range(_PASSES):
        _pass(job, draft=number == 0)
        after = aux.read_bytes()
        if after == before:
            break
        before = after
    return (job / f"{JOB}.pdf").read_bytes()


def _pass(job: Path, draft: bool) -> None:
    arguments = [find(), "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode"]
    arguments += ["-no-pdf"] if draft else []
    try:
        done = subprocess.run(
            [*_limited(), *arguments, f"{JOB}.tex"],
            cwd=job,
            env=_environment(job),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TypesettingError(f"TeX ran longer than {SECONDS} s", _place(_log(job))) from None
    log = _log(job)
    if missing := _missing(log):
        raise TypesettingError(*missing)
    if done.returncode:
        output = done.stdout.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace")
        raise _failure(log or output, output)


def _environment(job: Path) -> dict[str, str]:
    return os.environ | {
        "SOURCE_DATE_EPOCH": EPOCH,
        "FORCE_SOURCE_DATE": "1",
        "openin_any": "p",
        "openout_any": "p",
        "max_print_line": "10000",  # so that a message in the log is one line
        "error_line": "254",
        "half_error_line": "238",
        "TEXMFOUTPUT": str(job),
        "TEXINPUTS": ".:" if os.name != "nt" else ".;",
    }


def _limited() -> list[str]:
    """The command that limits memory and becomes TeX, where there is a POSIX shell (macOS knows no such limit)."""
    return ["/bin/sh", "-c", 'ulimit -v "$0" 2>/dev/null; exec "$@"', str(MEMORY >> 10)] if os.name == "posix" else []


def _log(job: Path) -> str:
    log = job / f"{JOB}.log"
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


_AT = re.compile(r"\[quizgen at ([^\]]*)\]")
_LOST = re.compile(r'Missing character: There is no (.+?)(?: \(U\+([0-9A-F]+)\)| \("[0-9A-F]+\))? in font')


def _place(log: str) -> str:
    """The last place that TeX said it was at."""
    places = _AT.findall(log)
    return places[-1].replace("\n", "") if places else ""


def _missing(log: str) -> tuple[str, str] | None:
    """Message and place of the first character that no font has."""
    if not (lost := _LOST.search(log)):
        return None
    character = chr(int(lost[2], 16)) if lost[2] else lost[1]
    code = " ".join(f"U+{ord(letter):04X}" for letter in character)
    return f"no font has the character {character!r} ({code})", _place(log[: lost.start()])


def _failure(log: str, output: str) -> TypesettingError:
    if "No space left on device" in output:
        return TypesettingError("the disk is full: TeX could not write its output", tempfile.gettempdir())
    error = re.search(r"^! (.+(?:\n(?!l\.\d)[^\n]+){0,3})", log, re.MULTILINE)
    if not error:
        last = " ".join(output.strip().splitlines()[-3:])
        return TypesettingError(f"TeX failed without naming an error: {last}", _place(log))
    line = re.search(r"^l\.\d+ (.*)", log[error.start() :], re.MULTILINE)
    near = f", near: {line[1].strip()[-80:]}" if line and line[1].strip() else ""
    return TypesettingError(f"TeX: {' '.join(error[1].split())}{near}", _place(log[: error.start()]))


def _ranges(cut: str) -> dict[str, range]:
    """Paper name to its pages (counted from 0) from the lines that ``\\beginpaper`` and ``\\closepaper`` wrote."""
    begun: dict[str, int] = {}
    ranges: dict[str, range] = {}
    for line in cut.splitlines():
        word, name, page = line.split(" ")
        if word == "begin":
            begun[name] = int(page)
        else:
            ranges[name] = range(begun[name], int(page))
    return ranges


def _cut(
    whole: bytes, ranges: Mapping[str, range], outputs: Mapping[str, Sequence[str]], titles: Mapping[str, str]
) -> dict[str, bytes]:
    from pikepdf import Pdf

    with Pdf.open(BytesIO(whole)) as source:
        return {
            output: _collect(source, [ranges[name] for name in names], titles.get(output, ""))
            for output, names in outputs.items()
        }


def _collect(source: "Pdf", runs: Sequence[range], title: str) -> bytes:
    """The pages of some papers as one PDF; where there are several papers, each has an even number of pages."""
    from pikepdf import ObjectStreamMode, Pdf

    target = Pdf.new()
    for run in runs:
        target.pages.extend(source.pages[run.start : run.stop])
        if len(runs) > 1 and len(run) % 2:
            _, _, width, height = (int(edge) for edge in source.pages[run.start].mediabox)
            target.add_blank_page(page_size=(width, height))
    if title:
        target.docinfo["/Title"] = title
        target.Root.ViewerPreferences = {"/DisplayDocTitle": True}
    buffer = BytesIO()
    target.save(buffer, deterministic_id=True, object_stream_mode=ObjectStreamMode.generate)
    return buffer.getvalue()
