"""The GAN lab: watch the game between a generator and a discriminator, in the plane and on digits."""

from __future__ import annotations

from pages.adversarial.compare import tab as compare
from pages.adversarial.digits import tab as digits
from pages.adversarial.plane import tab as plane
from pages.shared.open_tabs import open_tabs

TABS = {"Plane": plane, "Compare": compare, "Digits": digits}

open_tabs("gan", TABS)
