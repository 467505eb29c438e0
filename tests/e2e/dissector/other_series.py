# SPDX-License-Identifier: GPL-2.0-or-later
"""A plugin that was built for another series of Wireshark: tshark says so and works without it, and the
installer refuses it."""

import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(os.environ["SECCT_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tests/dissector"))
import packets as p

PLUGIN = Path(os.environ["SECCT_PLUGIN"])
UNPRIVILEGED = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] if os.geteuid() == 0 else []


def of_next_series(plugin):
    """The octets of the plugin, with another plugin_want_minor."""
    octets = bytearray(plugin.read_bytes())
    symbols = subprocess.run(["readelf", "--dyn-syms", "--wide", plugin], capture_output=True, text=True, check=True).stdout
    address = int(re.search(r"([0-9a-f]+) +4 OBJECT .* plugin_want_minor$", symbols, re.M)[1], 16)
    (table,), (size, count) = struct.unpack_from("<Q", octets, 32), struct.unpack_from("<HH", octets, 54)
    for at in range(table, table + size * count, size):
        kind, _, offset, start, _, length = struct.unpack_from("<IIQQQQ", octets, at)
        if kind == 1 and start <= address < start + length:  # PT_LOAD
            place = offset + address - start
            (minor,) = struct.unpack_from("<i", octets, place)
            struct.pack_into("<i", octets, place, minor + 1)
            return octets
    raise SystemExit("plugin_want_minor is in no segment")


def run(home, *words):
    return subprocess.run([*UNPRIVILEGED, "env", "-i", f"HOME={home}", f"PATH={os.environ['PATH']}", *words],
                          capture_output=True, text=True, timeout=60, check=False)  # fmt: skip


def main():
    report = p.Report()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        home.chmod(0o777)
        other = home / "secct.so"
        other.write_bytes(of_next_series(PLUGIN))
        other.chmod(0o644)
        # The unprivileged user may be unable to read the source tree.
        shutil.copytree(SOURCE / "packaging", home / "packaging")
        shutil.copy(SOURCE / "captures/reactive/reactive.pcapng", home / "capture")
        subprocess.run(["chmod", "-R", "a+rX", home / "packaging", home / "capture"], check=True)
        before = set(home.rglob("*"))

        installed = run(home, home / "packaging/install-profile", other)
        report.equal("the installer refuses it", 1, installed.returncode)
        report.equal(f"and says why: {installed.stderr}", True, "build the plugin for this Wireshark version" in installed.stderr)
        report.equal("nothing is installed", [], [path for path in set(home.rglob("*")) - before if path.is_file()])

        folders = run(home, "tshark", "-G", "folders").stdout
        personal = Path(re.search(r"^Personal Plugins:\s+(\S+)", folders, re.M)[1]) / "epan"
        run(home, "install", "-D", "-m", "644", other, personal / "secct.so")
        shown = run(home, "tshark", "-r", home / "capture")
        report.equal("tshark reads the capture", 0, shown.returncode)
        report.equal(f"and names the plugin: {shown.stderr}", True, bool(re.search(r"secct\.so.*(compiled|version|built)", shown.stderr)))
    report.done()


main()
