"""The generative models playground: `streamlit run app.py`."""

import os

# Spinning threads cost every visitor about 100 ms a rerun; this must stand before numpy and torch load.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from pages.components.routes import ROUTES
from pages.components.serving import address
from pages.components.serving.entrance import ENTRANCES
from pages.labs import LABS


def main() -> None:
    """Choose and run a page."""
    st.set_page_config(page_title="Generative models playground", page_icon="pages/icon.png", layout="wide")
    pages = [
        st.Page("pages/home/lab.py", title="Overview", icon=":material/account_tree:", default=True),
        *(st.Page(lab.script, url_path=lab.folder, title=lab.title, icon=f":material/{lab.icon}:") for lab in LABS),
    ]
    page = st.navigation(pages, position="top")
    address.begin()
    page.run()


if __name__ == "__main__":  # a session's run of this script, and AppTest's
    main()
else:  # `streamlit run` imports the module once, for the server
    # Until a session has called st.navigation, Streamlit takes pages/ for its older kind of multi-page app, and a
    # copied link that is the first visit to a new server would open a page without this frame.
    PagesManager.uses_pages_directory = False
    app = st.App(__file__, routes=[*ENTRANCES, *ROUTES])
