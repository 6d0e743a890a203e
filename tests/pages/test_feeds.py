"""Feeds answer who knows the token, from the number asked for, for as long as their owner lives."""

import json

from starlette.requests import Request

from pages.components.serving import feeds
from pages.components.serving.feeds import Feeds, serve_feed


class Owner:
    names = ("a", "b", "c")


def read(owner):
    return owner.names, len(owner.names) < 4


def asked(token, query=b""):
    scope = {"type": "http", "path_params": {"token": token}, "query_string": query, "headers": []}
    return serve_feed(Request(scope))


def test_a_feed_answers_with_what_is_new(monkeypatch):
    monkeypatch.setattr(feeds, "FEEDS", Feeds())
    owner = Owner()
    assert feeds.FEEDS.offer("secret", owner, read) == "feed-secret"
    answer = asked("secret", b"since=2")
    assert json.loads(answer.body) == {"names": ["c"], "going": True}
    assert answer.headers["cache-control"] == "no-store"
    owner.names = ("a", "b", "c", "d")
    assert json.loads(asked("secret").body) == {"names": ["a", "b", "c", "d"], "going": False}


def test_a_wrong_token_and_a_bad_number_get_nothing(monkeypatch):
    monkeypatch.setattr(feeds, "FEEDS", Feeds())
    owner = Owner()
    feeds.FEEDS.offer("secret", owner, read)
    assert asked("guess").status_code == 404
    assert asked("secret", b"since=-1").status_code == 404


def test_a_feed_ends_with_its_owner():
    kept = Feeds()
    owner = Owner()
    kept.offer("first", owner, read)
    del owner
    assert kept.read("first") is None
    other = Owner()
    kept.offer("second", other, read)
    assert kept.read("second") == (("a", "b", "c"), True)
