"""Several accounts, by the real program: snapshots and live accounts of several fake Kits."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.cli.running import DEMO, NOW, ROOT, Ran, command, environment, run
from tests.engine.planted import write_rule
from tests.fake_kit.accounts import CANARIES, sample
from tests.fake_kit.app import KEY, TOKEN, FakeKit
from tests.fake_kit.faults import Fault, always
from tests.fake_kit.server import Served, serve

Json = dict[str, Any]


def account(number: int, name: str = "") -> Json:
    """An account of its own number."""
    made = sample()
    made["account"] |= {"id": number, "name": name or f"Account {number}"}
    return made


@pytest.fixture
def kits() -> Iterator[list[Served]]:
    """Three fake Kits, each with an account of its own."""
    with ExitStack() as stack:
        yield [stack.enter_context(serve(FakeKit(account(number)))) for number in (1, 2, 3)]


def fleet(folder: Path, text: str) -> Path:
    path = folder / "fleet.toml"
    path.write_text(text, encoding="utf-8")
    return path


def live(name: str, served: Served, variable: str = "KIT_ONE", more: str = "") -> str:
    return f'[account.{name}]\napi_key_env = "{variable}"\napi_url = "{served.url}"\n{more}\n'


def snapshots(folder: Path, *names: str) -> Path:
    """A fleet of copies of the demo."""
    for name in names:
        shutil.copytree(DEMO, folder / "clients" / name)
    return fleet(folder, 'snapshots = ["clients/*"]\n')


def result(folder: Path) -> Json:
    found: Json = json.loads((folder / "fleet.json").read_text("utf-8"))
    return found


def rows(folder: Path) -> dict[str, Json]:
    return {row["name"]: row for row in result(folder)["accounts"]}


def schema(folder: Path) -> Json:
    found: Json = json.loads(run("schema", "fleet-result", cwd=folder).out)
    return found


def test_snapshots_and_live_accounts_give_reports_a_page_and_one_status(tmp_path: Path, kits: list[Served]) -> None:
    text = f'name = "Mine"\n[account.demo]\nsnapshot = "{DEMO}"\nlabels = ["x"]\n' + live("one", kits[0]) + live("two", kits[1])
    text += f'[account.three]\naccess_token_env = "KIT_THREE"\napi_url = "{kits[2].url}"\nsave = "kept/three"\n'
    ran = run("fleet", fleet(tmp_path, text), "-o", "out", "--now", NOW, cwd=tmp_path, KIT_ONE=KEY, KIT_THREE=TOKEN)
    assert ran.status == 1, ran.err
    assert ran.out.splitlines()[2].startswith("demo ")
    assert "4 accounts: 4 audited." in ran.out
    for name in ("demo", "one", "two", "three"):
        assert {path.name for path in (tmp_path / "out" / name).iterdir()} >= {"report.html", "result.json"}
    assert json.loads((tmp_path / "out/two/result.json").read_text())["account"]["id"] == 2
    assert (tmp_path / "out/one/snapshot/account.json").is_file()
    assert (tmp_path / "kept/three/events.npz").is_file()
    assert not (tmp_path / "out/three/snapshot").exists()
    found = result(tmp_path / "out")
    jsonschema.validate(found, schema(tmp_path))
    assert (found["name"], found["summary"]["audited"], found["summary"]["exit_status"]) == ("Mine", 4, 1)
    assert "<h1>Mine</h1>" in (tmp_path / "out/index.html").read_text()
    assert all(set(kit.kit.methods()) == {"GET"} for kit in kits)


def test_a_failing_account_is_a_line_and_the_others_go_on(tmp_path: Path, kits: list[Served]) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/account.json").write_text('{"schema": "ckaudit.snapshot/v1", "sections": {')
    text = f'[account.demo]\nsnapshot = "{DEMO}"\n[account.broken]\nsnapshot = "broken"\n'
    text += f'[account.stack]\nsnapshot = "{DEMO}"\nstack = "acess"\n'
    text += live("refused", kits[0], "KIT_WRONG") + live("unset", kits[0], "KIT_UNSET") + live("live", kits[1])
    ran = run("fleet", fleet(tmp_path, text), "-o", "out", cwd=tmp_path, KIT_ONE=KEY, KIT_WRONG="kit_wrong0123456789")
    found = rows(tmp_path / "out")
    assert ran.status == 3
    assert {name: (row["status"], row["exit_status"]) for name, row in found.items()} == {
        "demo": ("audited", 1),
        "live": ("audited", 1),
        "broken": ("failed", 2),
        "stack": ("failed", 2),
        "refused": ("failed", 3),
        "unset": ("failed", 3),
    }
    assert "broken/account.json:1:" in found["broken"]["reason"]
    assert "there is no stack “acess”" in found["stack"]["reason"]
    assert "Kit answered 401" in found["refused"]["reason"]
    assert "KIT_UNSET is not set" in found["unset"]["reason"]
    assert "Not audited:" in ran.out
    assert "Traceback" not in ran.err


def test_a_bug_in_a_rule_is_told_and_the_status_is_4(tmp_path: Path) -> None:
    write_rule(tmp_path / "mine", body="\n    yield from ()\n    raise ValueError('secret of ' + graph.account.info.name)\n")
    ran = run("fleet", snapshots(tmp_path, "a", "b"), "-o", "out", "--rules", "mine", cwd=tmp_path)
    assert ran.status == 4
    assert "ACME601: the rule raised ValueError" in ran.out
    assert [row["status"] for row in rows(tmp_path / "out").values()] == ["audited", "audited"]
    assert "secret of" not in ran.out + ran.err + (tmp_path / "out/fleet.json").read_text()


def test_a_process_that_dies_is_the_row_of_its_account(tmp_path: Path) -> None:
    body = "\n    yield from ()\n    import os\n    if len(graph.manifest.automations) == 0:\n        os._exit(9)\n"
    write_rule(tmp_path / "mine", body=body)
    path = snapshots(tmp_path, "a", "b", "c")
    (tmp_path / "clients/b/automations.yaml").write_text("version: 1\nautomations: []\n")
    ran = run("fleet", path, "-o", "out", "--rules", "mine", "--jobs", "1", cwd=tmp_path)
    found = rows(tmp_path / "out")
    assert ran.status == 4
    assert {name: row["status"] for name, row in found.items()} == {"a": "audited", "b": "failed", "c": "audited"}
    assert "the process that audited this account died" in found["b"]["reason"]


def test_shards_that_are_merged_are_one_run(tmp_path: Path) -> None:
    path = snapshots(tmp_path, "anna", "ben", "clara", "Dora & Co", "eve")
    whole = run("fleet", path, "-o", "whole", "--now", NOW, cwd=tmp_path)
    parts = []
    for number in (1, 2, 3):
        parts.append(f"part{number}")
        run("fleet", path, "-o", parts[-1], "--shard", f"{number}/3", "--now", NOW, cwd=tmp_path)
    assert sorted(name for part in parts for name in rows(tmp_path / part)) == sorted(rows(tmp_path / "whole"))
    merged = run("fleet", "merge", *parts, "-o", "merged", "--fleet", path, cwd=tmp_path)
    assert (merged.status, merged.out) == (whole.status, whole.out)
    assert contents(tmp_path / "merged") == contents(tmp_path / "whole")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two halves of a fleet, and the first of three parts of it."""
    folder = tmp_path_factory.mktemp("parts")
    path = snapshots(folder, "anna", "clara", "dora")
    for name, shard in (("one", "1/2"), ("two", "2/2"), ("third", "1/3")):
        run("fleet", path, "-o", name, "--shard", shard, "--report", "result.json", "--now", NOW, cwd=folder)
    return folder


