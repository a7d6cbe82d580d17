"""A pull over HTTP: the fewest requests, inside the limit, every refusal a status and every fault survivable."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from ckaudit.kit.credentials import Credential, CredentialKind
from ckaudit.kit.http import DEFAULT_API_URL
from ckaudit.model.account import BadObject, SectionName, SectionState, SectionStatus
from ckaudit.model.errors import (
    CredentialsError,
    ExitStatus,
    KitRefusedError,
    KitUnreachableError,
    RateLimitedError,
    SnapshotError,
    UsageError,
)
from ckaudit.sources.live import NOT_FOR_KEYS, Pulled, pull
from ckaudit.sources.snapshot import read_snapshot, snapshot_bytes
from tests.fake_kit.accounts import CANARIES, account, big, from_snapshot, sample, sequence, tag
from tests.fake_kit.app import KEY, TOKEN, FakeKit
from tests.fake_kit.clock import Clock
from tests.fake_kit.faults import Fault, after, always, first
from tests.fake_kit.server import Served

LIST_REQUESTS = 12
PATHS = {
    SectionName.TAGS: "/v4/tags",
    SectionName.FORMS: "/v4/forms",
    SectionName.SEQUENCES: "/v4/sequences",
    SectionName.CUSTOM_FIELDS: "/v4/custom_fields",
    SectionName.SNIPPETS: "/v4/snippets",
    SectionName.WEBHOOKS: "/v4/webhooks",
    SectionName.WEBHOOK_ENDPOINTS: "/v4/webhook_endpoints",
    SectionName.SEGMENTS: "/v4/segments",
    SectionName.EMAIL_TEMPLATES: "/v4/email_templates",
    SectionName.BROADCASTS: "/v4/broadcasts",
}


class Recorder:
    """Progress as a list."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int, float]] = []

    def update(self, done: int, expected: int, seconds_left: float) -> None:
        self.seen.append((done, expected, seconds_left))


def pull_from(kit: Served, clock: Clock, key: Credential, folder: Path | None = None) -> Pulled:
    return pull(key, api_url=kit.url, folder=folder, timing=clock.timing)


def test_everything_of_an_account_is_read(kit: Served, clock: Clock, key: Credential) -> None:
    pulled = pull_from(kit, clock, key)
    assert pulled.problem is None
    assert pulled.account.info is not None
    assert pulled.account.info.id == 27
    assert [item.name for item in pulled.account.tags] == ["Customer", "AA: create login", "Größe 日本 🎉 \u202etag"]
    assert [item.archived for item in pulled.account.forms] == [False, True, False]
    assert [item.id for item in pulled.account.sequence_emails] == [61, 62, 63]
    assert [item.content is not None for item in pulled.account.sequence_emails] == [True] * 3
    assert [item.archived for item in pulled.account.snippets] == [False, True]
    assert all(item.body for item in pulled.account.snippets)
    assert all(item.subscriber_count is not None for item in (*pulled.account.tags, *pulled.account.forms))
    assert all(item.stats is not None for item in pulled.account.sequences)
    assert len(pulled.account.webhooks) == 4
    assert len(pulled.account.webhook_endpoints) == 1
    assert len(pulled.account.broadcasts) == 2
    assert pulled.account.complete(*SectionName)


@pytest.mark.parametrize("sequences", [0, 1, 40])
def test_a_pull_takes_one_request_per_list_and_sequence(kit: Served, clock: Clock, key: Credential, sequences: int) -> None:
    kit.kit = FakeKit(big(tags=900, sequences=sequences) | {"_open": ("/v4/webhook_endpoints",)})
    pulled = pull_from(kit, clock, key)
    assert pulled.requests == kit.kit.count() == 1 + LIST_REQUESTS + sequences
    assert len({(seen.path, seen.raw_query) for seen in kit.kit.seen}) == kit.kit.count()
    assert pulled.account.complete(SectionName.SEQUENCE_EMAILS)
    assert clock.slept == []


def test_the_demo_account_read_over_http_is_the_demo_snapshot(kit: Served, clock: Clock, key: Credential) -> None:
    demo = Path(__file__).parents[2] / "examples" / "demo" / "account.json"
    kit.kit = FakeKit(from_snapshot(demo))
    assert snapshot_bytes(pull_from(kit, clock, key).account) == demo.read_bytes()


