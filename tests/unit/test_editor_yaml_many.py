"""Many edits of one YAML text: the whole of it is read a few times, however many they are."""

import pytest

from devenv.editor import engine, formats
from devenv.editor.edits import Append, Edit, Set, Unset
from devenv.editor.yaml import parts, stream, view
from devenv.editor.yaml.document import YamlDocument
from devenv.editor.yaml.nodes import Found
from devenv.editor.yaml.parts import Outline
from devenv.editor.yaml.stream import Doc

YAML = formats.named("yaml")

ENTRIES = [f"  - name: n{number} # c\n    port: {number}\n" for number in range(400)]
LARGE = "# head\nl:\n" + "".join(ENTRIES) + "z: [1]\n"


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the lengths of the texts that are read as a whole."""
    view._recent.clear()
    lengths: list[int] = []
    read = stream._read

    def noted(text: str) -> list[Doc]:
        lengths.append(len(text))
        return read(text)

    monkeypatch.setattr(stream, "_read", noted)
    return lengths


def edited(text: str, *edits: Edit) -> str:
    return engine.apply(text.encode(), list(edits), YAML).data.decode()


def test_a_thousand_entries_of_one_list_are_written_at_once(readings: list[int]) -> None:
    done = edited("l:\n  - a # c\nz: 1\n", *(Append("l", (f"v{number}",)) for number in range(1000)))
    assert done == "l:\n  - a # c\n" + "".join(f"  - v{number}\n" for number in range(1000)) + "z: 1\n"
    assert len(readings) == 2


def test_entries_of_two_lists_wait_together_with_other_changes(readings: list[int]) -> None:
    edits = [Append("l", (1,)), Append("m", (2, [3])), Set("z", 4), Append("l", (5,), unique=True), Set("n.o", 6)]
    done = edited("l: [0]\nm:\n- 1\nz: 1\nn:\n  p: 1\n", *edits)
    assert done == "l: [0, 1, 5]\nm:\n- 1\n- 2\n- - 3\nz: 4\nn:\n  p: 1\n  o: 6\n"
    assert len(readings) == 2


@pytest.mark.parametrize(
    "edits",
    [
        [Unset("l[0]", tuple(f"l[{number}]" for number in range(10, 200, 10)))],
        [Unset(f"l[{number * 9}]") for number in range(20)],
    ],
)
def test_entries_of_a_long_list_go_without_a_reading_of_all_for_each(edits: list[Edit], readings: list[int]) -> None:
    left = [entry for at, entry in enumerate(ENTRIES) if at % 10 or at >= 200]
    assert edited(LARGE, *edits) == LARGE.replace("".join(ENTRIES), "".join(left))
    assert len(readings) == 3


def test_a_new_entry_of_a_list_that_waits_is_found_and_can_be_changed() -> None:
    document = formats.open_document(b"l:\n  - a\nm: 1\n", YAML)
    document.insert(("l",), 1, "x")
    document.insert(("l",), 2, {"k": "v"})
    assert document.kind(("l",)) == "array"
    assert document.read(("l",)) == ["a", "x", {"k": "v"}]
    assert document.find(("l", -1)) == [("l", 2)]
    document.put(("l", 2, "k"), "z")
    document.insert(("l",), 3, "w")
    assert list(document.entries(("l",))) == [0, 1, 2, 3]
    assert document.data == b"l:\n  - a\n  - x\n  - k: z\n  - w\nm: 1\n"


def test_parts_stay_as_large_as_they_were_however_often_one_is_cut_anew() -> None:
    document = YamlDocument(LARGE.encode())
    for number in range(100):
        document.insert(("l",), 0, f"entry {number}")
        assert document.data
    root = document.content.docs[0].root
    assert isinstance(root, Outline)
    inner = root.children()[0].node
    assert isinstance(inner, Outline)
    assert len(inner.children()) == 500
    assert len(inner.parts) < 2 * inner.end / parts.PART


def test_a_change_in_a_long_list_leaves_the_parts_far_above_it() -> None:
    document = YamlDocument(LARGE.encode())
    document.put(("l", 390, "new"), "x")
    assert document.data
    before = document.content.docs[0].root
    document.delete(("l", 380))
    after = document.content.docs[0].root
    lists = [root.children()[0].node for root in (before, after) if isinstance(root, Outline)]
    kept = [part for node in lists[:1] if isinstance(node, Outline) for part in node.parts]
    same = [part for node in lists[1:] if isinstance(node, Outline) for part in node.parts if part in kept]
    assert len(same) > len(kept) / 2


def test_documents_in_which_nothing_changes_are_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    view._recent.clear()
    walked: list[int] = []
    walk = Doc._walk

    def noted(doc: Doc) -> Found:
        walked.append(doc.start)
        return walk(doc)

    monkeypatch.setattr(Doc, "_walk", noted)
    text = "".join(f"---\nname: n{number}\nl: [1, 2]\n" for number in range(300))
    edits = [Set("[200].l[0]", 3), Unset("[200].name"), Append("[7].l", (4,))]
    done = text.replace("name: n200\nl: [1", "l: [3").replace("n7\nl: [1, 2", "n7\nl: [1, 2, 4")
    assert edited(text, *edits) == done
    assert len(set(walked)) < 10
