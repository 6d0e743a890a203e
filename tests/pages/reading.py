"""What a page says, to whoever tests it without a browser."""

import json
from html import unescape
from re import sub


def live_texts(app):
    """Return what the live words of a page say, by their keys' last parts."""
    found = {}
    for one in app.get("bidi_component"):
        if one.proto.component_name == "live_text":
            message = json.loads(one.proto.json)
            found[one.proto.id] = unescape(sub(r"<[^>]*>", " ", message["html"]))
    return found


def look(app, key):
    """Ask the feed of the tab under `key` once, as a browser does again and again."""
    return app.session_state[f"{key}.live"].answer(0)


def words(app):
    """Return all that a page says: Markdown, captions, notes, and what follows a run by itself."""
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error, app.metric)
    blocks = [f"{getattr(block, 'label', '')} {block.value}" for kind in kinds for block in kind]
    return " ".join([*blocks, *live_texts(app).values()])
