"""Files that cannot be written, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckaudit.model.errors import OutputError
from ckaudit.sources.files import write_atomically


@pytest.mark.parametrize(("winerror", "asked"), [(5, True), (32, True), (112, False), (None, False)])
def test_a_file_that_windows_does_not_replace_may_be_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, winerror: int | None, asked: bool
) -> None:
    """Spreadsheets keep the file they show, and Windows replaces no file that is open."""

    def refuse(self: Path, target: Path) -> Path:
        error = PermissionError(13, "Access is denied")
        if winerror is not None:
            error.winerror = winerror  # type: ignore[attr-defined]
        raise error

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OutputError, match="Access is denied") as caught:
        write_atomically(tmp_path / "plan.csv", b"a")
    assert ("Is it open in another program?" in caught.value.hint) is asked
    assert list(tmp_path.iterdir()) == []
