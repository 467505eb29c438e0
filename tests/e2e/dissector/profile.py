# SPDX-License-Identifier: GPL-2.0-or-later
"""The Wireshark profile: packaging/install-profile installs it, tshark and Wireshark (under Xvfb) use it.

Needs xvfb, wireshark and imagemagick. If SECCT_SCREENSHOT is set, writes a screenshot to that file:
docs/wireshark-profile.png."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["SECCT_SOURCE_DIR"]) / "tests/dissector"))
import documents as d
import packets as p

PROFILE = p.SOURCE / "packaging/wireshark-profile/SecCT"
NOBODY = 65534


def capture(path):
    c = d.Capture()
    c.shin(0, 1)
    c.shreq(0.002, 1, 7)
    c.shrep(0.006, 1, 7, [d.rep(1, [0x10000040, 0x20000041])])
    c.shrep_ack(0.008, 1, 7)
    c.shak(0.01, 1)
    shin = c.shin(1, 2)
    request = c.shreq(1.002, 2, 8)
    c.again(2.002, request)
    c.shrep(2.007, 2, 8, [d.stat(105)])
    c.shak(2.009, 2, [d.stat(105)])
    c.again(2.5, shin)
    c.hi(3, 3, 9, [d.auth(0), d.rep(3, [0x30000040])])
    c.hack(3.004, 3, 9)
    c.shin(3.06, 3, [d.auth(0), d.R1])
    c.shak(3.062, 3, [d.stat(200), d.ack(0x30000040)])
    c.shreq(4, 4, 10, [d.auth(), {"secct.subopt.type": "req", "secct.req.spt": 9}])
    c.write(path)


def drop_rights():
    """Wireshark ignores the plugins of a user when it runs as root."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


