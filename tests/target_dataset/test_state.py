"""A STATE leaves only after all rows before it are committed, and then soon."""

from __future__ import annotations

import io
import json
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.singer_messages import Loaded, Message, lines, read, record, schema, state
from support.target_cases import run_case

from dataset_store import dataset_id, open_store
from target_dataset.errors import InputError, InvalidRecordError
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STREAMS = ("a", "b")
SCHEMAS = [
    schema("a", {"id": {"type": "integer"}}, ["id"]),
    schema("b", {"id": {"type": "integer"}}),
]


class Watched(TargetDataset):
    """Notes what is committed whenever a STATE leaves."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seen: list[tuple[int, set[int]]] = []

    def _emit_state(self, state: str) -> None:
        emitted = self._emitted_state
        super()._emit_state(state)
        if self._emitted_state is not emitted:
            self.seen.append((json.loads(state)["before"], self.committed()))

    def committed(self) -> set[int]:
        store = open_store(self.config["store"])
        datasets = [store.find(dataset_id(stream)) for stream in STREAMS]
        return {row["id"] for dataset in datasets if dataset for row in read(dataset)}


@settings(max_examples=30, deadline=None)
@given(
    steps=st.lists(st.sampled_from([*STREAMS, "state", "schema"]), max_size=25),
    batch_rows=st.integers(1, 6),
)
def test_no_state_leaves_before_its_rows(steps: list[str], batch_rows: int) -> None:
    messages: list[Message] = list(SCHEMAS)
    sent = 0
    states = [0]
    for step in steps:
        if step == "state":
            messages.append(state({"before": sent}))
            states.append(sent)
        elif step == "schema":
            messages.append(schema("a", {"id": {"type": "integer"}, f"c{sent}": {}}, ["id"]))
        else:
            sent += 1
            messages.append(record(step, id=sent))
    with tempfile.TemporaryDirectory() as folder:
        target = Watched(config={"store": folder, "batch_size_rows": batch_rows})
        target.listen(io.StringIO(lines(messages)))
        assert target.committed() == set(range(1, sent + 1))
    for before, committed in target.seen:
        assert committed >= set(range(1, before + 1))
    emitted = [before for before, _ in target.seen]
    assert emitted == sorted(set(emitted))
    if "state" in steps:
        assert emitted[-1] == states[-1]


def test_a_state_leaves_when_a_batch_is_full_not_only_at_the_end(
    load: Callable[..., Loaded],
) -> None:
    loaded = load(
        *SCHEMAS,
        record("a", id=1),
        state({"n": 1}),
        record("b", id=2),
        record("b", id=3),
        state({"n": 3}),
        batch_size_rows=2,
    )
    assert loaded.states == [{"n": 1}, {"n": 3}]


class Aging(TargetDataset):
    """Lets as many minutes pass at a STATE as it says."""

    minutes = 0

    @property
    def _max_record_age_in_minutes(self) -> float:
        return super()._max_record_age_in_minutes + self.minutes

    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        self.minutes += json.loads(message_dict["value"])["minutes"]
        super()._process_state_message(message_dict)

    def _reset_max_record_age(self) -> None:
        super()._reset_max_record_age()
        self.minutes = 0


@pytest.mark.parametrize(
    ("minutes", "emitted"),
    [([4, 0.5, 0.2], [0.2]), ([4, 1.5, 4, 1.5, 1], [1.5, 1.5, 1]), ([6, 0], [6, 0])],
    ids=["young", "old twice", "old at once"],
)
def test_a_state_leaves_once_rows_are_five_minutes_old(
    minutes: list[float], emitted: list[float], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    messages = [
        message
        for number, passed in enumerate(minutes)
        for message in (record("a", id=number), state({"minutes": passed, "n": number}))
    ]
    Aging(config={"store": str(tmp_path)}).listen(io.StringIO(lines([*SCHEMAS, *messages])))
    states = [json.loads(line)["minutes"] for line in capsys.readouterr().out.splitlines()]
    assert states == emitted


def test_a_full_memory_commits_all_streams(load: Callable[..., Loaded]) -> None:
    text = schema("text", {"text": {"type": "string"}})
    messages = [record("text", text="x" * 1000) for _ in range(30)]
    loaded = load(text, *messages, state({"n": 30}), batch_memory_mb=0.01)
    assert len(loaded.rows("text")) == 30
    assert len(loaded.dataset("text").versions()) == 4
    assert loaded.states == [{"n": 30}]


@pytest.mark.parametrize("times", [1, 3])
def test_a_state_that_did_not_change_is_not_repeated(
    times: int, load: Callable[..., Loaded]
) -> None:
    loaded = load(
        *SCHEMAS,
        *[state({"n": 1})] * times,
        *[record("a", id=number) for number in range(10)],
        batch_size_rows=1,
    )
    assert loaded.states == [{"n": 1}]


def test_a_batch_that_fails_holds_its_state_back(
    load: Callable[..., Loaded], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InvalidRecordError):
        load(
            *SCHEMAS,
            record("a", id=1),
            state({"n": 1}),
            record("a", id=2),
            record("a", id="three"),
            state({"n": 3}),
            batch_size_rows=2,
        )
    assert capsys.readouterr().out == '{"n": 1}\n'


def test_overwriting_holds_the_state_back_until_the_end(load: Callable[..., Loaded]) -> None:
    loaded = load(
        *SCHEMAS,
        record("a", id=1),
        state({"n": 1}),
        record("a", id=2),
        record("a", id=3),
        state({"n": 3}),
        batch_size_rows=1,
        load_method="overwrite",
    )
    assert loaded.states == [{"n": 3}]
    assert {row["id"] for row in loaded.rows("a")} == {1, 2, 3}


@pytest.mark.parametrize(
    "stream_maps",
    [
        {"b": {"__alias__": "a"}},
        {"a": {"__alias__": "c"}, "b": {"__alias__": "c"}},
    ],
    ids=["the other's name", "a new name"],
)
@pytest.mark.parametrize("order", [1, -1], ids=["a first", "b first"])
def test_two_streams_of_one_name_end_the_run_before_a_row_or_a_state(
    stream_maps: Message,
    order: int,
    load: Callable[..., Loaded],
    capsys: pytest.CaptureFixture[str],
) -> None:
    schemas = [
        schema("a", {"id": {"type": "integer"}, "x": {"type": "integer"}}, ["id"]),
        schema("b", {"id": {"type": "integer"}, "y": {"type": "integer"}}, ["id"]),
    ][::order]
    rows = [record("a", id=number, x=number) for number in range(7)]
    with pytest.raises(InputError, match=r"`stream_maps` gives the name '[ac]' to both"):
        load(*schemas, *rows, state({"n": 7}), stream_maps=stream_maps, batch_size_rows=2)
    assert capsys.readouterr().out == ""


def test_two_streams_may_share_a_dataset(load: Callable[..., Loaded]) -> None:
    loaded = load(
        schema("a", {"id": {"type": "integer"}, "x": {"type": "integer"}}, ["id"]),
        schema("b", {"id": {"type": "integer"}, "y": {"type": "integer"}}, ["id"]),
        *[record("a", id=number, x=number) for number in range(7)],
        record("b", id=7, y=1),
        state({"n": 8}),
        datasets={"a": {"name": "both"}, "b": {"name": "both"}},
        batch_size_rows=2,
    )
    assert {(row["id"], row["x"], row["y"]) for row in loaded.rows("both")} == {
        *((number, number, None) for number in range(7)),
        (7, None, 1),
    }
    assert loaded.states == [{"n": 8}]


def test_a_state_leaves_as_the_tap_has_spelled_it(tmp_path: Path) -> None:
    case = run_case("p_state_numbers", tmp_path)
    sent = [path.read_text().splitlines()[-1] for path in sorted(case.folder.glob("*.jsonl"))]
    assert case.codes == [0, 0]
    assert [run.out for run in case.runs] == [
        f"{line.removeprefix(PREFIX).removesuffix('}')}\n" for line in sent
    ]


PREFIX = '{"type":"STATE","value":'
SPELLED = [
    '{"big":12345678901234567890123,"dec":1214820332314624001.0,"d2":0.1234567890123456789}',
    '{"exp":1E5,"neg0":-0.0,"far":1e400,"small":1e-400,"one":1.10}',
    r'{"u":"\u00e9\ud83d\ude00","nul":"a\u0000b","slash":"\/","ls":"\u2028","n":null,"e":{}}',
    r'{"half":"x\ud83d","n":1.10}',
    '{"x":NaN,"y":Infinity,"z":-Infinity,"n":[1.10]}',
    '{"é😀":"\u2028", "spaces" : [ 1 , {} ]}',
    '{"twice":1,"twice":2}',
]


@pytest.mark.parametrize("value", SPELLED)
@pytest.mark.parametrize(
    "line",
    ['{"type":"STATE","value":%s}', ' { "value" : %s , "type" : "STATE", "more": [1, {"value": NaN}] } ',
     '{"value": {"old": 1}, "type": "STATE", "value": %s}'],
    ids=["plain", "spaced", "repeated"],
)  # fmt: skip
def test_the_value_of_a_state_is_verbatim(
    value: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    TargetDataset(config={"store": str(tmp_path)}).listen(io.StringIO(line % value))
    assert capsys.readouterr().out == f"{value}\n"


def test_a_state_that_differs_in_digits_alone_is_passed_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = ["9007199254740992", "9007199254740992.0", "9007199254740993.0", "1.1", "1.10"]
    states = [f'{PREFIX}{{"n":{text}}}}}' for text in texts]
    messages = [each for line in states for each in (line, line, record("a", id=1))]
    target = TargetDataset(config={"store": str(tmp_path), "batch_size_rows": 1})
    target.listen(io.StringIO(lines([*SCHEMAS, *messages])))
    assert capsys.readouterr().out.splitlines() == [f'{{"n":{text}}}' for text in texts]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_a_state_is_escaped_where_standard_output_lacks_its_characters(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, encoding))
    value = '{"é😀":"\u2028 1.10","n":1.10}'
    TargetDataset(config={"store": str(tmp_path)}).listen(io.StringIO(f"{PREFIX}{value}}}"))
    written = buffer.getvalue().decode(encoding)
    assert json.loads(written) == json.loads(value)
    assert written.endswith('"n":1.10}\n')
    assert (written == f"{value}\n") == (encoding == "utf-8")
