"""Imported by the server that processes are forked from: what every demo has to load is loaded
once, by going through one, and what it has to compile is compiled."""

import contextlib
import io
import tempfile
from pathlib import Path

from tests import quick
from tests.whole.commands import quick_vaults
from ui.command import main

quick.be_quick()

with (
    tempfile.TemporaryDirectory() as _folder,
    quick_vaults(),
    contextlib.redirect_stdout(io.StringIO()),
):
    main(["demo", "--headless", "--people", "1", "--home", str(Path(_folder, "demo"))])
