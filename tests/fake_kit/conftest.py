from tests.fake_kit.fixtures import clock, key, kit, kit_server

__all__ = ["clock", "key", "kit", "kit_server"]
