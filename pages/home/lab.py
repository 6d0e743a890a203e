"""The overview: the taxonomy of generative models, with a way into every lab that stands."""

import streamlit as st

from pages.home.taxonomy import taxonomy
from pages.labs import BY_FOLDER, LABS

st.title("See generative models work", anchor=False)
st.markdown(
    "Every generative model is asked the same three questions: **estimate** the model that best matches the data, "
    "**evaluate** the density it gives a point, **sample** new points. Not all answer all three: below is who does."
)
with st.container(horizontal=True, gap="small"):
    for lab in LABS:
        st.page_link(lab.script, label=f"**{lab.invitation}**", icon=f":material/{lab.invitation_icon}:")
family = taxonomy()
if family:
    st.switch_page(BY_FOLDER[family].script)
