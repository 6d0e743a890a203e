"""The generative models playground: `streamlit run app.py`."""

import os

# Spinning BLAS threads cost every visitor about 100 ms a rerun; this must stand before numpy loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import streamlit as st  # noqa: E402

from pages.widgets.assets import ROUTES  # noqa: E402


def main() -> None:
    """Choose and run a page."""
    st.set_page_config(page_title="Generative models playground", page_icon="pages/widgets/icon.png", layout="wide")
    pages = [
        st.Page("pages/home.py", title="Overview", icon=":material/account_tree:", default=True),
        st.Page("pages/density.py", title="Density", icon=":material/scatter_plot:"),
    ]
    st.navigation(pages, position="top").run()


if __name__ == "__main__":  # a session's run of this script, and AppTest's
    main()
else:  # `streamlit run` imports the module once, for the server
    app = st.App(__file__, routes=ROUTES)
