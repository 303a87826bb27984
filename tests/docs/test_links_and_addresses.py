"""Links lead somewhere, commands exist, and nothing names a machine or a package host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, make_targets, name_of, pages, read, tracked_files, without_code

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
# Put together here, so that this file does not hold what it looks for.
_MACHINE_PATHS = re.compile(
    "|".join([r"/wor" + r"k/", r"/hom" + r"e/[a-z]", r"/User" + r"s/[A-Za-z]", r"/mn" + r"t/"])
)
_HOSTS = (
    "pypi" + ".org/",
    "python" + "hosted.org",
    "registry" + ".npmjs",
    "registry" + ".yarnpkg",
    "npm" + "mirror",
)


def anchors_of(path: Path) -> set[str]:
    """The anchors that headings of a page make."""
    headings = re.findall(r"^#+ (.*)$", without_code(read(path)), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("path", pages(), ids=name_of)
def test_every_link_of_a_page_leads_somewhere(path: Path) -> None:
    lost = []
    for target in _LINK.findall(without_code(read(path))):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, anchor = target.partition("#")
        page = (path.parent / place).resolve() if place else path
        if not page.exists() or (anchor and anchor not in anchors_of(page)):
            lost.append(target)
    assert lost == []


def test_every_page_of_the_documentation_can_be_reached_from_its_first_page() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        targets = _LINK.findall(without_code(read(page)))
        waiting += [
            (page.parent / target.partition("#")[0]).resolve() for target in targets if ":" not in target
        ]
    assert sorted(name_of(page) for page in set(pages()) - reached) == []


@pytest.mark.parametrize("path", pages(), ids=name_of)
def test_every_make_target_that_a_page_names_exists(path: Path) -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", read(path), re.MULTILINE))
    assert named <= set(make_targets())


def test_contributing_lists_every_make_target() -> None:
    listed = re.findall(r"^\| `make ([a-z]+)` \|", read(ROOT / "CONTRIBUTING.md"), re.MULTILINE)
    assert sorted(listed) == sorted(set(make_targets()) - {"help"})


def test_no_tracked_file_names_a_path_of_one_machine_or_a_package_host() -> None:
    found = []
    for path in tracked_files():
        try:
            text = read(path)
        except UnicodeDecodeError:
            continue
        hit = _MACHINE_PATHS.search(text)
        hosts = [host for host in _HOSTS if host in text]
        if hit or hosts:
            found.append((name_of(path), hit[0] if hit else hosts[0]))
    assert found == []
