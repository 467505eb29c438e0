#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Where secct writes, and what is left of it: links, mount points, descriptors, pipes, permissions, names,
and signals."""
import _netns  # first: restarts the script in its own mount namespace  # pylint: disable=unused-import
import os
import pathlib
import signal
import stat
import subprocess
import tempfile
import time

from _checks import SECCT, check, finish

WRITE = (SECCT, "craft", "--message", "hi", "-w")


def run(*words, status=0, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, timeout=60, check=False,
                          **options)
    check(f"{words[1:]}: exit status {status}", done.returncode == status,
          f"{done.returncode} {done.stderr.decode(errors='replace')}")
    return done


def links(folder, expected):
    (folder / "dangling").symlink_to("later/target")
    run(*WRITE, folder / "dangling", status=2)
    (folder / "later").mkdir()
    run(*WRITE, folder / "dangling")
    check("a dangling link is followed", (folder / "dangling").is_symlink()
          and (folder / "later/target").read_bytes() == expected)
    (folder / "loop").symlink_to("loop")
    run(*WRITE, folder / "loop", status=2)
    (folder / "second").symlink_to("dangling")
    run(*WRITE, folder / "second")
    check("links to links are followed", (folder / "second").is_symlink() and (folder / "dangling").is_symlink())
    (folder / "one").write_bytes(b"old")
    os.link(folder / "one", folder / "other")
    run(*WRITE, folder / "one")
    check("a file with two names keeps them", (folder / "other").read_bytes() == expected)


def targets(folder, expected):
    old = folder / "mode"
    old.write_bytes(b"old" * 1000)
    old.chmod(0o640)
    run(*WRITE, old)
    check("the mode is kept", stat.S_IMODE(old.stat().st_mode) == 0o640 and old.read_bytes() == expected)
    (folder / "source").write_bytes(b"old" * 1000)
    (folder / "mounted").write_bytes(b"")
    if subprocess.run(["mount", "--bind", folder / "source", folder / "mounted"], check=False).returncode == 0:
        run(*WRITE, folder / "mounted")
        check("a mount point is written in place", (folder / "source").read_bytes() == expected)
        subprocess.run(["umount", folder / "mounted"], check=True)
    if os.geteuid() == 0 and os.stat("/").st_uid == 0:
        closed = folder / "closed"
        closed.mkdir()
        (closed / "file").write_bytes(b"old" * 1000)
        (closed / "file").chmod(0o666)
        closed.chmod(0o755)
        folder.chmod(0o755)
        user = {"user": 65534, "group": 65534, "extra_groups": []}
        try:
            run(*WRITE, closed / "file", **user)
            check("a file in a folder without write permission is written in place",
                  (closed / "file").read_bytes() == expected)
            run(*WRITE, closed / "new", status=2, **user)
        except PermissionError:  # a user namespace without other users
            pass
    for length in (250, 255):
        run(*WRITE, folder / ("n" * length))
        run(*WRITE, folder / ("n" * length))
        check(f"a name of {length} characters", (folder / ("n" * length)).read_bytes() == expected)


def descriptors(folder, expected):
    for name in ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
        file = folder / "appended"
        file.write_bytes(b"before")
        with file.open("ab") as out:
            subprocess.run([*WRITE, name], stdout=out, check=True, timeout=60)
        check(f"-w {name} appends", file.read_bytes() == b"before" + expected)
        with file.open("wb") as out:
            out.write(b"before")
            out.flush()
            subprocess.run([*WRITE, name], stdout=out, check=True, timeout=60)
            out.write(b"after")
        check(f"-w {name} keeps the position", file.read_bytes() == b"before" + expected + b"after")
        piped = run(*WRITE, name)
        check(f"-w {name} into a pipe", piped.stdout == expected)


def pipes(folder, expected):
    fifo = folder / "fifo"
    os.mkfifo(fifo)
    with subprocess.Popen(["cat", fifo], stdout=subprocess.PIPE) as reader:
        run(*WRITE, fifo)
        check("a FIFO is written", reader.communicate(timeout=60)[0] == expected)
    check("and stays a FIFO", stat.S_ISFIFO(fifo.stat().st_mode))
    capture = folder / "capture.pcapng"
    run(SECCT, "generate", "reactive", "-w", capture)
    run(SECCT, "redact", capture, folder / "redacted.pcapng")
    frames = run(SECCT, "decode", folder / "redacted.pcapng").stdout.count(b"layers:")
    for name in ("-", "/dev/stdin", fifo):
        with subprocess.Popen(["sh", "-c", f'cat {capture} > {fifo}' if name == fifo else "true"]) as writer:
            with capture.open("rb") as source:
                data = source.read()
            run(SECCT, "redact", name, folder / "again.pcapng", input=None if name == fifo else data)
            writer.wait(timeout=60)
        again = run(SECCT, "decode", folder / "again.pcapng").stdout.count(b"layers:")
        check(f"redact {name} reads a pipe", again == frames, f"{again} {frames}")
    done = run(SECCT, "redact", "-", folder / "none.pcapng", input=b"no capture", status=2)
    check("redact names standard input in messages", b"secct: standard input: " in done.stderr, done.stderr)


def signals(folder):
    """A process that a signal ends leaves nothing, and does not change the old file."""
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGPIPE, signal.SIGKILL, signal.SIGQUIT):
        target = folder / "target.pcapng"
        target.write_bytes(b"old")
        with subprocess.Popen([SECCT, "redact", "/dev/stdin", target], stdin=subprocess.PIPE) as process:
            time.sleep(0.3)
            process.send_signal(number)
        check(f"{number.name} leaves the old file only", os.listdir(folder) == ["target.pcapng"]
              and target.read_bytes() == b"old", str(os.listdir(folder)))
        with subprocess.Popen([SECCT, "generate", "reactive", "--handovers", "1000000", "-w", target]) as process:
            time.sleep(0.5)
            process.send_signal(number)
        left = os.listdir(folder)
        check(f"{number.name} during generate leaves the file only", left == ["target.pcapng"], str(left))
        # After SIGTERM the file is completed with the packets so far.
        if number != signal.SIGTERM:
            check(f"{number.name}: the old file is unchanged", target.read_bytes() == b"old")


def main():
    expected = subprocess.run([*WRITE, "-"], capture_output=True, check=True, timeout=60).stdout
    for part in (links, targets, descriptors, pipes):
        with tempfile.TemporaryDirectory() as scratch:
            part(pathlib.Path(scratch), expected)
            names = [name for _, _, files in os.walk(scratch) for name in files]
            check(f"{part.__name__}: no temporary file is left", not any("secct-" in name for name in names),
                  str(names))
    with tempfile.TemporaryDirectory() as scratch:
        signals(pathlib.Path(scratch))
    finish()


main()
