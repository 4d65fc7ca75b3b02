"""``quizgen grade-answer``: one answer in words or as JSON, and a stream of them for other programs."""

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen import answers, judging
from quizgen.answers.ordering import Ordering
from quizgen.answers.text import Text
from quizgen.cli import main
from quizgen.values import exact, plain, to_json

ROOT = Path(__file__).parents[1]
ORDER = to_json(Ordering.of(("a", "b", "c"))).decode()
WORD = to_json(Text.of("q")).decode()
COMMAND = [sys.executable, "-m", "quizgen", "grade-answer"]


class Ran(NamedTuple):
    """What a command left."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``quizgen grade-answer …`` in this process. Fails on a traceback."""

    def command(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["quizgen", "grade-answer", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Ran(left.value.code if isinstance(left.value.code, int) else 0, out, err)

    return command


# One answer.


def test_a_verdict_is_said_in_words(run: Run) -> None:
    assert run("--key", ORDER, "a, b, c") == (0, "Right.\nUnderstood: a, b, c\n", "")
    assert run("--key", ORDER, "b, a, c").out.startswith("Partly right: 2/3 of the points.\n")
    assert run("--key", ORDER, "c b a").out.endswith("The order is exactly reversed.\n")
    assert run("--key", ORDER, "c b a", "--lang", "zh").out == "错误。\n理解为：c, b, a\n次序正好相反。\n"
    assert "Right." in run("--key", ORDER, "abc", "--lang", "en+zh").out


def test_what_could_not_be_read_is_shown(run: Run) -> None:
    ran = run("--key", ORDER, "a, 批, c")
    assert ran.status == 0
    assert ran.out.splitlines()[1:] == [
        "“批” is not one of the names to choose from.",
        "    a, 批, c",
        "       ^^",
    ]


def test_json_is_the_verdict(run: Run) -> None:
    data = json.loads(run("--json", "--key", ORDER, "b, a, c").out)
    assert data == {
        "verdict": "partial",
        "credit": {"q": "2/3"},
        "parsed": r"\text{b}, \text{a}, \text{c}",
        "notes": [],
        "span": None,
    }
    assert json.loads(run("--key", ORDER, "a, x", "--json").out)["span"] == [3, 4]


@pytest.mark.parametrize("response", ["-3", "-x^2", "-h", "-h+1", "-", "-.5", "--3", "--x", "-json", ""])
@pytest.mark.parametrize("order", [0, 1, 2])
def test_a_response_may_begin_with_a_minus_sign(run: Run, response: str, order: int) -> None:
    key = to_json(Text.of(response or "empty")).decode()
    arguments = [["--key", key, response], [response, f"--key={key}"], ["--key", key, "--", response]][order]
    assert json.loads(run("--json", *arguments).out)["verdict"] == ("right" if response else "invalid")


def test_numbers_may_be_negative(run: Run) -> None:
    assert json.loads(run("--key", '{"kind": "integer", "value": -3}', "-3", "--json").out)["verdict"] == "right"


def test_keys_stand_in_files_too(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    file.write_text(ORDER, encoding="utf-8")
    assert run("--key", f"@{file}", "a b c").out.startswith("Right.")
    assert "nowhere.json: cannot be read" in run("--key", f"@{tmp_path / 'nowhere.json'}", "a").err


def test_numbers_in_keys_are_exact() -> None:
    key = answers.key_from_json('{"kind": "number", "value": 0.1, "digits": 1}')
    assert plain(key)["value"] == {"d": "0.1"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "expected --key KEY and a RESPONSE, or --stream"),
        (("--key", ORDER), "expected --key KEY and a RESPONSE, or --stream"),
        (("--key", ORDER, "a", "b"), "unexpected extra argument"),
        (("--key", ORDER, "a", "--jsn"), "No such option"),
        (("--key",), "requires an argument"),
        (("--stream", "a"), "--stream takes keys and responses from stdin"),
        (("--key", "{", "a"), "--key: this is not JSON"),
        (("--key", "3", "a"), "--key: expected a table with a kind of answer"),
        (("--key", '{"kind": "ordring"}', "a"), "did you mean 'ordering'?"),
        (("--key", '{"kind": "ordering"}', "a"), "--key: object missing required field `value`"),
        (("--key", "\udcff", "a"), "--key: this is not JSON"),
        (("--key", ORDER, "a", "--lang", "xx"), "expected en, zh"),
    ],
)
def test_mistakes_of_the_caller_have_one_message(run: Run, arguments: tuple[str, ...], message: str) -> None:
    ran = run(*arguments)
    assert ran.status == 2
    assert message in ran.err


def test_help_is_for_the_command_alone(run: Run) -> None:
    for option in ("-h", "--help"):
        assert "Judge an answer: right, partial, wrong or invalid" in run(option).out


def test_bytes_that_are_no_text_are_invalid() -> None:
    ran = subprocess.run([*COMMAND, "--key", ORDER, b"a,\xff,c"], cwd=ROOT, capture_output=True, check=True)
    assert b"U+DCFF" in ran.stdout
    assert ran.stderr == b""


# A stream of them.


def judged(*lines: bytes | str) -> list[dict[str, Any]]:
    """What becomes of some lines."""
    source = b"\n".join(line.encode() if isinstance(line, str) else line for line in lines)
    out = [*judging.judged(io.BytesIO(source))]
    assert len(out) == len(lines)
    assert not any(line.count(b"\n") + line.count(b"\r") for line in out)
    return [json.loads(line) for line in out]


def request(key: str, response: Any, **more: Any) -> str:
    return json.dumps({"key": json.loads(key), "response": response, **more})


def test_each_line_is_judged() -> None:
    first, second, third = judged(
        request(ORDER, "a b c", id=7), request(ORDER, "b a c", id={"a": [1.5]}), request(WORD, "x")
    )
    assert first == {
        "id": 7, "verdict": "right", "credit": {"q": "1/1"}, "parsed": r"\text{a}, \text{b}, \text{c}", "notes": [],
        "span": None,
    }  # fmt: skip
    assert (second["id"], second["credit"]) == ({"a": [1.5]}, {"q": "2/3"})
    assert "id" not in third
    assert third["verdict"] == "wrong"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "expected JSON such as"),
        ("nonsense", "expected JSON such as"),
        ("[1]", "expected JSON such as"),
        ('{"key": ' + "[" * 10**5, "expected JSON such as"),
        (b'{"key": 1, "response": "\xff"}', "expected JSON such as"),
        ('{"response": "a"}', "expected a key and a response"),
        (request(ORDER, 3), "response: expected `str`"),
        (request(ORDER, None), "response: expected `str`"),
        (request('{"kind": "ordring"}', "a"), "did you mean 'ordering'?"),
        (request('{"kind": "ordering"}', "a"), "key: object missing required field `value`"),
        (b"x" * 3_000_000, "expected at most 1000000 bytes"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_damaged_line_does_not_stop_the_rest(line: str | bytes, message: str) -> None:
    before, damaged, after = judged(request(WORD, "q"), line, request(WORD, "q"))
    assert before["verdict"] == after["verdict"] == "right"
    assert set(damaged) == {"error"}
    assert damaged["error"].startswith("line 2: ")
    assert message in damaged["error"]


def test_an_error_names_the_id() -> None:
    (line,) = judged(request('{"kind": "ordring"}', "a", id="x"))
    assert line["id"] == "x"


def test_a_fault_of_ours_does_not_stop_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(answers, "grade", broken)
    assert judged(request(WORD, "q", id=1)) == [{"id": 1, "error": "line 1: cannot be judged: ZeroDivisionError"}]


def test_half_a_surrogate_pair_is_invalid() -> None:
    lone, low, pair, escaped = judged(
        '{"key": %s, "response": "q\\ud800q", "id": "\\uDC00"}' % WORD,  # noqa: UP031 (braces)
        '{"key": %s, "response": "\\udc00\\ud83d"}' % WORD,  # noqa: UP031
        '{"key": %s, "response": "\\ud83d\\ude00"}' % WORD,  # noqa: UP031
        '{"key": %s, "response": "\\\\ud800"}' % WORD,  # noqa: UP031
    )
    assert (lone["verdict"], lone["notes"], lone["span"]) == ("invalid", ["control-character"], [1, 2])
    assert (low["verdict"], low["span"]) == ("invalid", [0, 1])
    assert pair["verdict"] == "wrong"
    assert escaped["verdict"] == "wrong"


def test_a_byte_order_mark_and_other_line_ends_are_read() -> None:
    source = b"\xef\xbb\xbf" + request(WORD, "q").encode() + b"\r\n" + request(WORD, "q").encode()
    assert [json.loads(line)["verdict"] for line in judging.judged(io.BytesIO(source))] == ["right", "right"]


@given(
    response=st.text(),
    identity=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    ),
    key=st.sampled_from([ORDER, WORD]),
)
def test_no_response_breaks_the_framing(response: str, identity: Any, key: str) -> None:
    typed = json.dumps({"key": json.loads(key), "response": response, "id": identity}, ensure_ascii=False)
    (line,) = judged(typed)
    wanted = answers.grade(answers.key_from_json(key), response)
    assert line.pop("id") == identity
    assert exact(line) == exact(msgspec.json.decode(to_json(wanted)))


