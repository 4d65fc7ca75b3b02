"""Serve the study pages to a class: learners join with a code, the teacher sees how they do.

All answers are kept in one database, a file of SQLite or PostgreSQL. What is printed at the start lets learners join
and the teacher in; it stays the same from one start to the next. Others reach the server only with --host.
"""

from pathlib import Path
from urllib.parse import urlsplit

import click

from quizgen.cli._options import bank_option, languages
from quizgen.cli._output import note
from quizgen.errors import InputError

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@click.command()
@click.option(
    "--url", required=True, envvar="QUIZGEN_URL", metavar="URL",
    help="sqlite:///class.db or postgresql://USER@HOST/NAME; else the variable QUIZGEN_URL.",
)  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 lets others reach this machine.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Of the pages.")
@click.option("--address", metavar="URL", default="", help="Where learners find it, behind a proxy: https://….")
@click.option("--title", metavar="TEXT", default="", help="What the class is called on its pages.")
@click.option("--lang", metavar="LOCALE", help="en or zh; else that of each browser.")
@click.option("--areas", metavar="AREAS", default="", help="Only these, with commas: convolution,attention.")
@click.option("--new", type=click.IntRange(0), default=10, show_default=True, help="New kinds of question a day.")
@bank_option
@click.option("--new-code", is_flag=True, help="Make a new join code and teacher's link; learners stay.")
def command(
    url: str,
    host: str,
    port: int,
    address: str,
    title: str,
    lang: str | None,
    areas: str,
    new: int,
    banks: tuple[Path, ...],
    new_code: bool,
) -> None:
    locale = languages(lang)[0] if lang else ""
    there = urlsplit(address)
    if address and (there.scheme not in ("http", "https") or not there.hostname or there.path.strip("/")):
        raise InputError(f"expected https://NAME, got {address!r}", "--address")
    from quizgen.study.store import Store
    from quizgen.study.web import server

    with Store(url) as store:
        if store.file is None and store.url.startswith("sqlite"):
            raise InputError("expected a file: sqlite:///class.db", "--url")
        if store.rescued is not None:
            told = f"set aside as {store.rescued.backup}; answers kept: {store.rescued.answers}"
            note(f"the file was damaged and is {told}")
        if host not in LOOPBACK and there.scheme != "https":
            note("whoever is on this network can read along; put https before it (docs/study-server.md)")
        server.run_class(
            store, host=host, port=port, address=address, title=title.strip(), lang=locale,
            areas=tuple(area.strip() for area in areas.split(",") if area.strip()), bank=banks, new_a_day=new,
            renew=new_code,
        )  # fmt: skip
