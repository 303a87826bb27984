"""Makes the HTML of a mail safe to show, and plain text of it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3

_LONGEST = 500_000
_TAGS = {
    "a", "abbr", "address", "b", "blockquote", "br", "caption", "center", "cite", "code", "dd", "del", "div",
    "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "ol", "p", "pre",
    "q", "s", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "tt", "u", "ul",
}  # fmt: skip
# No styles, classes or pictures: each could fetch from outside and tell the sender that it was read.
_ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_BLOCKS = frozenset({
    "address", "blockquote", "caption", "center", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "li", "ol", "p", "pre", "table", "tr", "ul",
})  # fmt: skip
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"})
_SPACES = re.compile(r"[ \t\n\f\r\xa0]+")
_MANY_LINES = re.compile(r"\n{3,}")
_DEEPEST_QUOTE = 5
_DEEPEST = 200
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_ANY_TAG = re.compile(r"<[^<>]{0,2000}>")
# Elements that end by themselves, so that missing ends are no nesting.
_SELF_ENDING = frozenset({
    "area", "base", "br", "col", "dd", "dt", "hr", "img", "input", "li", "link", "meta", "option", "p", "td",
    "th", "tr", "wbr",
})  # fmt: skip


def make_safe(html: str) -> str:
    """The HTML without scripts, styles, forms, pictures and anything else that acts or fetches.

    HTML nested as no person's mail is would take minutes: its tags are all left out.
    """
    html = html[:_LONGEST]
    return nh3.clean(
        _ANY_TAG.sub(" ", html).replace("<", " ") if _is_too_deep(html) else html,
        tags=_TAGS,
        clean_content_tags={"script", "style", "title", "head", "template", "noscript"},
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def html_to_text(safe: str) -> str:
    """The text of safe HTML; what it quotes begins with `>`, as in plain mail."""
    writer = _TextWriter()
    writer.feed(safe)
    writer.close()
    return writer.text()


def _is_too_deep(html: str) -> bool:
    depth = 0
    for match in _TAG.finditer(html):
        if match[2].lower() not in _SELF_ENDING:
            depth = max(0, depth - 1) if match[1] else depth + 1
            if depth > _DEEPEST:
                return True
    return False


class _TextWriter(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = 0
        self._exact = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._break()
        elif tag in _BLOCKS:
            self._end_line()
        elif tag in ("td", "th"):
            self._line.append(" ")
        if tag in _PARAGRAPHS:
            self._blank()
        self._open(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_line()
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)
        elif tag == "pre":
            self._exact = max(0, self._exact - 1)
        if tag in _PARAGRAPHS:
            self._blank()

    def handle_data(self, data: str) -> None:
        if not self._exact:
            self._line.append(_SPACES.sub(" ", data))
            return
        first, *others = data.split("\n")
        self._line.append(first)
        for line in others:
            self._break()
            self._line.append(line)

    def text(self) -> str:
        self._end_line()
        return _MANY_LINES.sub("\n\n", "\n".join(self._lines)).strip()

    def _open(self, tag: str) -> None:
        if tag == "blockquote":
            self._quotes += 1
        elif tag == "pre":
            self._exact += 1
        elif tag == "li":
            self._line.append("- ")
        elif tag == "hr":
            self._line.append("_" * 32)
            self._end_line()

    def _end_line(self) -> None:
        if "".join(self._line).strip():
            self._break()
        self._line = []

    def _break(self) -> None:
        written = "".join(self._line)
        line = written.rstrip() if self._exact else _SPACES.sub(" ", written).strip()
        quote = ">" * min(self._quotes, _DEEPEST_QUOTE)
        # A signature begins with “-- ”: its space counts.
        line = "-- " if line == "--" else line
        self._lines.append(f"{quote} {line}" if quote else line)
        self._line = []

    def _blank(self) -> None:
        if self._lines and self._lines[-1]:
            self._lines.append("")
