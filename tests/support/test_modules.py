"""The pages tell the browser of all their modules at once."""

from __future__ import annotations

import pytest

from support.templatetags.modules import graph, module_graph

ENTRIES = {"js/console.js": 20, "js/site-form.js": 1, "js/transcript.js": 1}
"""With more modules than so many."""


@pytest.mark.parametrize("entry", ENTRIES)
def test_graph_is_whole(entry: str) -> None:
    names = graph(entry)
    assert len(names) == len(set(names)) > ENTRIES[entry]
    assert entry not in names
    for name in names:
        assert set(graph(name)) <= set(names)


def test_missing_module_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"js/absent\.js"):
        graph("js/absent.js")


def test_links_are_static_urls() -> None:
    assert '<link rel="modulepreload" href="/static/js/ui/shared/dom.js">' in module_graph("js/site-form.js")
