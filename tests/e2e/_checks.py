# SPDX-License-Identifier: GPL-2.0-or-later
"""Where things are, and what a test found wrong: all of it is told, then the test fails."""

import os
import pathlib
import sys

TOP = pathlib.Path(os.environ.get("SECCT_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
SECCT = os.environ.get("SECCT", str(TOP / "build/release/cli/secct"))
PLUGIN = os.environ.get("SECCT_PLUGIN", str(TOP / "build/release/dissector/secct.so"))

_done = 0
_failures = []


def check(what, good, detail=""):
    global _done
    _done += 1
    if not good:
        _failures.append(what)
        print(f"FAIL {what}\n{detail}", flush=True)


def finish(told=""):
    """Ends the test. One that checked nothing has failed."""
    if _failures or not _done:
        sys.exit(f"{len(_failures)} of {_done} checks failed")
    print(told or f"{_done} checks")