def refused(ran: Ran, *said: str) -> None:
    assert (ran.status, ran.out) == (2, "")
    assert all(words in ran.err for words in said), ran.err


def test_parts_that_do_not_belong_together_are_refused(parts: Path, tmp_path: Path) -> None:
    shutil.copytree(parts / "one", tmp_path / "again")
    refused(run("fleet", "merge", "one", tmp_path / "again", cwd=parts), "are both the part 1/2")
    refused(run("fleet", "merge", "two", "third", cwd=parts), "parts of different wholes")
    old = json.loads((parts / "two/fleet.json").read_text())
    (tmp_path / "old.json").write_text(json.dumps(old | {"tool": {"name": "ckaudit", "version": "0.0.1"}}))
    refused(run("fleet", "merge", "one", tmp_path / "old.json", cwd=parts), "by 0.0.1", "Run all parts with one version")
    (tmp_path / "new.json").write_text(json.dumps(old | {"schema": "ckaudit.fleet/v9"}))
    refused(run("fleet", "merge", "one", tmp_path / "new.json", cwd=parts), "new.json: this file has format version 9", "Upgrade")
    (tmp_path / "whole.json").write_text(json.dumps(old | {"shard": ""}))
    refused(run("fleet", "merge", "one", tmp_path / "whole.json", cwd=parts), "is a whole one")
    (tmp_path / "same.json").write_text(json.dumps(json.loads((parts / "one/fleet.json").read_text()) | {"shard": "2/2"}))
    refused(run("fleet", "merge", "one", tmp_path / "same.json", cwd=parts), "is in one and in")
    (tmp_path / "other.json").write_text(json.dumps(old | {"shard_of": "another"}))
    refused(run("fleet", "merge", "one", tmp_path / "other.json", cwd=parts), "an account may be in no part", "the same fleet file")
    refused(run("fleet", "merge", "nowhere", cwd=parts), "nowhere", "ckaudit fleet FLEET.toml -o DIR")


