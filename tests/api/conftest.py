from __future__ import annotations

from tests.fake_kit.fixtures import clock, kit, kit_server

__all__ = ["clock", "kit", "kit_server"]
