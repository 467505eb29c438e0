# SPDX-License-Identifier: GPL-2.0-or-later
"""The paths of the program and the plugin, and the checks of a test. A failed check does not end the
test; finish() reports all of them."""

import os
import pathlib
import sys

TOP = pathlib.Path(os.environ.get("SECCT_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
SECCT = os.environ.get("SECCT", str(TOP / "build/release/cli/secct"))
PLUGIN = os.environ.get("SECCT_PLUGIN", str(TOP / "build/release/dissector/secct.so"))
DESCRIPTION = TOP / "generator/description/built_in.yaml"

_done = 0
_failures = []


def check(expectation, good, detail=""):
    global _done
    _done += 1
    if not good:
        _failures.append(expectation)
        print(f"FAIL {expectation}\n{detail}", flush=True)


def finish(summary=""):
    """Ends the test. A test without any check fails."""
    if _failures or not _done:
        sys.exit(f"{len(_failures)} of {_done} checks failed")
    print(summary or f"{_done} checks passed")