def test_a_missing_part_gives_3(parts: Path) -> None:
    ran = run("fleet", "merge", "one", cwd=parts)
    assert ran.status == 3
    assert "Missing shards: 2/2." in ran.out
    named = run("fleet", "merge", "one", "--fleet", "fleet.toml", "--format", "json", cwd=parts)
    assert named.status == 3
    assert json.loads(named.out)["summary"]["not_run"] > 0


def test_a_merged_file_cannot_lead_out_of_the_folder(parts: Path, tmp_path: Path) -> None:
    evil = json.loads((parts / "one/fleet.json").read_text()) | {"shard": ""}
    reports = {
        "a": "../../etc/passwd",
        "b": "javascript:alert(1)",
        "c": "/etc/passwd",
        "d": "x/../../y",
        "e": "x/..",
        "report.html": "http://x/y",
    }
    evil["accounts"][0]["reports"] = reports
    (tmp_path / "fleet.json").write_text(json.dumps(evil))
    ran = run("fleet", "merge", "fleet.json", "-o", "out", cwd=tmp_path)
    assert ran.status in (0, 1), ran.err
    assert [path.name for path in (tmp_path / "out").iterdir() if path.is_dir()] == []
    page = (tmp_path / "out/index.html").read_text()
    assert "javascript:" not in page
    assert "passwd" not in page


def started(folder: Path, *arguments: str | Path, **env: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command(*arguments), cwd=folder, env=environment(**env), stdout=-1, stderr=subprocess.PIPE, start_new_session=True
    )


def test_ctrl_c_writes_what_is_done_and_resume_does_the_rest(tmp_path: Path, kits: list[Served]) -> None:
    kits[0].kit = FakeKit(account(1), faults=always(Fault.SLOW, "/v4/broadcasts"), slow_seconds=600)
    path = fleet(tmp_path, f'[account.demo]\nsnapshot = "{DEMO}"\n' + live("slow", kits[0]))
    arguments = ("fleet", path, "-o", "out", "--now", NOW, "--fail-on", "never")
    process = started(tmp_path, *arguments, KIT_ONE=KEY)
    partial = tmp_path / "out/fleet.partial.jsonl"
    while not (partial.exists() and b'"demo"' in partial.read_bytes() and kits[0].kit.count("/v4/broadcasts")):
        assert process.poll() is None
        os.sched_yield()
    os.killpg(process.pid, signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 3, error
    assert b"Interrupted: the accounts under way are finished." in error
    assert b"Interrupted: 1 of 2 accounts were not audited." in error
    assert b"Traceback" not in error
    assert b"1 not begun" in out
    assert {name: row["status"] for name, row in rows(tmp_path / "out").items()} == {"demo": "audited", "slow": "not_run"}
    before = (tmp_path / "out/demo/result.json").stat().st_mtime_ns
    kits[0].kit = FakeKit(account(1))
    again = run(*arguments, "--resume", cwd=tmp_path, KIT_ONE=KEY)
    assert again.status == 0, again.out
    assert "Kept from the earlier run: 1 of 2 accounts" in again.err
    assert (tmp_path / "out/demo/result.json").stat().st_mtime_ns == before
    assert kits[0].kit.count("/v4/account") == 0
    assert not partial.exists()
    assert result(tmp_path / "out")["summary"]["audited"] == 2


def test_a_killed_run_can_be_resumed(tmp_path: Path) -> None:
    path = snapshots(tmp_path, "a", "b", "c")
    trap = "if os.path.exists('trap') and 'clients/c' in str(graph.manifest.files): os.kill(os.getppid(), signal.SIGKILL)"
    write_rule(tmp_path / "mine", body=f"\n    yield from ()\n    import os, signal\n    {trap}\n")
    (tmp_path / "trap").touch()
    process = started(tmp_path, "fleet", path, "-o", "out", "--rules", "mine", "--jobs", "1")
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "out/fleet.json").exists()
    (tmp_path / "trap").unlink()
    again = run("fleet", path, "-o", "out", "--rules", "mine", "--resume", cwd=tmp_path)
    assert "Kept from the earlier run: 2 of 3 accounts" in again.err
    assert result(tmp_path / "out")["summary"]["audited"] == 3


