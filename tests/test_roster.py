"""Rosters: encodings, names of the whole world, and one message for every row that cannot be used."""

import pytest

from quizgen import roster
from quizgen.errors import InputError

NAMES = ["喆", "Nguyễn Văn A", "O'Brien, Ann", "محمد", "Σωκράτης", "=1+2", r"\input{/etc/passwd}", "{{ 7*7 }}"]


def read(text: str) -> tuple[roster.Student, ...]:
    return roster.parse(text, "students.csv")


def test_names_are_data() -> None:
    lines = ["id,name", *(f'{number},"{name}"' for number, name in enumerate(NAMES))]
    assert [student.name for student in read("\n".join(lines))] == NAMES


def test_more_columns_and_blanks_do_not_matter() -> None:
    (student,) = read('group, id , name\n7,  a-1 , "Lee, Kim" \n')
    assert (student.id, student.name, student.row) == ("a-1", "Lee, Kim", 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_of_office_programs(encoding: str) -> None:
    text = roster.decode("id,name\n1,喆\n".encode(encoding), "students.csv")
    assert read(text)[0].name == "喆"


MISTAKES = {
    "empty": ("", "students.csv: expected the columns id, name; 'id' is missing (found: none)"),
    "no name": ("id,surname\n1,x", "'name' is missing (found: id, surname)"),
    "two columns of ids": ("id,id,name\n1,2,x", "students.csv: expected one column 'id', found 2"),
    "no rows": ("id,name\n", "students.csv: expected at least one student"),
    "duplicate": ("id,name\nA1,x\nb,y\na1,z", "students.csv, row 4: the id 'a1' already stands in row 2"),
    "blank in id": ("id,name\nA 1,x", "students.csv, row 2, id: expected 1 to 64 letters, digits, _ or -, got 'A 1'"),
    "path in id": ("id,name\n../x,x", "got '../x'"),
    "number of a spreadsheet": ("id,name\n2.026E+11,x", "got '2.026E+11'"),
    "missing id": ("id,name\n,x", "row 2, id: expected 1 to 64 letters, digits, _ or -, got ''"),
    "long id": (f"id,name\n{'x' * 65},x", "row 2, id"),
    "device": ("id,name\nnul,x", "'nul' is not a file name on every system"),
    "missing name": ("id,name\n1,", "row 2, name: expected a name"),
    "control character": ("id,name\n1,a\x07b", "row 2, name: control character U+0007"),
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_row_that_cannot_be_used_is_named(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert message in str(caught.value)


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(InputError, match="UTF-8 or GB18030"):
        roster.decode(b"id,name\n1,\xff\xff\xff", "students.csv")


def test_marks_of_direction_vanish_from_names() -> None:
    assert read("id,name\n1,a\u202eb\n")[0].name == "ab"
