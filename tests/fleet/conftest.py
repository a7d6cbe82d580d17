from __future__ import annotations

from tests.fake_kit.fixtures import clock

__all__ = ["clock"]