def test_resume_audits_again_what_has_changed(tmp_path: Path) -> None:
    path = snapshots(tmp_path, "a", "b", "c")
    run("fleet", path, "-o", "out", cwd=tmp_path)
    later = time.time() + 10
    os.utime(tmp_path / "clients/a/automations.yaml", (later, later))
    (tmp_path / "out/b/report.html").unlink()
    assert "Kept from the earlier run: 1 of 3" in run("fleet", path, "-o", "out", "--resume", cwd=tmp_path).err
    assert "Kept" not in run("fleet", path, "-o", "out", "--resume", "--min-severity", "error", cwd=tmp_path).err


def test_resume_without_a_folder_is_refused(tmp_path: Path) -> None:
    refused(run("fleet", snapshots(tmp_path, "a"), "--resume", cwd=tmp_path), "--resume needs -o DIR")


def test_only_some_accounts(tmp_path: Path) -> None:
    path = snapshots(tmp_path, "a", "b", "c")
    ran = run("fleet", path, "--only", "a,c", "--format", "json", cwd=tmp_path)
    assert {row["name"] for row in json.loads(ran.out)["accounts"]} == {"a", "c"}
    refused(run("fleet", path, "--only", "d", cwd=tmp_path), "there is no account and no label “d”")
    refused(run("fleet", path, "--shard", "3/2", cwd=tmp_path), "--shard: “3/2” is not a part of a whole")


def test_the_reports_are_those_asked_for_with_the_branding_of_the_account(tmp_path: Path) -> None:
    text = '[defaults]\nreports = ["plan.csv", "audit.html"]\n[defaults.report]\nname = "Dana"\ncontact = "here"\n'
    path = fleet(tmp_path, text + f'[account.a]\nsnapshot = "{DEMO}"\n[account.a.report]\nname = "Erin"\n')
    run("fleet", path, "-o", "out", cwd=tmp_path)
    assert {item.name for item in (tmp_path / "out/a").iterdir()} == {"plan.csv", "audit.html"}
    page = (tmp_path / "out/a/audit.html").read_text()
    assert "Erin" in page
    assert "here" in page
    assert "Dana" in (tmp_path / "out/index.html").read_text()
    refused(run("fleet", path, "--report", "../x.html", cwd=tmp_path), "“../x.html” is not a plain file name")
    refused(run("fleet", path, "--report", "x.docx", cwd=tmp_path), "names no format")
    refused(run("fleet", path, "--report", "account.json", cwd=tmp_path), "is the name of a file of a snapshot")


def test_a_pale_colour_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    path = fleet(tmp_path, f'[account.a]\nsnapshot = "{DEMO}"\n[account.a.report]\naccent = "#ffff00"\n')
    refused(run("fleet", path, "-o", "out", cwd=tmp_path), "fleet.toml:4:1: the accent colour #ffff00 is too pale")
    assert not (tmp_path / "out").exists()


