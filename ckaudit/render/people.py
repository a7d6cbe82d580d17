"""The people behind findings, as the owner asks for them: Kit's subscriber ids, and addresses where the snapshot keeps them.

Nothing of it is in a result or in any other format.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from ckaudit.model.roster import Listed
from ckaudit.render.csv import BYTE_ORDER_MARK, cell
from ckaudit.render.plain import to_json

SCHEMA = "ckaudit.listed-people/v1"
FORMATS = (".csv", ".json")
COLUMNS = ("rule", "finding", "kind", "object", "object_id", "subscriber_id", "email_address")


def render_people(people: Sequence[Listed], suffix: str) -> str:
    """A table (``.csv``) or JSON (``.json``), in the order given."""
    return _csv(people) if suffix == ".csv" else _json(people)


def _json(people: Sequence[Listed]) -> str:
    """``{"schema": …, "people": [{"rule", "name", "object": {"kind", "id", "name"}, "subscriber_id", "email_address"}]}``."""
    rows = [
        {
            "rule": item.rule,
            "name": item.name,
            "object": {"kind": item.object.kind, "id": item.object.id, "name": item.object.name},
            "subscriber_id": item.subscriber_id,
            "email_address": item.email_address,
        }
        for item in people
    ]
    return to_json({"schema": SCHEMA, "people": rows})


def _csv(people: Sequence[Listed]) -> str:
    out = io.StringIO(newline="")
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for item in people:
        thing = item.object
        row = (item.rule, item.title, thing.kind, thing.name, "" if thing.id is None else thing.id, item.subscriber_id)
        writer.writerow([cell(value) for value in (*row, item.email_address or "")])
    return out.getvalue()
