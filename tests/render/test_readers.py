"""Reports for clients say nothing about the folders of whoever made them; formats for machines keep the paths."""

from __future__ import annotations

import msgspec
import pytest

from ckaudit.model.errors import Location
from ckaudit.model.findings import NotEvaluated
from ckaudit.render.formats import render_result
from ckaudit.render.options import RenderOptions
from ckaudit.render.readers import for_readers, short_file
from tests.render.canonical import RESULTS


@pytest.mark.parametrize(
    ("file", "folder", "short"),
    [
        ("clients/ada/automations.yaml", "clients/ada", "automations.yaml"),
        ("clients/ada/automations/a.yaml", "clients/ada", "automations/a.yaml"),
        ("/srv/dana/ada/automations/a.yaml", "/srv/dana/ada", "automations/a.yaml"),
        ("/srv/dana/automations.yaml", "clients/ada", "automations.yaml"),
        ("../../dana/automations.yaml", "clients/ada", "automations.yaml"),
        ("C:\\kit\\dana\\automations.yaml", "clients", "automations.yaml"),
        ("automations.yaml", "", "automations.yaml"),
        ("clients/adam/automations.yaml", "clients/ada", "automations.yaml"),
        ("clients/ada/automations.yaml", "", "automations.yaml"),
        ("clients/ada/automations/a.yaml", "clients/ada/snapshot", "automations/a.yaml"),
        ("clients/ada/rules/a.yaml", "", "a.yaml"),
    ],
)
def test_a_file_as_readers_see_it(file: str, folder: str, short: str) -> None:
    assert short_file(file, folder) == short


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_no_path_of_the_machine_is_in_a_report_for_readers(form: str) -> None:
    place = Location("/srv/dana/secret-client/automations.yaml", 3, 5)
    whole = RESULTS["hostile"]
    manifest = msgspec.structs.replace(whole.coverage.manifest, files=(place.file,))
    result = msgspec.structs.replace(
        whole,
        coverage=msgspec.structs.replace(whole.coverage, manifest=manifest),
        findings=tuple(msgspec.structs.replace(item, location=place) for item in whole.findings),
        suppressed=tuple(msgspec.structs.replace(item, location=place) for item in whole.suppressed),
        crashed=(NotEvaluated("ACME1", "own", (), f"the rule raised ValueError at {place}"),),
    )
    made = render_result(result, form)
    assert isinstance(made, str)
    assert "secret-client" not in made
    assert "/srv/dana/secret-client/automations.yaml" in str(render_result(result, "json"))


def test_a_result_without_such_paths_is_left_as_it_is() -> None:
    result = RESULTS["empty"]
    assert for_readers(result, RenderOptions()) == result
