"""Any bytes instead of a snapshot: an account or one clear error, nothing else."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ckaudit.model.account import SectionName
from ckaudit.model.errors import SnapshotError
from ckaudit.sources.snapshot import SCHEMA, read_snapshot

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("id", "name", "event", "url", "stats")) | st.text(max_size=4), inner)
    ),
    max_leaves=8,
)
SECTION = st.fixed_dictionaries(
    {}, optional={"status": st.just("complete") | ANY_JSON, "object": ANY_JSON, "objects": st.lists(ANY_JSON, max_size=4)}
)


def read(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "account.json"
        path.write_bytes(data)
        with contextlib.suppress(SnapshotError):
            read_snapshot(path)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    read(data)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from([str(name) for name in SectionName]), SECTION | ANY_JSON, max_size=4), ANY_JSON)
def test_any_json_in_the_shape_of_a_snapshot(sections: dict[str, Any], bad: object) -> None:
    read(json.dumps({"schema": SCHEMA, "sections": sections, "bad_objects": bad}).encode("utf-8", "replace"))
