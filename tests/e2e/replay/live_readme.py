# SPDX-License-Identifier: GPL-2.0-or-later
"""The recipe of the README in two network namespaces, as it is printed there; the kernels have IPv6
addresses."""
import _netns  # first: restarts the script in its namespaces
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from _checks import DESCRIPTION, SECCT, TOP, check, finish

_netns.require_programs("ip")
readme = (TOP / "README.md").read_text(encoding="utf-8")
recipe = next(block for block in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL) if "ip netns" in block)
# `ip netns` needs a folder for its names, which others must not see.
if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=False).returncode != 0:
    print("SKIPPED: cannot mount a file system", file=sys.stderr)
    sys.exit(_netns.SKIPPED)
os.environ["PATH"] += ":/usr/sbin:/sbin"
with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    (scratch / "secct").symlink_to(SECCT)
    shutil.copy(DESCRIPTION, scratch / "dut.yaml")
    os.environ["PATH"] = f"{scratch}:{os.environ['PATH']}"
    done = subprocess.Popen(["sh", "-e", "-c", recipe], cwd=scratch, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, start_new_session=True)
    lines = []
    deadline = time.monotonic() + 400
    for line in done.stdout:  # the router keeps the pipe open
        lines.append(line)
        if "handovers started" in line or time.monotonic() > deadline:
            break
    os.killpg(done.pid, signal.SIGTERM)
    output = "".join(lines)
    check("the shell succeeds", done.wait(timeout=60) in (0, -signal.SIGTERM), output[-2000:])
    total = re.search(r"^(\d+) cases against \S+  (\d+) PASS  (\d+) UNSUPPORTED", output, re.MULTILINE)
    check("every case passes or is UNSUPPORTED", total
          and int(total[1]) == int(total[2]) + int(total[3]) and int(total[2]) > 500, output[-2000:])
    check("the report is written", (scratch / "out/report.html").exists())
    load = re.search(r"(\d+) handovers started, (\d+) completed, 0 refused", output)
    check("load: handovers are completed", load and int(load[2]) > 100, output[-2000:])
    for note in re.findall(r"^not judged.*", output, re.MULTILINE):
        print(note)
finish()
