"""Manifest files: what cannot be read, and how several become one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckaudit.model.automations import Manifest
from ckaudit.model.errors import ManifestError
from ckaudit.sources.manifest import check_manifest, read_manifests
from ckaudit.sources.yaml.files import MAX_BYTES
from tests.sources.manifest.helpers import STACKS, account


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, text: str | bytes) -> Path:
    path = Path(name)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(*paths: Path) -> Manifest:
    return read_manifests(paths, None, STACKS)


def said(*paths: Path) -> list[str]:
    """What an error says, one line per problem, without hints."""
    with pytest.raises(ManifestError) as caught:
        read(*paths)
    return [f"{problem.location}: {problem.message}" for problem in caught.value.problems]


@pytest.mark.usefixtures("folder")
class TestFiles:
    """All in one folder of their own."""

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "m.yaml:1:1: this manifest is empty"),
            (b"version: 1\nrules: caf\xe9\n", "m.yaml:2:11: this is not UTF-8 text"),
            ("version: 1\n".encode("utf-16"), "m.yaml: this file is UTF-16 text"),
            (b"PK\x03\x04", "m.yaml:1:3: here is the character U+0003, which YAML does not allow"),
            (b"version: 1\n\x00", "m.yaml:2:1: here is a NUL character: is this a text file?"),
            (b"a: " + b"x" * (MAX_BYTES + 1), "m.yaml: this file is larger than 5 MB, too large for a manifest"),
        ],
        ids=["empty", "Latin-1", "UTF-16", "zip", "NUL", "too large"],
    )
    def test_what_is_no_text_is_told_in_one_sentence(self, data: bytes, message: str) -> None:
        assert said(write("m.yaml", data)) == [message]

    def test_a_byte_order_mark_is_fine(self) -> None:
        assert read(write("m.yaml", b"\xef\xbb\xbfversion: 1\n")).files == ("m.yaml",)

    def test_a_file_that_is_not_there_and_a_folder(self) -> None:
        Path("d").mkdir()
        assert said(Path("none.yaml"), Path("d")) == [
            "none.yaml: cannot read this file: No such file or directory",
            "d: cannot read this file: Is a directory",
        ]

    def test_problems_of_all_files_are_told_in_the_order_of_the_files(self) -> None:
        first, second = write("b.yaml", "version: 1\nx: 1\ny: 1\n"), write("a.yaml", "version: 1\nrules: *x\n")
        assert [line.split(" ")[0] for line in said(first, second)] == ["b.yaml:2:1:", "b.yaml:3:1:", "a.yaml:2:8:"]

    def test_files_are_merged_in_their_order(self) -> None:
        first = write("b.yaml", "version: 1\nautomations: [{name: B, steps: [{start_automation: A}]}]\nrules: # ckaudit: ignore CK311 x\n")
        second = write("a.yaml", "version: 1\nautomations: [{name: A, id: 3}]\nexternal: [{name: Z}]\n")
        manifest = read(first, second)
        assert manifest.files == ("b.yaml", "a.yaml")
        assert [automation.name for automation in manifest.automations] == ["B", "A"]
        assert [(ref.name, ref.id, ref.known) for ref in manifest.references] == [("A", 3, True)]
        assert (len(manifest.external), len(manifest.ignores)) == (1, 1)

    @pytest.mark.parametrize(("first", "second", "complete"), [("true", "true", True), ("true", "false", False), ("false", "true", False)])
    def test_it_is_complete_when_every_file_says_so(self, first: str, second: str, complete: bool) -> None:
        paths = write("a.yaml", f"version: 1\ncomplete: {first}"), write("b.yaml", f"version: 1\ncomplete: {second}")
        assert read(*paths).complete is complete

    def test_a_file_that_says_nothing_leaves_it_to_the_others(self) -> None:
        one_automation = write("b.yaml", "version: 1\nautomations: [{name: B}]")
        assert read(write("a.yaml", "version: 1\ncomplete: true"), one_automation).complete
        assert not read(one_automation).complete

    def test_the_oldest_date_counts(self) -> None:
        texts = ("checked: 2026-11-20", "checked: 2026-03-01", "")
        assert read(*(write(f"{number}.yaml", f"version: 1\n{text}") for number, text in enumerate(texts))).checked == "2026-03-01"

    def test_the_same_id_in_two_files_is_an_error(self) -> None:
        paths = [write(f"{name}.yaml", f"version: 1\nautomations:\n  - {{name: {name}, id: 5}}") for name in "ab"]
        assert said(*paths) == ["b.yaml:3:5: a second automation has the id 5; the first is “a”"]

    def test_files_of_two_accounts_are_an_error(self) -> None:
        paths = [write(f"{number}.yaml", f"version: 1\naccount: {number}") for number in (1, 2)]
        assert said(*paths) == ["2.yaml: this manifest belongs to account 2, and 1.yaml to account 1"]

    def test_a_file_given_twice_counts_once(self) -> None:
        path = write("a.yaml", "version: 1\nautomations: [{name: A, id: 3}]\n")
        assert len(read(path, path).automations) == 1

    def test_no_file_is_an_empty_manifest(self) -> None:
        assert read() == Manifest()

    def test_the_check_lists_problems_and_names_without_an_object(self) -> None:
        path = write(
            "m.yaml",
            """version: 1
rule: []
external:
  - {name: Z, adds_tags: [Custmer, vip, 2024, 99, VIP, 12, Unlike], adds_to_forms: [Foter]}
automations:
  - {name: A, steps: [{start_automation: a}]}
""",
        )
        found = check_manifest([path], account(), STACKS)
        assert [str(problem) for problem in found] == [
            "m.yaml:2:1: a manifest has no key “rule”\n  Did you mean “rules”?",
            "m.yaml:4:27: warning: no tag of the account is named “Custmer” (CK901)\n  Did you mean “Customer”?",
            "m.yaml:4:36: warning: no tag of the account is named “vip” (CK901)\n  Did you mean “VIP”? "
            "They differ in capital letters: “VIP” is not “vip”.",
            "m.yaml:4:41: warning: no tag of the account has the id 2024 (CK901)\n"
            '  To mean the name “2024”, which is there, put it in quotes: "2024".',
            'm.yaml:4:47: warning: no tag of the account has the id 99 (CK901)\n  To mean the name “99”, put it in quotes: "99".',
            "m.yaml:4:60: warning: no tag of the account is named “Unlike” (CK901)",
            "m.yaml:4:85: warning: no form of the account is named “Foter” (CK901)\n  Did you mean “Footer”?",
            "m.yaml:6:42: warning: no automation of the manifest is named “a” (CK901)\n  Did you mean “A”? "
            "They differ in capital letters: “A” is not “a”.",
        ]

    def test_the_check_of_a_good_file_finds_nothing(self) -> None:
        path = write("m.yaml", "version: 1\nexternal: [{name: Z, adds_tags: [VIP, Other]}]")
        assert check_manifest([path], None, STACKS) == []
