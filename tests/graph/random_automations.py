"""Random automations for property tests, as hypothesis strategies."""

from __future__ import annotations

from hypothesis import strategies as st

from ckaudit.graph.nodes import SequenceTiming
from ckaudit.model.automations import Automation
from ckaudit.model.refs import Key, Kind, Ref
from ckaudit.model.steps import AddTag, Delay, Enrol, Event, EventPath, Events, Exit, If, RemoveTag, Split, SplitPath, Test
from ckaudit.model.triggers import Trigger, TriggerKind

TAGS = ("a", "b", "c")
# name -> (planned seconds, lets go)
SEQUENCES = {"instant": (0, True), "an hour": (3600, True), "two days": (172800, True), "holds": (0, False), "stopped": (86400, False)}


def timing(key: Key) -> SequenceTiming:
    """How long the sequences of these automations take."""
    planned, passes = SEQUENCES[str(key.id)]
    return SequenceTiming(planned, passes)


def tag(name: str) -> Ref:
    return Ref(Kind.TAG, name)


tags = st.sampled_from(TAGS).map(tag)
triggers = st.one_of(
    st.builds(Trigger, kind=st.just(TriggerKind.TAG_ADDED), ref=tags),
    st.builds(Trigger, kind=st.just(TriggerKind.DATE), value=st.just("2027-01-01")),
)
delays = st.sampled_from((300, 43200, 86400, 604800)).map(lambda seconds: Delay(seconds=seconds, text=f"{seconds} s"))
simple = st.one_of(
    st.builds(AddTag, tag=tags),
    st.builds(RemoveTag, tag=tags),
    st.sampled_from(tuple(SEQUENCES)).map(lambda name: Enrol(sequence=Ref(Kind.SEQUENCE, name))),
    delays,
    st.builds(Event, trigger=triggers),
)


def blocks(steps: st.SearchStrategy[tuple[object, ...]]) -> st.SearchStrategy[object]:
    with_exit = st.one_of(steps, steps.map(lambda inner: (*inner, Exit())))
    paths = st.lists(st.builds(SplitPath, tag=tags, steps=with_exit), min_size=1, max_size=2)
    otherwise = st.one_of(st.just([]), st.builds(lambda inner: [SplitPath(tag=None, steps=inner)], with_exit))
    return st.one_of(
        st.builds(If, test=st.builds(Test, kind=st.just("tag"), ref=tags), then=with_exit, otherwise=with_exit),
        st.builds(lambda named, rest: Split(paths=(*named, *rest)), paths, otherwise),
        st.lists(st.builds(EventPath, trigger=triggers, steps=with_exit), min_size=1, max_size=2).map(
            lambda sides: Events(paths=tuple(sides))
        ),
    )


_leaf = st.lists(simple, max_size=3).map(tuple)
_nested = st.lists(st.one_of(simple, blocks(_leaf)), max_size=3).map(tuple)
chains = st.lists(st.one_of(simple, simple, blocks(_nested)), min_size=1, max_size=5).map(tuple)
automations = st.builds(
    Automation,
    name=st.just("Random"),
    entries=st.lists(st.builds(Trigger, kind=st.just(TriggerKind.TAG_ADDED), ref=tags), max_size=2).map(tuple),
    steps=chains,
)
