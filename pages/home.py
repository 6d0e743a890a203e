"""The overview: the taxonomy of generative models, with a way into every lab that stands."""

import streamlit as st

from pages.widgets.taxonomy import taxonomy

st.title("See generative models work", anchor=False)
st.markdown(
    "Every generative model is asked the same three questions: **estimate** the model that best matches the data, "
    "**evaluate** the density it gives a point, **sample** new points. Not all answer all three: below is who does."
)
with st.container(horizontal=True, gap="small"):
    st.page_link("pages/density.py", label="**Draw points and fit densities**", icon=":material/draw:")
    st.page_link("pages/divergence.py", label="**Fit by KL, reverse KL or JS**", icon=":material/compare_arrows:")
    st.page_link("pages/latent.py", label="**Watch a digit manifold form**", icon=":material/blur_on:")
    st.page_link("pages/style_transfer.py", label="**Write a digit, keep its style**", icon=":material/style:")
    st.page_link("pages/adversarial.py", label="**Play a GAN's game**", icon=":material/swords:")
family = taxonomy()
if family:
    st.switch_page(f"pages/{family}.py")
