"""What holds for any value in any file of nginx, with blocks and directives on one line or on many."""

from hypothesis import given, settings
from hypothesis import strategies as st

from devenv.editor import engine, formats
from devenv.editor.edits import Set, Unset
from devenv.editor.trees.parse import Node, parse
from devenv.errors import EditError

NGINX = formats.named("nginx")
BLANKS = st.sampled_from([" ", "  ", "\t", "\n", "\n    ", " # c\n  ", "\n\n"])
WORDS = st.sampled_from(
    [
        "on",
        "80",
        "$x",
        "${y}z",
        '"a; {b}"',
        "'# }'",
        "~^/(a|b)$",
        "it's",
        "a#b",
        "a}b",
        "\\;",
        '""',
        '"x\\"y"',
        "{{ t }}",
    ]
)
NAMES = st.sampled_from(["listen", "root", "gzip", "add_header", "internal"])
HEADS = st.sampled_from(
    [
        *("http", "server", "events", "location /", "location ~ '^/{2}'", 'if ($a ~ "b{2}")', "upstream u"),
        *("limit_except GET POST", "vod live"),
    ]
)
VALUES = st.one_of(
    st.text(st.characters(blacklist_categories=("Cs",)), max_size=8),
    st.text(alphabet="\\'\"#{}$;() \n\tab", max_size=8),
)


@st.composite
def texts(draw: st.DrawFn, depth: int = 0) -> str:
    """Draw the inside of a block."""
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        gap = draw(BLANKS)
        if depth < 3 and draw(st.booleans()):
            parts.append(f"{gap}{draw(HEADS)}{draw(BLANKS)}{{{draw(texts(depth + 1))}{draw(BLANKS)}}}")
        else:
            words = "".join(f"{draw(BLANKS)}{draw(WORDS)}" for _ in range(draw(st.integers(1, 3))))
            parts.append(f"{gap}{draw(NAMES)}{words};")
    return "".join(parts)


def leaves(node: Node, above: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    here = (*above, node.label)
    own = [(here, node.value)] if node.label not in ("", "#comment") else []
    return own + [leaf for child in node.children for leaf in leaves(child, here)]


@settings(max_examples=80, deadline=None)
@given(texts(), VALUES)
def test_a_new_directive_is_the_one_thing_that_changes(text: str, value: str) -> None:
    data = f"map $a $b {{ c d; }}\nserver {{{text}\n}}\n".encode()
    before = leaves(parse("Nginx.lns", data).root)
    path = "server.fresh" if data.count(b"server {") else "fresh"
    try:
        done = engine.apply(data, [Set(path, value)], NGINX).data
    except EditError:
        return
    after = leaves(parse("Nginx.lns", done).root)
    assert [leaf for leaf in after if leaf[0][-1] != "fresh"] == before
    assert [leaf[1] for leaf in after if leaf[0][-1] == "fresh"] == [value]
    assert engine.apply(done, [Set(path, value)], NGINX).data == done
    gone = engine.apply(done, [Unset(path)], NGINX).data
    assert leaves(parse("Nginx.lns", gone).root) == before


@settings(max_examples=80, deadline=None)
@given(texts())
def test_the_lens_writes_any_file_back_as_it_was(text: str) -> None:
    from devenv.editor.lens import Tree

    data = f"a b;{text}\n"
    assert Tree("Nginx.lns", data.encode()).render().decode() == data