class User:
    """An unprivileged user with an empty home."""

    def __init__(self, folder):
        self.home = folder / "home"
        self.home.mkdir()
        self.tools = folder / "tools"  # a copy that this user can read
        shutil.copytree(p.SOURCE / "packaging", self.tools)
        shutil.copy(os.environ["SECCT_PLUGIN"], self.tools / "secct.so")
        if os.geteuid() == 0:
            os.chown(self.home, NOBODY, NOBODY)
        self.environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "TZ": "UTC",
                            "LC_ALL": "C.UTF-8", "XDG_RUNTIME_DIR": str(self.home),
                            "LIBGL_ALWAYS_SOFTWARE": "1"}  # fmt: skip

    def run(self, *command):
        return subprocess.run(command, env=self.environment, preexec_fn=drop_rights, capture_output=True,
                              text=True, check=False)  # fmt: skip

    def start(self, *command, **more):
        return subprocess.Popen(command, env={**self.environment, **more}, preexec_fn=drop_rights,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip


def install(report, user):
    done = user.run(str(user.tools / "install-profile"), str(user.tools / "secct.so"))
    report.equal("installed", (0, ""), (done.returncode, done.stderr))
    files = {Path(line).name for line in done.stdout.splitlines()}
    report.equal("files", {"secct.so", "preferences", "colorfilters", "dfilter_buttons"}, files)
    again = user.run(str(user.tools / "install-profile"), str(user.tools / "secct.so"))
    report.equal("installed again", 0, again.returncode)
    bad = user.tools / "other.so"
    bad.write_bytes(b"no plugin")
    done = user.run(str(user.tools / "install-profile"), str(bad))
    report.equal("a plugin that does not load is refused", 1, done.returncode)
    user.run(str(user.tools / "install-profile"), str(user.tools / "secct.so"))


def install_for_all_users(report, folder):
    """As root, in a mount namespace with copies of the system folders."""
    if os.geteuid() != 0:
        return
    folders = dict(line.split(":", 1) for line in
                   subprocess.run(["tshark", "-G", "folders"], capture_output=True, text=True,
                                  check=True).stdout.splitlines())  # fmt: skip
    plugins, shared = folders["Global Plugins"].strip(), folders["Global configuration"].strip()
    script = f"""set -e
        for place in {plugins} {shared}; do
          mkdir -p {folder}/copy$place && cp -a $place/. {folder}/copy$place/
          mount --bind {folder}/copy$place $place
        done
        {p.SOURCE}/packaging/install-profile {os.environ["SECCT_PLUGIN"]}
        tshark -G plugins 2>/dev/null | grep -c ^secct.so"""
    done = subprocess.run(["unshare", "-m", "bash", "-c", script], capture_output=True, text=True, check=False)
    if "unshare" in done.stderr or "mount" in done.stderr:
        print("SKIPPED: installation for all users needs a mount namespace")
        return
    report.equal("for all users", (0, ""), (done.returncode, done.stderr))
    lines = done.stdout.splitlines()
    report.equal("for all users: files", [f"{plugins}/epan/secct.so", *(
        f"{shared}/profiles/SecCT/{name}" for name in ("colorfilters", "dfilter_buttons", "preferences"))], lines[:4])  # fmt: skip
    report.equal("for all users: loaded", ["1"], lines[4:])


def columns(report, user, path):
    done = user.run("tshark", "-C", "SecCT", "-r", str(path))
    report.equal("tshark with the profile", 0, done.returncode)
    line = done.stdout.splitlines()[8].split()
    for word in ("SHREP", "SecCT", "2", "105", "0.005000000"):
        report.equal(f"column with {word}", True, any(word in column for column in line))


def filters(report, path):
    """Every filter of the profile is valid and matches a packet, except for two."""
    rules = [line.split("@")[1:3] for line in (PROFILE / "colorfilters").read_text().splitlines()
             if line.startswith("@")]  # fmt: skip
    buttons = [line.strip('"').split('","') for line in
               (PROFILE / "dfilter_buttons").read_text().splitlines() if line.startswith('"')]  # fmt: skip
    rules += [(label, text.replace(r"\x22", '"')) for _, label, text, _ in buttons]
    no_match = {"SecCT handover refused", "ICMPv6 error that quotes SecCT"}
    for name, text in rules:
        found = p.tshark(["-r", path, "-2", "-Y", text]).splitlines()
        report.equal(f"{name}: matches", name not in no_match, bool(found))


def screenshot(report, user, path, picture):
    # There is no window manager that could enlarge the window.
    recent = user.home / ".config/wireshark/recent_common"
    recent.write_text("gui.geometry_main_x: 0\ngui.geometry_main_y: 0\n"
                      "gui.geometry_main_width: 1500\ngui.geometry_main_height: 900\n")  # fmt: skip
    recent.chmod(0o644)
    display = f":{100 + os.getpid() % 800}"
    server = user.start("Xvfb", display, "-screen", "0", "1500x900x24", "-nolisten", "tcp")
    wireshark = None
    try:
        time.sleep(2)
        wireshark = user.start("wireshark", "-C", "SecCT", "-r", str(path), "-g", "9",
                               "-o", "gui.update.enabled:FALSE", DISPLAY=display)  # fmt: skip
        colours = 0
        # Wait until the window is drawn: it has hundreds of colours.
        for _ in range(30):
            time.sleep(2)
            if wireshark.poll() is not None:
                break
            user.run("import", "-display", display, "-window", "root", str(picture))
            count = user.run("identify", "-format", "%k", str(picture)).stdout
            if count.isdigit() and int(count) == colours and colours > 100:
                break
            colours = int(count) if count.isdigit() else 0
        report.equal("Wireshark still runs", None, wireshark.poll())
        report.equal("Wireshark shows the capture", True, colours > 100)
    finally:
        for process in filter(None, (wireshark, server)):
            process.terminate()
            process.wait()


def main():
    report = p.Report()
    missing = [name for name in ("Xvfb", "wireshark", "import") if not shutil.which(name)]
    if missing:
        raise SystemExit(f"needs {', '.join(missing)}: apt-get install xvfb wireshark imagemagick")
    with p.Workspace() as folder:
        path = folder / "handovers.pcapng"
        capture(path)
        user = User(folder)
        install(report, user)
        install_for_all_users(report, folder)
        columns(report, user, path)
        filters(report, path)
        picture = user.home / "wireshark.png"
        screenshot(report, user, path, picture)
        if os.environ.get("SECCT_SCREENSHOT"):
            # Few colours make a small file.
            subprocess.run(["convert", picture, "-dither", "None", "-colors", "96", "-strip",
                            "PNG8:" + os.environ["SECCT_SCREENSHOT"]], check=True)  # fmt: skip
    report.done()


main()