@given(st.lists(st.binary(max_size=60).filter(lambda line: b"\n" not in line), min_size=1, max_size=4))
def test_no_bytes_stop_the_stream(lines: list[bytes]) -> None:
    source = b"\n".join(lines) + b"\n"
    assert all("error" in json.loads(line) for line in judging.judged(io.BytesIO(source)))


def test_a_line_of_the_greatest_length_is_read() -> None:
    line = request(WORD, "q")
    (longest,) = judged(line + " " * (judging.LONGEST - len(line)))
    assert longest["verdict"] == "right"
    (longer,) = judged(line + " " * (judging.LONGEST - len(line) + 1))
    assert "error" in longer


# The program.


def stream(lines: Iterable[str]) -> subprocess.CompletedProcess[str]:
    text = "".join(f"{line}\n" for line in lines)
    return subprocess.run(
        [*COMMAND, "--stream"], cwd=ROOT, input=text, capture_output=True, text=True, encoding="utf-8", check=True
    )


def test_the_stream_of_the_program() -> None:
    ran = stream([request(ORDER, "a b c", id="批"), "?", request(WORD, "x")])
    assert [json.loads(line).get("verdict") for line in ran.stdout.splitlines()] == ["right", None, "wrong"]
    assert ran.stderr == ""
    assert stream([]).stdout == ""


