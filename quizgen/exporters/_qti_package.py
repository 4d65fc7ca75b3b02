"""What is in a QTI package: its files, the sections of its test, and its manifest."""

from collections.abc import Iterable, Iterator
from html import escape

from quizgen.exporters._platform import Entry
from quizgen.exporters._qti_language import Dialect


class Contents:
    """What is in a package: a line for each item, and the names of all files."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.slots: dict[int, tuple[str, int, list[str]]] = {}
        self.names: dict[str, int] = {}
        self.resources: list[str] = []
        self.written: set[str] = set()

    def add(self, entry: Entry) -> Iterator[tuple[str, bytes]]:
        """The files that an item adds."""
        q, name, text = self.dialect, entry.more["name"], entry.text
        again = self.names[name] = self.names.get(name, 0) + 1
        if again > 1:  # the same item, put otherwise
            name = f"{name}-{again}"
            self.names[name] = 1
            text = text.replace(entry.more["name"].encode(), name.encode(), 1)
        _, _, refs = self.slots.setdefault(entry.slot, (entry.more["title"], entry.more["pick"], []))
        refs.append(q("assessmentItemRef", identifier=name, href=f"items/{name}.xml"))
        files = [f"items/{file}" for file in sorted(entry.files)]
        self.resources.append(_resource(name, q.type("item"), f"items/{name}.xml", [*files, "items/quizgen.css"]))
        yield f"items/{name}.xml", text
        for file in sorted(entry.files):
            if file not in self.written:
                self.written.add(file)
                yield f"items/{file}", entry.files[file]

    def sections(self, instructions: str) -> Iterator[str]:
        """A section for every slot, from which as many are picked as the slot says."""
        q = self.dialect
        for number, (title, pick, refs) in sorted(self.slots.items()):
            picked = q("selection", select=pick) if pick < len(refs) else ""
            yield q(
                "assessmentSection", picked, instructions, "\n".join(refs),
                identifier=f"slot-{number:02}", title=escape(title), visible="true",
            )  # fmt: skip
            instructions = ""

    def manifest(self) -> str:
        """The list of everything in the package."""
        q = self.dialect
        uses = "".join(f'<dependency identifierref="{name}"/>' for name in self.names)
        test = _resource("test", q.type("test"), "test.xml", (), uses)
        schema, version = q.profile
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<manifest xmlns="{q.package}" identifier="package">\n'
            f"<metadata><schema>{schema}</schema><schemaversion>{version}</schemaversion></metadata>\n"
            f"<organizations/>\n<resources>\n{test}\n{chr(10).join(self.resources)}\n</resources>\n</manifest>\n"
        )


def _resource(name: str, kind: str, path: str, files: Iterable[str], uses: str = "") -> str:
    listed = "".join(f'<file href="{file}"/>' for file in (path, *files))
    return f'<resource identifier="{name}" type="{kind}" href="{path}">{listed}{uses}</resource>'
