"""The GAN lab: watch the game between a generator and a discriminator, in the plane and on digits."""

from __future__ import annotations

from pages.tabs import compare, digits, game
from pages.widgets.open_tabs import open_tabs

TABS = {"Plane": game, "Compare": compare, "Digits": digits}

open_tabs("gan", TABS)
