"""What a renderer is told besides the result."""

from __future__ import annotations

import msgspec

from ckaudit.model.branding import Branding
from ckaudit.model.result import Result
from ckaudit.render.texts import DEFAULT_LANGUAGE


class RenderOptions(msgspec.Struct, frozen=True):
    """``baseline`` is an earlier result of the same account; reports then say what changed. Machine formats need none of this."""

    branding: Branding = Branding()
    language: str = DEFAULT_LANGUAGE
    baseline: Result | None = None


DEFAULT_OPTIONS = RenderOptions()
