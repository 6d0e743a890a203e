"""The table of labs: the app's navigation and the overview are made from it, and nothing else names a lab."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lab:
    """Describe a lab: the folder in pages/, which is also its address; title and icon in the navigation; invitation.

    `invitation` is what the overview's button says, with an icon of its own.
    """

    folder: str
    title: str
    icon: str
    invitation: str
    invitation_icon: str

    @property
    def script(self) -> str:
        """Path of the lab's page, as Streamlit names it."""
        return f"pages/{self.folder}/lab.py"


LABS = (
    Lab("density", "Density", "scatter_plot", "Draw points and fit densities", "draw"),
    Lab("divergence", "Divergence", "compare_arrows", "Fit by KL, reverse KL or JS", "compare_arrows"),
    Lab("latent", "Latent", "blur_on", "Watch a digit manifold form", "blur_on"),
    Lab("style_transfer", "Style transfer", "style", "Write a digit, keep its style", "style"),
    Lab("adversarial", "GAN", "swords", "Play a GAN's game", "swords"),
)
BY_FOLDER = {lab.folder: lab for lab in LABS}
