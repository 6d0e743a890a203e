"""How an AppTest sees the numbers of a page (see pages/components/number), and sets one as the browser does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from streamlit.testing.v1 import AppTest


@dataclass(frozen=True)
class Number:
    """Hold what the browser is told of one number."""

    app: AppTest
    id: str
    told: dict[str, Any]

    @property
    def value(self) -> float:
        """The number as it is shown."""
        return self.told["value"]

    def set_value(self, value: float) -> AppTest:
        """Send what the browser sends when a person sets the number, and run the page."""
        states = self.app._tree.get_widget_states()
        message = {name: self.told[name] for name in ("revision", "sequence")} | {"value": value}
        message["sequence"] += 1
        states.widgets.add(id=self.id, json_value=json.dumps({"number": message}))
        return self.app._run(states)


def numbers(app: AppTest) -> dict[str, Number]:
    """Return the numbers that are drawn, by key."""
    found = {}
    for part in app.get("bidi_component"):
        if part.proto.component_name.split(".")[-1] == "number":
            key = part.proto.id.split("-", 2)[2].removesuffix(".number")
            found[key] = Number(app, part.proto.id, json.loads(part.proto.json))
    return found


def number_labelled(app: AppTest, label: str) -> Number:
    """Return the first number with this label."""
    return next(one for one in numbers(app).values() if one.told["label"] == label)