def test_each_verdict_is_written_before_the_next_line_is_read() -> None:
    with subprocess.Popen([*COMMAND, "--stream"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for number in range(3):
            program.stdin.write(request(WORD, "q", id=number).encode() + b"\n")
            program.stdin.flush()
            assert json.loads(program.stdout.readline())["id"] == number
        program.stdin.close()
    assert program.returncode == 0


def test_a_reader_that_goes_away_is_no_failure() -> None:
    with subprocess.Popen(
        [*COMMAND, "--stream"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        program.stdin.write(request(WORD, "q").encode() + b"\n")
        program.stdin.close()
        assert program.stderr.read() == b""
    assert program.returncode == 0


HEAVY = "flint hypothesis jinja2 markdown_it matplotlib numpy quizgen.family quizgen.renderers rich scipy sympy torch"


def test_the_stream_starts_at_once_and_loads_only_what_it_needs() -> None:
    program = (
        "import sys; from quizgen.__main__ import main; sys.argv = ['quizgen', 'grade-answer', '--stream']\n"
        "try: main()\nexcept SystemExit: print(*sys.modules)"
    )
    began = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, input=request(WORD, "q") + "\n", capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert time.perf_counter() - began < 5  # half a second on an idle machine
    verdict, loaded = ran.stdout.splitlines()
    assert json.loads(verdict)["verdict"] == "right"
    assert set(HEAVY.split()).isdisjoint(loaded.split())
