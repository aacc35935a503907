"""What a message means, without a connection."""

from __future__ import annotations

import json

import paho.mqtt.client as paho
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import BadFrame
from devices.topics import BellEventPayload, CafePayload, Matcher, Routes, matches, parse, reachable

LEVELS = st.lists(st.sampled_from(["a", "b", "", "$SYS", "가"]), min_size=1, max_size=4).map("/".join).filter(bool)
FILTERS = st.lists(st.sampled_from(["a", "b", "+", "", "가"]), min_size=1, max_size=4).map("/".join).filter(bool)


@given(topic_filter=st.one_of(FILTERS, FILTERS.map(lambda name: f"{name}/#"), st.just("#")), topic=LEVELS)
def test_filters_match_as_the_library_s_matcher_says(topic_filter: str, topic: str) -> None:
    """Our matching agrees with an independent implementation of section 4.7."""
    assert matches(topic_filter, topic) == paho.topic_matches_sub(topic_filter, topic)


def test_routes_find_exact_and_wildcard_handlers() -> None:
    """A topic reaches every handler whose filter it matches, and a filter added later counts too."""
    routes: Routes[str] = Routes()
    routes.add("a/b", "exact")
    assert routes.find("a/b") == ("exact",)
    routes.add("a/+", "wild")
    assert routes.find("a/b") == ("exact", "wild")
    assert routes.filters() == ("a/b", "a/+")


def test_routes_forget_topics_before_they_fill_the_memory() -> None:
    """A flood of new topics does not grow the look-up without end."""
    routes: Routes[str] = Routes()
    routes.add("t/#", "all")
    assert all(routes.find(f"t/{number}") == ("all",) for number in range(10_000))
    assert len(routes._met) <= 4096


@pytest.mark.parametrize(
    ("matcher", "payload", "word"),
    [
        (Matcher(topic="t"), b"ON", "ON"),
        (Matcher(topic="t", values={"ON": "on"}), b" ON ", "on"),
        (Matcher(topic="t", values={"ON": "on"}), b"BLINK", None),
        (Matcher(topic="t", key="action", values={"emergency": "press"}), b'{"action":"emergency"}', "press"),
        (Matcher(topic="t", key="sos"), b'{"sos":true}', "true"),
        (Matcher(topic="t", key="params.switch:0.output"), b'{"params":{"switch:0":{"output":false}}}', "false"),
        (Matcher(topic="t", key="a.b"), b'{"a.b":1}', "1"),
        (Matcher(topic="t", key="a"), b"not json", None),
        (Matcher(topic="t", key="a"), b"[" * 100_000, None),
    ],
)
def test_a_matcher_reads_text_or_a_dotted_key(matcher: Matcher, payload: bytes, word: str | None) -> None:
    """Whole text, one value of a JSON document, or nothing."""
    assert matcher.read(payload) == word


@given(payload=st.binary(max_size=200), key=st.one_of(st.none(), st.text(max_size=10)))
def test_no_bytes_break_a_matcher(payload: bytes, key: str | None) -> None:
    """Whatever comes, the answer is a short text or nothing."""
    word = Matcher(topic="t", key=key).read(payload)
    assert word is None or len(word) <= 200


@given(
    document=st.dictionaries(
        st.sampled_from(["v", "id", "at", "battery", "tamper", "more"]),
        st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), st.lists, max_leaves=3),
    )
)
def test_nothing_odd_costs_a_press(document: dict[str, object]) -> None:
    """An event of type press is read as one, whatever stands beside its type."""
    event = parse(BellEventPayload, json.dumps(document | {"type": "press"}).encode())
    assert event.type == "press"
    assert event.at is None or event.at.tzinfo is not None


def test_a_payload_that_is_not_ours_names_its_first_mistake() -> None:
    """A café that reports levels as a number is told which field is wrong."""
    with pytest.raises(BadFrame, match="levels"):
        parse(CafePayload, b'{"v":1,"levels":5}')


@pytest.mark.parametrize(("word", "here"), [("Online", True), ("offline", False), ("booting", None), (None, None)])
def test_availability_words_of_several_makers(word: str | None, here: bool | None) -> None:
    """Here, gone, or a word that says neither."""
    assert reachable(word) is here
