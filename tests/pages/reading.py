"""What a page says, to whoever tests it without a browser."""

import json
from html import unescape
from re import sub


def live_texts(app):
    """Return what the live words of a page say, by their keys' last parts."""
    found = messages(app, "live_text")
    return {key: unescape(sub(r"<[^>]*>", " ", message["html"])) for key, message in found.items()}


def messages(app, name):
    """Return what the components with this name have been told, by their identifiers, which end with their keys."""
    found = [one.proto for one in app.get("bidi_component") if one.proto.component_name == name]
    return {one.id: json.loads(one.json) for one in found}


def message_of(app, name, key):
    """Return what the component with this name and key has been told."""
    (found,) = [message for one, message in messages(app, name).items() if one.endswith(key)]
    return found


def look(app, key):
    """Ask the feed of the tab under `key` once, as a browser does again and again."""
    return app.session_state[f"{key}.live"].answer(0)


def words(app):
    """Return all that a page says: Markdown, captions, notes, and what follows a run by itself."""
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error, app.metric)
    blocks = [f"{getattr(block, 'label', '')} {block.value}" for kind in kinds for block in kind]
    return " ".join([*blocks, *live_texts(app).values()])