def test_only_get_is_ever_sent(kit: Served, clock: Clock, key: Credential) -> None:
    pull_from(kit, clock, key)
    assert set(kit.kit.methods()) == {"GET"}


def test_further_pages_are_read_and_joined(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = FakeKit(big(tags=7, sequences=2, emails_each=3), largest_page=2)
    pulled = pull_from(kit, clock, key)
    assert [item.id for item in pulled.account.tags] == list(range(1, 8))
    assert [item.id for item in pulled.account.sequence_emails] == [10, 11, 12, 20, 21, 22]
    assert kit.kit.count("/v4/tags") == 4
    assert kit.kit.count("/v4/sequences/1/emails") == 2


def test_two_pulls_of_one_account_give_the_same_bytes(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    one = pull_from(kit, clock, key, tmp_path / "one").snapshot
    other = pull_from(kit, clock, key, tmp_path / "other").snapshot
    assert one is not None
    assert other is not None
    assert one.read_bytes() == other.read_bytes()
    assert {path.name for path in (tmp_path / "one").iterdir()} == {"account.json", "counts.json", "reading.json"}


def test_a_snapshot_read_back_is_the_account_that_was_pulled(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    pulled = pull_from(kit, clock, key, tmp_path)
    assert read_snapshot(tmp_path) == pulled.account


def test_a_pull_beyond_the_limit_is_paced_and_never_refused(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = FakeKit(big(sequences=300) | {"_open": ("/v4/webhook_endpoints",)}, clock=clock.now)
    pulled = pull_from(kit, clock, key)
    assert pulled.requests == 313
    assert set(kit.kit.statuses()) == {200}
    assert 120 <= clock.time - 1000 <= 120 * 1.05


def test_an_oauth_token_has_a_larger_window(kit: Served, clock: Clock) -> None:
    kit.kit = FakeKit(big(sequences=130), limit=600, clock=clock.now)
    pulled = pull_from(kit, clock, Credential(CredentialKind.OAUTH, TOKEN))
    assert pulled.problem is None
    assert clock.slept == []


def test_another_program_on_the_same_key_only_costs_time(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = FakeKit(big(sequences=20) | {"_open": ("/v4/webhook_endpoints",)}, limit=10, clock=clock.now)
    pulled = pull_from(kit, clock, key)
    assert pulled.problem is None
    assert pulled.account.complete(*SectionName)
    assert kit.kit.statuses()[429] > 0


def test_a_wrong_key_costs_one_request_and_says_what_may_be_wrong(kit: Served, clock: Clock, tmp_path: Path) -> None:
    pulled = pull_from(kit, clock, Credential(CredentialKind.KEY, "wrong-canary-key"), tmp_path)
    assert isinstance(pulled.problem, CredentialsError)
    assert pulled.problem.exit_status is ExitStatus.INCOMPLETE
    assert pulled.requests == kit.kit.count() == 1
    assert "plan has no API access" in str(pulled.problem)
    assert "wrong-canary-key" not in str(pulled.problem)
    assert pulled.account.state(SectionName.ACCOUNT).status is SectionStatus.REFUSED
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [403, 404])
def test_an_account_that_is_refused_ends_the_pull_with_a_next_step(kit: Served, clock: Clock, key: Credential, status: int) -> None:
    kit.kit = FakeKit(sample(), refuse={"/v4/account": status})
    pulled = pull_from(kit, clock, key)
    assert isinstance(pulled.problem, KitRefusedError)
    assert "API address" in pulled.problem.hint
    assert pulled.requests == 1


def test_webhook_endpoints_refused_to_a_key_are_a_status_and_no_failure(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = FakeKit({**sample(), "_open": ()})
    pulled = pull_from(kit, clock, key)
    assert pulled.problem is None
    assert pulled.account.state(SectionName.WEBHOOK_ENDPOINTS) == SectionState(
        SectionStatus.REFUSED, "Kit usually refuses webhook endpoints to API keys; that is no fault of the key"
    )
    assert pulled.account.complete(*(name for name in SectionName if name is not SectionName.WEBHOOK_ENDPOINTS))


@pytest.mark.parametrize("status", [401, 403, 404, 422])
@pytest.mark.parametrize("section", PATHS)
def test_any_section_may_be_refused(kit: Served, clock: Clock, key: Credential, section: SectionName, status: int) -> None:
    kit.kit = FakeKit(sample(), refuse={PATHS[section]: status})
    pulled = pull_from(kit, clock, key)
    assert pulled.problem is None
    state = pulled.account.state(section)
    assert state.status is SectionStatus.REFUSED
    usual = section is SectionName.WEBHOOK_ENDPOINTS and status == 401
    assert (NOT_FOR_KEYS if usual else f"Kit answered {status} to GET {PATHS[section]}") in (state.reason or "")
    assert kit.kit.count(PATHS[section]) == 1
    others = set(SectionName) - {section} - ({SectionName.SEQUENCE_EMAILS} if section is SectionName.SEQUENCES else set())
    assert pulled.account.complete(*others)
    if section is SectionName.SEQUENCES:
        assert pulled.account.state(SectionName.SEQUENCE_EMAILS).status is SectionStatus.SKIPPED


def test_e_mails_of_one_sequence_refused_leave_the_section_partial(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = FakeKit(sample(), refuse={"/v4/sequences/5/emails": 404})
    pulled = pull_from(kit, clock, key)
    assert pulled.problem is None
    state = pulled.account.state(SectionName.SEQUENCE_EMAILS)
    assert state.status is SectionStatus.PARTIAL
    assert (state.reason or "").startswith("The emails of 1 of 3 sequences could not be read. Kit answered 404")
    assert [item.id for item in pulled.account.sequence_emails] == [63]


def test_e_mails_of_every_sequence_refused_make_the_section_refused(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = FakeKit(sample(), refuse={f"/v4/sequences/{number}/emails": 403 for number in (5, 6, 7)})
    assert pull_from(kit, clock, key).account.state(SectionName.SEQUENCE_EMAILS).status is SectionStatus.REFUSED


def test_a_section_that_stays_broken_is_skipped_and_the_rest_is_kept(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    kit.kit = FakeKit(sample(), faults=always(Fault.ERROR_500, "/v4/snippets"))
    pulled = pull_from(kit, clock, key, tmp_path)
    assert isinstance(pulled.problem, KitUnreachableError)
    assert pulled.problem.exit_status is ExitStatus.INCOMPLETE
    assert pulled.account.state(SectionName.SNIPPETS).status is SectionStatus.SKIPPED
    assert pulled.account.complete(*(name for name in SectionName if name is not SectionName.SNIPPETS))
    assert pulled.snapshot is None
    assert [path.name for path in tmp_path.iterdir()] == ["pull.partial.jsonl"]


def test_broken_e_mails_do_not_use_up_a_budget_per_sequence(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = FakeKit(big(sequences=60))
    broken = {f"/v4/sequences/{number}/emails" for number in range(1, 61)}
    kit.kit.faults = lambda _number, path: Fault.HTML_502 if path in broken else None
    pulled = pull_from(kit, clock, key)
    assert isinstance(pulled.problem, KitUnreachableError)
    assert kit.kit.count() <= 1 + LIST_REQUESTS + 10 * 7
    assert pulled.account.state(SectionName.SEQUENCE_EMAILS).status is SectionStatus.SKIPPED
    assert pulled.account.complete(SectionName.TAGS, SectionName.BROADCASTS)


def test_a_list_broken_off_in_the_middle_is_partial_and_keeps_its_beginning(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = FakeKit(big(tags=6), largest_page=2)
    kit.kit.faults = lambda _number, path: Fault.TEXT_200 if path == "/v4/tags" and kit.kit.count("/v4/tags") > 2 else None
    pulled = pull_from(kit, clock, key)
    assert isinstance(pulled.problem, KitUnreachableError)
    assert pulled.account.state(SectionName.TAGS).status is SectionStatus.PARTIAL
    assert [item.id for item in pulled.account.tags] == [3, 4, 5, 6]


@pytest.mark.parametrize("fault", [Fault.REPEATED_CURSOR, Fault.NULL_CURSOR])
def test_a_list_without_an_end_is_never_called_complete(kit: Served, clock: Clock, key: Credential, fault: Fault) -> None:
    kit.kit = FakeKit(big(tags=3), faults=always(fault, "/v4/tags"))
    pulled = pull_from(kit, clock, key)
    assert pulled.account.state(SectionName.TAGS).status is SectionStatus.PARTIAL
    assert isinstance(pulled.problem, KitUnreachableError)
    assert len(pulled.account.tags) == 3


@pytest.mark.parametrize(
    ("fault", "kind", "requests"),
    [
        (Fault.RESET, KitUnreachableError, 3),
        (Fault.HTML_502, KitUnreachableError, 3),
        (Fault.TEXT_200, KitUnreachableError, 3),
        (Fault.REDIRECT, KitUnreachableError, 1),
        (Fault.TOO_MANY, RateLimitedError, 6),
    ],
)
def test_a_kit_that_never_answers_ends_the_pull_soon(
    kit: Served, clock: Clock, key: Credential, fault: Fault, kind: type[Exception], requests: int
) -> None:
    kit.kit = FakeKit(sample(), faults=always(fault))
    pulled = pull_from(kit, clock, key)
    assert isinstance(pulled.problem, kind)
    assert pulled.requests == requests
    assert all(pulled.account.state(name).status is SectionStatus.SKIPPED for name in SectionName)
    assert all(pulled.account.state(name).reason for name in SectionName)


def test_a_kit_that_goes_away_in_the_middle_leaves_what_was_read(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = FakeKit(big(tags=5, sequences=50), faults=after(30, Fault.RESET))
    pulled = pull_from(kit, clock, key)
    assert isinstance(pulled.problem, KitUnreachableError)
    assert pulled.account.complete(SectionName.TAGS)
    assert 0 < len(pulled.account.sequence_emails) < 50
    assert pulled.account.state(SectionName.SEQUENCE_EMAILS).status is SectionStatus.PARTIAL
    assert clock.time - 1000 < 200


def test_a_bad_object_is_reported_and_ends_nothing(kit: Served, clock: Clock, key: Credential) -> None:
    letter = {"id": 1, "sequence_id": 3, "position": None, "subject": [7]}
    kit.kit = FakeKit(account() | {"tags": [tag(1), {"id": 2}], "sequences": [sequence(3)], "emails": [letter]})
    pulled = pull_from(kit, clock, key)
    assert pulled.problem is None
    assert pulled.account.bad_objects == (
        BadObject("tags[0]", "Object missing required field name"),
        BadObject("sequence_emails[3][0].subject", "Expected str | null, got array", id=1),
    )
    assert [item.id for item in pulled.account.sequence_emails] == [1]
    assert pulled.account.complete(SectionName.SEQUENCE_EMAILS)
    reason = "1 of 2 tags could not be read, first tags[0]: Object missing required field name"
    assert pulled.account.state(SectionName.TAGS) == SectionState(SectionStatus.PARTIAL, reason)


def test_progress_counts_up_to_what_is_expected(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = FakeKit(big(tags=5, sequences=200), largest_page=2, clock=clock.now)
    progress = Recorder()
    pull(key, api_url=kit.url, timing=clock.timing, progress=progress)
    done = [step[0] for step in progress.seen]
    assert done == list(range(1, len(done) + 1))
    assert all(step[0] <= step[1] for step in progress.seen)
    assert progress.seen[-1][0] + 1 == progress.seen[-1][1], "the refused webhook endpoints are expected but bring no page"
    assert max(step[2] for step in progress.seen) > 60
    assert progress.seen[-1][2] <= 61


def test_a_snapshot_of_another_account_is_not_replaced(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    pull_from(kit, clock, key, tmp_path)
    before = (tmp_path / "account.json").read_bytes()
    kit.kit = FakeKit({**sample(), "account": account(31)["account"]})
    with pytest.raises(SnapshotError, match="account 27, and this is account 31") as caught:
        pull_from(kit, clock, key, tmp_path)
    assert "another folder" in caught.value.hint
    assert kit.kit.count() == 1
    assert (tmp_path / "account.json").read_bytes() == before


@pytest.mark.parametrize("text", ["", "{}", "my notes"])
def test_a_file_that_is_no_snapshot_is_not_replaced(kit: Served, clock: Clock, key: Credential, tmp_path: Path, text: str) -> None:
    (tmp_path / "account.json").write_text(text)
    with pytest.raises(SnapshotError, match="not a snapshot"):
        pull_from(kit, clock, key, tmp_path)
    assert (tmp_path / "account.json").read_text() == text


def test_a_snapshot_of_the_same_account_is_replaced(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    pull_from(kit, clock, key, tmp_path)
    kit.kit = FakeKit(sample() | {"tags": []})
    assert read_snapshot(tmp_path).tags
    pull_from(kit, clock, key, tmp_path)
    assert read_snapshot(tmp_path).tags == ()


def test_a_failed_pull_leaves_the_older_snapshot_alone(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    pull_from(kit, clock, key, tmp_path)
    before = (tmp_path / "account.json").read_bytes()
    kit.kit = FakeKit(sample() | {"tags": []}, faults=after(6, Fault.RESET))
    assert pull_from(kit, clock, key, tmp_path).problem
    assert (tmp_path / "account.json").read_bytes() == before


def test_a_credential_is_not_sent_in_the_clear(key: Credential) -> None:
    with pytest.raises(UsageError, match="in the clear"):
        pull(key, api_url="http://api.kit.com")
    assert DEFAULT_API_URL == "https://api.kit.com"


def test_no_secret_and_no_person_comes_out(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    texts = []
    for number, faults in enumerate([first(0, Fault.RESET), after(9, Fault.HTML_502), always(Fault.ERROR_500, "/v4/webhooks")]):
        kit.kit = FakeKit(sample(), faults=faults)
        pulled = pull_from(kit, clock, key, tmp_path / str(number))
        texts += [repr(pulled), str(pulled.problem), snapshot_bytes(pulled.account).decode()]
    kit.kit = FakeKit(sample(), refuse={"/v4/webhooks": 403})
    texts += [repr(pull_from(kit, clock, key)), repr(pull_from(kit, clock, Credential(CredentialKind.KEY, "canary-wrong")))]
    texts += [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    out, err = capfd.readouterr()
    everything = "\n".join([*texts, caplog.text, out, err])
    assert "pull.partial.jsonl" in [path.name for path in tmp_path.rglob("*")]
    assert [canary for canary in (*CANARIES, KEY, "canary-wrong") if canary in everything] == []


def test_the_number_of_subscribers_is_one_request_and_nobody_is_read(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    people = [{"id": number, "state": "active", "email_address": f"canary{number}@private.example"} for number in range(1340)]
    kit.kit = FakeKit(sample() | {"subscribers": people})
    pulled = pull_from(kit, clock, key, tmp_path)
    assert kit.kit.count("/v4/subscribers") == 1
    assert pulled.account.info is not None
    assert pulled.account.info.subscriber_count == 1340
    assert read_snapshot(tmp_path).info == pulled.account.info
    assert b"canary" not in (tmp_path / "account.json").read_bytes()


def test_a_refused_number_of_subscribers_is_named_with_its_path_and_asked_once(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = FakeKit(sample(), refuse={"/v4/subscribers": 403})
    account = pull_from(kit, clock, key).account
    assert [item.path for item in account.bad_objects] == ["account.subscriber_count"]
    assert account.state(SectionName.ACCOUNT).status is SectionStatus.COMPLETE
    assert kit.kit.count("/v4/subscribers") == 1


def test_a_number_that_kit_does_not_give_is_unknown(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = FakeKit(sample(), counts=False)
    account = pull_from(kit, clock, key).account
    assert account.info is not None
    assert account.info.subscriber_count is None
    assert account.bad_objects[0].reason == "Kit does not say how many subscribers there are"


def test_a_number_that_stays_unreachable_ends_the_pull_resumably(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    kit.kit = FakeKit(sample(), faults=always(Fault.ERROR_500, "/v4/subscribers"))
    assert pull_from(kit, clock, key, tmp_path).problem is not None
    kit.kit = FakeKit(sample())
    assert pull_from(kit, clock, key, tmp_path).problem is None
    assert kit.kit.count("/v4/subscribers") == 1
