"""A file of pip's requirements: names of packages and versions."""

import pytest

from devenv.editor import Append, Set, Unset, edit_text
from devenv.errors import EditError

TEXT = "Zope_Interface==1  # why\nflask[async]>=2\nflask-async==1\n"


@pytest.mark.parametrize(
    "name", ["zope-interface", '"zope.interface"', "zope.interface", "ZOPE_interface", "zope--interface"]
)
def test_a_package_goes_by_its_name_however_that_is_spelled(name: str) -> None:
    done = edit_text(TEXT, [Set(name, "==2")], format="requirements").data.decode()
    assert done == TEXT.replace("==1  #", "==2  #")
    assert not edit_text(done, [Set(name, "==2")], format="requirements").changed
    assert edit_text(TEXT, [Unset(name)], format="requirements").data.decode() == TEXT.partition("\n")[2]


def test_an_entry_of_a_package_is_no_package() -> None:
    done = edit_text(TEXT, [Append("flask.extra", ("x",))], format="requirements").data.decode()
    assert done == TEXT.replace("[async]", "[async,x]")
    done = edit_text(TEXT, [Set("flask.marker", "python_version<'3'")], format="requirements").data.decode()
    assert done == TEXT.replace(">=2", ">=2; python_version<'3'")


def test_a_package_may_be_made_with_its_url_or_marker_alone() -> None:
    edits = [Set("new.url", "https://x.org/y.whl"), Set("other.marker", "python_version<'3'")]
    done = edit_text("a==1\n", edits, format="requirements").data.decode()
    assert done == "a==1\nnew @ https://x.org/y.whl\nother; python_version<'3'\n"


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("1.0", "write it as pip does: a '==1.0'"),
        ("=1.0", "write it as pip does: a '==1.0'"),
        ("[x]==1", "write it as pip does: a '==1.0'"),
        (">=1; python_version<'3'", "the marker is an entry of its own: a.marker"),
        ("https://x.org/y.whl", "a URL is an entry of its own: a.url"),
    ],
)
@pytest.mark.parametrize("text", ["a==2\n", "b==1\n"])
def test_what_is_no_version_is_refused_with_what_to_do(text: str, value: str, hint: str) -> None:
    with pytest.raises(EditError, match="is no version of a package") as caught:
        edit_text(text, [Set("a", value)], format="requirements")
    assert caught.value.hint == hint