def test_a_configuration_speaks_for_its_account(tmp_path: Path) -> None:
    (tmp_path / "strict.toml").write_text('select = ["CK401"]\nfail_on = "never"\n')
    (tmp_path / "wrong.toml").write_text('select = ["CK4O1"]\n')
    text = f'[account.a]\nsnapshot = "{DEMO}"\nconfig = "strict.toml"\n[account.b]\nsnapshot = "{DEMO}"\nconfig = "wrong.toml"\n'
    ran = run("fleet", fleet(tmp_path, text), "--format", "json", cwd=tmp_path)
    found = {row["name"]: row for row in json.loads(ran.out)["accounts"]}
    assert ran.status == 2
    assert ({hits["rule"] for hits in found["a"]["rules"]}, found["a"]["exit_status"]) == ({"CK401"}, 0)
    assert "wrong.toml:1:" in found["b"]["reason"]


def test_every_format_goes_to_standard_output(tmp_path: Path) -> None:
    tables = ('[account.a]\nlabels = ["=x"]\n', '[account."|x|"]\n', '[account."=1+1"]\n')
    places = (DEMO, DEMO, "nowhere")
    path = fleet(tmp_path, "".join(f'{table}snapshot = "{place}"\n' for table, place in zip(tables, places, strict=True)))
    table = list(csv.DictReader(io.StringIO(run("fleet", path, "--format", "csv", cwd=tmp_path).out.removeprefix("\ufeff"))))
    assert [line["account"] for line in table] == ["a", "|x|", "'=1+1"]
    assert table[0]["labels"] == "'=x"
    markdown = run("fleet", path, "--format", "markdown", cwd=tmp_path).out
    assert "| \\|x\\| |" in markdown
    assert "### Not audited" in markdown
    assert run("fleet", path, "--format", "html", cwd=tmp_path).out.startswith("<!doctype html>")


def test_nothing_is_written_without_a_folder(tmp_path: Path, kits: list[Served]) -> None:
    path = fleet(tmp_path, live("one", kits[0]))
    (tmp_path / "tmp").mkdir()
    assert run("fleet", path, "--fail-on", "never", cwd=tmp_path, KIT_ONE=KEY, TMPDIR=str(tmp_path / "tmp")).status == 0
    assert {item.name for item in tmp_path.iterdir()} == {"fleet.toml", "tmp"}
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    refused(run("fleet", cwd=tmp_path), "FLEET.toml is missing", "`ckaudit fleet run --help` shows what is possible")
    refused(run("fleet", "fleet.toml", cwd=tmp_path), "cannot read fleet.toml", "docs/fleet.md")


