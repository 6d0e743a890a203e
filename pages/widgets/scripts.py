"""Component scripts that the browser loads once: Streamlit sends a component's inline script with every message."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pages.widgets.files import FILES

_HERE = Path(__file__).parent

# A component may be unmounted before its script has come: then it is never begun. The file lies beside the page.
_LOADER = """
const script = import(new URL("NAME", document.baseURI).href);
export default function (component) {
  let end = null;
  let over = false;
  script.then(
    (module) => { if (!over) end = module.default(component); },
    () => component.parentElement.replaceChildren("This part could not be loaded; reload the page."),
  );
  return () => { over = true; end?.(); };
}
"""


def loaded_once(names: Sequence[str]) -> str:
    """Return a component's short `js`, which loads the files `names` of this folder, joined to one module, once."""
    return script(joined(names))


def joined(names: Sequence[str]) -> str:
    """Return the files `names` of this folder as one module."""
    return "\n".join((_HERE / name).read_text("utf-8") for name in names)


def script(source: str) -> str:
    """Return the short `js` that loads the module `source` once."""
    return _LOADER.replace("NAME", FILES.publish(source.encode(), "js"))
