"""What the server answers beside Streamlit: scripts, files and feeds of the components, and plotly.js."""

from __future__ import annotations

from starlette.routing import Route

from pages.components import live
from pages.components.live_figure import steps
from pages.components.serving import feeds, files, modules, plotly

# The browser asks for what lies beside its page. Any prefix matches, since Streamlit puts `server.baseUrlPath` before
# its own routes only and a proxy may add a prefix of its own.
ROUTES = [
    Route(f"/{{prefix:path}}{plotly.PLOTLY_FILE}", plotly.serve_plotly),
    Route(f"/{{prefix:path}}{modules.PATH}{{version:str}}/{{name:path}}", modules.serve_module),
    Route(f"/{{prefix:path}}{files.PATH}{{name:str}}", files.serve_file),
    Route(f"/{{prefix:path}}{feeds.PATH}{{token:str}}", feeds.serve_feed),
    Route(f"/{{prefix:path}}{live.PATH}{{token:str}}", live.serve_live),
    Route(f"/{{prefix:path}}{steps.PATH}{{token:str}}", steps.serve_step),
]
