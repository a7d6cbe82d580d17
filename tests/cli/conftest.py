from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Here
from tests.fake_kit.fixtures import clock, key, kit, kit_server

__all__ = ["clock", "key", "kit", "kit_server"]


@pytest.fixture
def here(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Here:
    """ckaudit in this process, in an empty folder."""
    return Here(tmp_path, capsys, monkeypatch)
