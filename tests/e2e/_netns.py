# SPDX-License-Identifier: GPL-2.0-or-later
"""Network namespaces for a test, connected by veth pairs.

Import this module first: it restarts the script inside user, network and mount namespaces, where it has
all rights and cannot affect the machine. If the machine does not permit namespaces, the test is skipped
(exit status 77)."""
import atexit
import ctypes
import os
import shutil
import subprocess
import sys
import time

SKIPPED = 77
MARK = "SECCT_TEST_NETNS"

if MARK not in os.environ:
    # Root may lack user namespaces, for example in a container; other users need them.
    ways = (["unshare", "--net", "--mount"], ["unshare", "--map-root-user", "--net", "--mount"])
    for way in ways:
        if subprocess.run([*way, "true"], stderr=subprocess.DEVNULL).returncode == 0:
            os.execvpe(way[0], [*way, sys.executable, *sys.argv], {**os.environ, MARK: "1"})
    print("SKIPPED: this machine does not permit network namespaces (unshare --net)", file=sys.stderr)
    sys.exit(SKIPPED)


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL


class Namespace:
    """A network namespace. A sleeping process keeps it alive."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"],
                                       preexec_fn=_die_with_parent)
        atexit.register(self.holder.kill)
        while os.readlink(f"/proc/{self.holder.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
            time.sleep(0.01)

    def command(self, *command):
        return ["nsenter", "--target", str(self.holder.pid), "--net", *command]

    def run(self, *command, **options):
        return subprocess.run(self.command(*command), **options)

    def start(self, *command, **options):
        return subprocess.Popen(self.command(*command), preexec_fn=_die_with_parent, **options)


def join(a, name_a, b, name_b, kernel_ipv6=False):
    """Connects two namespaces with a veth pair and sets both ends up. Without `kernel_ipv6` the kernels
    send nothing: they have no addresses, and send no router solicitations."""
    subprocess.run(["ip", "link", "add", name_a, "netns", str(a.holder.pid), "type", "veth",
                    "peer", "name", name_b, "netns", str(b.holder.pid)], check=True)
    for space, name in ((a, name_a), (b, name_b)):
        disabled = 0 if kernel_ipv6 else 1
        space.run("sh", "-c", f"echo {disabled} > /proc/sys/net/ipv6/conf/{name}/disable_ipv6",
                  stderr=subprocess.DEVNULL)
        space.run("ip", "link", "set", name, "up", check=True)


def require_programs(*programs):
    """Skips the test if a program is missing."""
    for program in programs:
        if shutil.which(program) is None and not os.path.exists(f"/usr/sbin/{program}"):
            print(f"SKIPPED: {program} is not installed", file=sys.stderr)
            sys.exit(SKIPPED)
