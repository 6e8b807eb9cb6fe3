"""Sphinx settings: the documentation is built offline, from the checkout, with warnings as errors."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parent.parent)
sys.path.insert(0, ROOT)
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [ROOT, os.environ.get("PYTHONPATH")])
)  # for the notebooks' kernels

from scrapeguard._version import __version__

project = "scrapeguard"
author = "The scrapeguard developers"
copyright = author  # noqa: A001 - Sphinx's name
release = version = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx_click"]
exclude_patterns = ["_build", "notebooks/.ipynb_checkpoints"]
html_theme = "furo"
html_title = f"scrapeguard {__version__}"
html_copy_source = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True

default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_default_options = {"members": True}
nitpick_ignore_regex = [
    # No remote inventories: what other packages define is named, not linked.
    (r"py:.*", r"(?!scrapeguard\.).*"),
    # Module-private types, and names that the reference does not list.
    (r"py:(class|obj|data)", r"scrapeguard\.(?!guard\.|allowed).*"),
]
