"""``ckaudit manifest sample`` as a person uses it."""

from __future__ import annotations

import shutil

from tests.cli.running import DEMO, Here

PAGE = "<html><body><div class=step><span>Zxqzxq</span><b>Customer</b></div><a href='/automations/7/edit?key=Zxqzxq'>x</a></body></html>"


def test_it_says_what_a_page_looks_like_and_what_to_do_with_that(here: Here) -> None:
    shutil.copytree(DEMO, here.cwd / "a")
    (here.cwd / "page.html").write_text(PAGE)
    ran = here("manifest", "sample", "page.html", "--snapshot", "a")
    assert (ran.status, "tag#" in ran.out, "Zxqzxq" in ran.out, "Customer" in ran.out) == (0, True, False, False)
    assert "Read it through" in ran.err
    assert "passwords" in ran.err
    assert "tag#" not in here("manifest", "sample", "page.html").out
    assert here("manifest", "sample", "page.html", "--snapshot", "a", "-o", "shape.txt").out == ""
    assert (here.cwd / "shape.txt").read_text() == ran.out


def test_a_file_with_cookies_is_refused(here: Here) -> None:
    (here.cwd / "page.har").write_text('{"log": {"entries": [{"request": {"cookies": [{"name": "s", "value": "Zxqzxq"}]}}]}}')
    ran = here("manifest", "sample", "page.har")
    assert (ran.status, ran.out, "sanitized" in ran.err, "Zxqzxq" in ran.err) == (2, "", True, False)


def test_a_file_that_is_not_there_and_a_folder(here: Here) -> None:
    (here.cwd / "d").mkdir()
    for name in ("none.html", "d"):
        ran = here("manifest", "sample", name)
        assert (ran.status, name in ran.err) == (2, True)
