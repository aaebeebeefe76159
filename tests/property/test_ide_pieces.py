"""Pieces in any JSON with comments, in any order: what they hold, what stays, and the way back."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from devenv.ide import jsonfile, pieces
from devenv.ide.pieces import JsonEntry, JsonItem, JsonValue, Piece, Section
from jsontexts import DOCUMENTS, SEEDS, VALUES, Printer, comments_of, strict

OURS = ("devenv: a", "devenv.b", "devenv c")
"""Keys of the top that no document has."""

VALUE_PIECES = st.builds(
    lambda below, value: JsonValue((OURS[0], *below), value),
    st.lists(st.sampled_from(["x", "y.z", "", 'q"']), max_size=2).map(tuple),
    VALUES,
)
ENTRY_PIECES = st.builds(
    lambda name, rest: JsonEntry((OURS[1], "list"), {**rest, "name": name}),
    st.sampled_from(["n", "m", ""]),
    st.dictionaries(st.sampled_from(["k", "l"]), VALUES, max_size=2),
)
ITEM_PIECES = st.builds(lambda value: JsonItem((OURS[2],), value), st.sampled_from(["a", "b.c", 'd"', 1, 0]))
PIECES = st.one_of(VALUE_PIECES, ENTRY_PIECES, ITEM_PIECES)
OBJECTS = st.one_of(DOCUMENTS.filter(lambda data: isinstance(data, dict)), st.just({}))
BLANKS = st.sampled_from(
    ["", "\n", " \t\r\n", "// c", "// c\n", "/* c */", "/* c\n*/ // d\r\n", "\ufeff", "\ufeff// c\n"]
)
TEXTS = st.one_of(
    st.builds(
        lambda data, seed: Printer(seed, comments=True).text(data).encode("utf-8", "surrogatepass"), OBJECTS, SEEDS
    ),
    BLANKS.map(str.encode),
)


def held(text: bytes) -> Any:
    for comment in comments_of(text.decode()):
        if text.decode().strip("\ufeff \t\r\n").startswith(comment):
            text = text.decode().replace(comment, "", 1).encode()
    return strict(text) if text.decode().strip("\ufeff \t\r\n") else {}


def is_hollow(left: Any) -> bool:
    return isinstance(left, dict | list) and all(map(is_hollow, left.values() if isinstance(left, dict) else left))


def written(text: str) -> bool:
    """Say whether a text is one that a file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


FILES = TEXTS.filter(lambda text: written(text.decode("utf-8", "surrogatepass")))


@given(FILES, PIECES)
def test_a_piece_is_there_all_else_stays_and_it_comes_out_again(before: bytes, piece: Piece) -> None:
    after, undo = piece.put(before)
    now, was = strict(after), held(before)
    assert {key: value for key, value in now.items() if key not in OURS} == was
    assert comments_of(after.decode()) == comments_of(before.decode())
    steps, wanted = piece.steps, piece.value  # type: ignore[attr-defined]
    for key in steps:
        now = now[key]
    assert now == (wanted if isinstance(piece, JsonValue) else [wanted])
    assert piece.put(after)[0] == after
    assert pieces.take(piece.kind, after, json.loads(json.dumps(undo))) == before


@given(FILES, st.lists(PIECES, max_size=5, unique_by=lambda piece: piece.key), st.randoms(use_true_random=False))
def test_pieces_come_out_in_any_order(before: bytes, wanted: list[Piece], chance: Any) -> None:
    values = [piece.steps for piece in wanted if isinstance(piece, JsonValue)]
    if any(one != other and other[: len(one)] == one for one in values for other in values):
        # one inside another is one value that is set twice
        return
    data, undos = before, []
    for piece in wanted:
        data, undo = piece.put(data)
        undos.append((piece.kind, json.loads(json.dumps(undo))))
    back = data
    for kind, undo in reversed(undos):
        taken = pieces.take(kind, back, undo)
        assert taken is not None
        back = taken
    assert back == before
    chance.shuffle(undos)
    for kind, undo in undos:
        taken = pieces.take(kind, data, undo)
        assert taken is not None
        data = taken
    rest = held(data)
    assert {key: value for key, value in rest.items() if key not in OURS} == held(before)
    # of what pieces made for one another nothing but empty containers may be left
    assert all(is_hollow(left) for key, left in rest.items() if key in OURS)
    assert comments_of(data.decode()) == comments_of(before.decode())


@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=60))
def test_the_way_back_leads_to_the_same_bytes_and_from_nowhere_else(a: bytes, b: bytes, c: bytes, d: bytes) -> None:
    before, after = a + b + c, a + d + c
    back = json.loads(json.dumps(jsonfile.way_back(before, after)))
    assert jsonfile.gone_back(after, back) == before
    assert len(back["cut"]) <= len(b)
    assert jsonfile.gone_back(after + b"\n", back) is None


LINES = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=8)
ENDS = st.sampled_from(["\n", "\r\n"])
PLAIN = st.builds(
    lambda lines, end, last, bom: (bom + end.join(lines) + (end if last else "")).encode(),
    st.lists(LINES, max_size=6),
    ENDS,
    st.booleans(),
    st.sampled_from(["", "", "\ufeff"]),
)


@given(PLAIN, st.lists(LINES, max_size=3).map(tuple), st.booleans(), st.lists(LINES, max_size=3).map(tuple))
def test_a_section_comes_out_again_after_it_was_changed_too(
    before: bytes, lines: tuple[str, ...], top: bool, others: tuple[str, ...]
) -> None:
    piece = Section("hello", lines, top=top)
    after, undo = piece.put(before)
    assert piece.put(after)[0] == after
    assert pieces.take("section", after, json.loads(json.dumps(undo))) == before
    changed, _ = Section("hello", others, top=top).put(after)
    assert pieces.take("section", changed, json.loads(json.dumps(undo))) == before
    assert changed == Section("hello", others, top=top).put(before)[0]
