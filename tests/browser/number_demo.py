"""A page for test_number.py: numbers in the open, behind a popover and in a tab, and what Python has of them."""

import time

import streamlit as st

from pages.components.number import number
from pages.components.routes import ROUTES
from pages.components.serving import address


def main() -> None:
    """Show the numbers and what they are; a run takes 0.3 s, longer than two messages of a drag lie apart."""
    address.begin()
    slow = st.toggle("Slow")
    if st.button("Set the rate to 0.5"):
        st.session_state["rate"] = 0.5
    left, _ = st.columns([1, 2])
    with left:
        rate = number(
            "Rate", "rate", default=0.01, bounds=(5e-324, 1), text="How far a step goes.", unit="s", live=True
        )
        steps = number("Steps", "steps", default=200, kind=int, bounds=(1, 1000))
        number("Fixed", "fixed", default=1.0, bounds=(0, 2), disabled=True)
    with left, st.popover("Settings"):
        k = number("Components", "k", default=3, kind=int, bounds=(1, 50), text="How many there are.")
    first, _second = st.tabs(["First", "Second"], key="tab", on_change="rerun")
    weight = None
    address.enter_tab("Second")
    if first.open:
        address.enter_tab("First")
        with first:
            weight = number("Weight", "weight", default=0.0, bounds=(-1.0, 1.0))
    if slow:
        time.sleep(0.3)
    st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    st.text(f"rate={rate!r} steps={steps!r} k={k!r} weight={weight!r} runs={st.session_state['runs']}")
    address.tidy()


if __name__ == "__main__":  # a session's run of this script
    main()
else:  # `streamlit run` imports it once, for the server
    app = st.App(__file__, routes=ROUTES)