def test_only_a_configuration_that_somebody_named_runs_its_own_rules(tmp_path: Path) -> None:
    write_rule(tmp_path / "mine", body="\n    from pathlib import Path\n    Path('ran').touch()\n    yield from ()\n")
    (tmp_path / "ckaudit.toml").write_text('rules = ["mine"]\n')
    path = fleet(tmp_path, f'[account.a]\nsnapshot = "{DEMO}"\n')
    ran = run("fleet", path, cwd=tmp_path)
    assert (ran.status, (tmp_path / "ran").exists()) == (2, False)
    assert "lists folders of rules" in ran.out
    assert run("fleet", path, "--config", "ckaudit.toml", cwd=tmp_path).status == 1
    assert (tmp_path / "ran").exists()


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    path = snapshots(tmp_path, "a", "b", "c")
    for name, seed in (("one", "1"), ("two", "2")):
        run("fleet", path, "-o", name, "--now", NOW, cwd=tmp_path, PYTHONHASHSEED=seed)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_no_canary_reaches_any_stream_or_file(tmp_path: Path, kits: list[Served]) -> None:
    (tmp_path / "key.txt").write_text(KEY)
    kits[1].kit = FakeKit(account(2), refuse={"/v4/account": 403})
    text = live("one", kits[0]) + live("two", kits[1]) + f'[account.three]\napi_key_file = "key.txt"\napi_url = "{kits[2].url}"\n'
    text += '[account.four]\napi_key_file = "fleet.toml"\n'
    names = [word for name in ("r.json", "r.html", "r.sarif", "junit.xml", "plan.csv", "r.md", "r.txt") for word in ("--report", name)]
    ran = run("fleet", fleet(tmp_path, text), "-o", "out", "-v", "-v", *names, cwd=tmp_path, KIT_ONE=KEY)
    assert ran.status == 3
    written = [path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    everything = b"\n".join([ran.out.encode(), ran.err.encode(), *written])
    assert [canary for canary in (*CANARIES, KEY) if canary.encode() in everything] == []


BACKEND = '''
import json, os
from keyring.backend import KeyringBackend


class Backend(KeyringBackend):
    """Entries in a file."""

    priority = 1

    def entries(self):
        try:
            with open(os.environ["ENTRIES"]) as file:
                return json.load(file)
        except FileNotFoundError:
            return {}

    def set_password(self, service, username, password):
        entries = self.entries() | {f"{service}/{username}": password}
        with open(os.environ["ENTRIES"], "w") as file:
            json.dump(entries, file)

    def get_password(self, service, username):
        if username == "locked":
            raise RuntimeError(f"cannot unlock {self.entries()}")
        return self.entries().get(f"{service}/{username}")
'''


def test_a_key_comes_from_the_keyring(tmp_path: Path, kits: list[Served]) -> None:
    pytest.importorskip("keyring")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/ours.py").write_text(BACKEND)
    path = f"{environment()['PYTHONPATH']}{os.pathsep}{tmp_path / 'lib'}"
    env = {"PYTHON_KEYRING_BACKEND": "ours.Backend", "PYTHONPATH": path, "ENTRIES": str(tmp_path / "entries")}
    store = [sys.executable, "-m", "keyring", "set", "ckaudit", "anna"]
    subprocess.run(store, input=KEY, text=True, env=environment(**env), check=True, timeout=60)
    text = "".join(f'[account.{name}]\nkeyring = "{name}"\napi_url = "{kits[0].url}"\n' for name in ("anna", "nobody", "locked"))
    ran = run("fleet", fleet(tmp_path, text), "-o", "out", cwd=tmp_path, **env)
    found = rows(tmp_path / "out")
    assert found["anna"]["status"] == "audited", found
    assert found["nobody"]["reason"] == "the keyring has no entry “nobody” of the service “ckaudit”"
    assert found["nobody"]["hint"] == "Store the key with `keyring set ckaudit nobody`."
    assert found["locked"]["reason"] == "the keyring cannot be read (RuntimeError)"
    assert KEY not in ran.out + ran.err + (tmp_path / "out/fleet.json").read_text()


def test_a_history_shows_what_changed_since_the_audit_before(tmp_path: Path) -> None:
    path = snapshots(tmp_path, "a", "b")
    arguments = ("fleet", path, "-o", "out", "--history", "kept", "--format", "json")
    first = json.loads(run(*arguments, "--now", "2026-11-19", cwd=tmp_path).out)
    assert [row["change"] for row in first["accounts"]] == [None, None]
    (tmp_path / "clients/b/automations.yaml").write_text("version: 1\nautomations: []\n")
    second = {row["name"]: row for row in json.loads(run(*arguments, "--now", "2026-11-20", cwd=tmp_path).out)["accounts"]}
    assert second["a"]["change"]["since"] == "2026-11-19T00:00:00Z"
    assert (second["a"]["change"]["new"], second["a"]["change"]["fixed"]) == (0, 0)
    assert second["b"]["change"]["fixed"] > 0
    assert len(list((tmp_path / "kept/a").iterdir())) == 2
    assert "19 November 2026" in (tmp_path / "out/index.html").read_text()
    text = run("fleet", path, "--history", "kept", "--now", "2026-11-20", cwd=tmp_path).out
    assert "What changed:\n  b: " in text


# -- as a gate ------------------------------------------------------------------------------------------------------------------

GATE = re.search(r"^```sh\n(.*?)^```$", (ROOT / "docs" / "fleet.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)


def gate(folder: Path, *, only: str = "") -> subprocess.CompletedProcess[str]:
    """The recipe of the documentation: the part that makes the baselines, or the part that every change runs."""
    assert GATE
    first, second = GATE[1].split("# in every change")
    script = f'ckaudit() {{ {shlex.join(command())} "$@" --now {NOW}; }}\n' + (first if only == "baselines" else f"#{second}")
    return subprocess.run(["bash", "-ec", script], cwd=folder, env=environment(), capture_output=True, text=True, check=False)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_recipe_lets_what_was_there_pass_and_fails_for_what_a_change_does(tmp_path: Path) -> None:
    snapshots(tmp_path, "a", "b")
    made = gate(tmp_path, only="baselines")
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "baselines/a/baseline.json").stat().st_size < 40_000
    quiet = gate(tmp_path)
    assert quiet.returncode == 0, quiet.stderr
    assert "0 new, 0 fixed, 46 unchanged" in quiet.stdout
    edit(tmp_path / "clients/b/automations.yaml", "      - delay: 7 days\n", "")
    broken = gate(tmp_path)
    assert broken.returncode == 1, broken.stderr
    found = rows(tmp_path / "out")
    assert (found["a"]["exit_status"], found["b"]["exit_status"]) == (0, 1)
    assert (found["a"]["change"]["new"], found["b"]["change"]["new"] > 0) == (0, True)


def test_a_gate_for_many_accounts_fails_closed(tmp_path: Path) -> None:
    path = snapshots(tmp_path, "hidden", "same", "unknown")
    arguments = ("fleet", path, "-o", "out", "--baseline", "old", "--now", NOW)
    run("fleet", path, "-o", "old", "--report", "baseline.json", "--fail-on", "never", "--now", NOW, cwd=tmp_path)
    shutil.rmtree(tmp_path / "old/unknown")
    (tmp_path / "clients/hidden/automations.yaml").unlink()
    ran = run(*arguments, "--fail-on", "error", cwd=tmp_path)
    assert ran.status == 1
    assert "unknown: not in the baseline, so 23 findings count as new" in ran.out
    assert re.search(r"hidden: .*not confirmed, \d+ checks not judged any more", " ".join(ran.out.split()))
    found = rows(tmp_path / "out")
    assert {name: row["exit_status"] for name, row in found.items()} == {"hidden": 1, "same": 0, "unknown": 1}
    assert found["hidden"]["summary"]["error"] == 0
    loose = run(*arguments, "--no-fail-on-unjudged", "--only", "hidden", "--fail-on", "error", cwd=tmp_path)
    assert loose.status == 0


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"schema": "ckaudit.result/v99"}'])
def test_a_baseline_that_cannot_be_read_fails_its_account(tmp_path: Path, text: str) -> None:
    path = snapshots(tmp_path, "a", "b")
    run("fleet", path, "-o", "old", "--report", "baseline.json", "--fail-on", "never", "--now", NOW, cwd=tmp_path)
    (tmp_path / "old/a/baseline.json").write_text(text)
    ran = run("fleet", path, "-o", "out", "--baseline", "old", "--now", NOW, cwd=tmp_path)
    assert ran.status == 2
    assert {name: row["status"] for name, row in rows(tmp_path / "out").items()} == {"a": "failed", "b": "audited"}


def test_without_the_extra_the_message_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/keyring.py").write_text("raise ImportError('no')")
    path = f"{environment()['PYTHONPATH']}{os.pathsep}{tmp_path / 'lib'}"
    ran = run("fleet", fleet(tmp_path, '[account.a]\nkeyring = "a"\n'), cwd=tmp_path, PYTHONPATH=path)
    assert ran.status == 3
    assert re.search(r"install\s+'?keyring", ran.out)


@pytest.mark.parametrize("name", ["r.sarif", "gl-code-quality.json"])
def test_reports_that_point_at_lines_point_into_the_snapshot(tmp_path: Path, name: str) -> None:
    path = fleet(tmp_path, f'[account.demo]\nsnapshot = "{DEMO}"\n')
    assert run("fleet", path, "-o", "out", "--report", name, "--now", NOW, cwd=tmp_path).status == 1
    text = (tmp_path / "out/demo" / name).read_text()
    lines = {int(line) for line in re.findall(r'account\.json".{0,80}?"(?:startLine|begin)":\s*(\d+)', text, re.DOTALL)}
    assert max(lines) > 100


@pytest.mark.parametrize("names", [("report.html",), ("report.md",), ("report.html", "report.md", "r.sarif")])
def test_reports_for_readers_show_no_folder_of_the_operator(tmp_path: Path, names: tuple[str, ...]) -> None:
    path = snapshots(tmp_path, "ada")
    manifest = tmp_path / "clients" / "ada" / "automations.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("complete: true", "complete: false"), "utf-8")
    assert run("fleet", path, "-o", "out", *(part for name in names for part in ("--report", name)), "--now", NOW, cwd=tmp_path).status == 1
    for name in names[:2]:
        text = (tmp_path / "out" / "ada" / name).read_text("utf-8")
        assert "automations.yaml" in text
        assert "clients/" not in text


@pytest.mark.parametrize("name", ["report.html", "report.md", "r.sarif", "junit.xml", "gl-code-quality.json", "plan.csv", "result.json"])
def test_a_fleet_s_report_is_the_one_scan_writes(tmp_path: Path, name: str) -> None:
    snapshots(tmp_path, "ada")
    run("fleet", "fleet.toml", "-o", "out", "--report", name, "--now", NOW, cwd=tmp_path)
    run("scan", "clients/ada", "-o", name, "--now", NOW, cwd=tmp_path)
    assert (tmp_path / "out" / "ada" / name).read_bytes() == (tmp_path / name).read_bytes()


def test_a_report_that_cannot_be_written_leaves_the_others_and_the_row(tmp_path: Path) -> None:
    path = snapshots(tmp_path, "ada")
    (tmp_path / "out" / "ada" / "report.html").mkdir(parents=True)
    ran = run("fleet", path, "-o", "out", "--report", "report.html", "--report", "plan.csv", "--now", NOW, cwd=tmp_path)
    row = rows(tmp_path / "out")["ada"]
    assert (ran.status, row["status"], list(row["reports"])) == (3, "audited", ["plan.csv"])
    assert "report.html" in row["reason"]
    assert row["summary"]["error"] > 0


def test_an_account_s_own_configuration_counts_and_is_named(tmp_path: Path) -> None:
    path = snapshots(tmp_path, "ada", "ben")
    (tmp_path / "ckaudit.toml").write_text('select = ["CK101"]\n')
    (tmp_path / "clients" / "ada" / "ckaudit.toml").write_text('select = ["CK401"]\n')
    ran = run("fleet", path, "-o", "out", "--now", NOW, cwd=tmp_path)
    assert "Configuration: clients/ada/ckaudit.toml (“ada”)" in ran.err
    assert "Configuration: ckaudit.toml (“ben”)" in ran.err
    assert [rule["rule"] for rule in rows(tmp_path / "out")["ada"]["rules"]] == ["CK401"]


def test_a_pdf_that_cannot_be_made_is_said_first_and_the_rest_is_written(tmp_path: Path) -> None:
    path = snapshots(tmp_path, "ada")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "weasyprint.py").write_text("raise ImportError('no')")
    more = f"{environment()['PYTHONPATH']}{os.pathsep}{tmp_path / 'lib'}"
    ran = run("fleet", path, "-o", "out", "--report", "r.pdf", "--report", "plan.csv", "--now", NOW, cwd=tmp_path, PYTHONPATH=more)
    assert ran.status == 2
    assert ran.err.startswith("error: r.pdf will not be written")
    assert list(rows(tmp_path / "out")["ada"]["reports"]) == ["plan.csv"]


@pytest.mark.parametrize(("fail_on", "status"), [("never", 0), ("error", 1), ("info", 1)])
def test_junit_files_of_a_fleet_agree_with_its_status(tmp_path: Path, fail_on: str, status: int) -> None:
    snapshots(tmp_path, "ada")
    (tmp_path / "ckaudit.toml").write_text(f'fail_on = "{fail_on}"\n')
    ran = run("fleet", "fleet.toml", "-o", "out", "--report", "junit.xml", "--now", NOW, cwd=tmp_path)
    run("scan", "clients/ada", "-o", "junit.xml", "--now", NOW, cwd=tmp_path)
    made = (tmp_path / "out" / "ada" / "junit.xml").read_bytes()
    assert made == (tmp_path / "junit.xml").read_bytes()
    assert (ran.status, b"<failure" in made) == (status, status == 1)
