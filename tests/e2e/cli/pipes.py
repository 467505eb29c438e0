#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""secct in a shell: pipelines, exit status, colours, files that cannot be written."""

import os
import re
import pathlib
import pty
import resource
import signal
import subprocess
import tempfile

from _checks import SECCT, check, finish


def run(*words, stdin=b"", status=0, **options):
    """Runs secct and returns standard output and standard error."""
    result = subprocess.run([SECCT, *words], input=stdin, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=120, check=False, **options)
    check(f"secct {' '.join(words)}: status {result.returncode}, expected {status}",
          result.returncode == status, result.stderr.decode(errors="replace"))
    return result.stdout, result.stderr.decode()


def shell(line, status=0, **environment):
    # pipefail: the status of every command in the pipeline counts.
    result = subprocess.run(["bash", "-o", "pipefail", "-c", line], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=120, check=False,
                            env={**os.environ, "S": SECCT, **environment})
    check(f"{line}: status {result.returncode}, expected {status}", result.returncode == status,
          result.stderr.decode(errors="replace"))
    return result.stdout, result.stderr.decode()


def pipelines(folder):
    capture, again = folder / "a.pcapng", folder / "b.pcapng"
    run("generate", "reactive", "--handovers", "3", "-w", str(capture))
    octets = capture.read_bytes()
    shell('"$S" decode "$A" | "$S" craft - -w "$B"', A=str(capture), B=str(again))
    check("decode | craft gives the same file", again.read_bytes() == octets)
    shell('"$S" decode --json - < "$A" | "$S" craft - -w - > "$B"', A=str(capture), B=str(again))
    check("decode - | craft - -w - gives the same file", again.read_bytes() == octets)
    shell('cat "$A" | "$S" decode - | "$S" craft - -w - | "$S" decode - | "$S" craft - -w "$B"',
          A=str(capture), B=str(again))
    check("decode | craft | decode | craft gives the same file", again.read_bytes() == octets)
    shell('"$S" decode "$A" | "$S" craft - -w "$A"', A=str(capture))
    check("craft can replace the file that decode reads", capture.read_bytes() == octets)
    hexadecimal, _ = run("generate", "reactive", "--handovers", "3", "--hex")
    crafted, _ = shell('"$S" generate reactive --handovers 3 -w - | "$S" decode - | '
                       '"$S" craft - --hex')
    check("craft --hex prints the octets of the capture", crafted == hexadecimal)
    edited, _ = shell('"$S" decode "$A" | "$S" craft - --set secct.sa.spi=0x1234 | '
                      'grep -c "secct.sa.spi: 0x00001234"', A=str(capture))
    check("craft --set changes one SPI of each SHREP", edited.strip() == b"3", edited)


def usage_errors():
    for stdin, message in (
            (b"garbage\n", "secct: standard input:1: expected a packet document"),
            (b"", "secct: standard input: expected a packet document"),
            (b"a: [", "secct: standard input:1: invalid YAML"),
            # yaml-cpp finds empty documents in it without end.
            (b",", "secct: standard input:1: expected one YAML document"),
            (b"\xff\xfe\x00\x01", "secct: standard input:"),
            (b"\0" * 100, "secct: standard input:"),
            (b"layers:\n- ipv6:\n    ipv6.scr: ::1\n",
             "secct: standard input:3: layers[0].ipv6: unknown field 'ipv6.scr'; did you mean "
             "ipv6.src?")):
        out, err = run("craft", "-", stdin=stdin, status=2)
        check(f"craft - reports the error in {stdin!r}", out == b"" and err.startswith(message), err)
    for stdin in (b"", b"garbage\n", b"\xd4\xc3\xb2\xa1"):
        out, err = run("decode", "-", stdin=stdin, status=2)
        check(f"decode - reports the error in {stdin!r}",
              err.startswith("secct: ") and "internal error" not in err, err)
    _, err = run("decode", "/etc/passwd", status=2)
    check("decode refuses a file that is not a capture", "isn't a capture file" in err, err)
    _, err = run("run", "--select", "nothing-like-this", status=2)
    check("run --select reports that no case matches", "no case matches" in err, err)
    _, err = run("run", "--dut", "missing.yaml", status=2)
    check("run --dut reports a missing file", "missing.yaml: No such file" in err, err)
    # A reader that closes the pipe early is not an error.
    _, err = shell('"$S" list clauses | head -n 1; test "${PIPESTATUS[1]}" = 0')
    check("list cases | head prints no error", err == "", err)
    _, err = shell('"$S" list spts > /dev/full', status=2)
    check("list spts > /dev/full reports the full disk", "No space left" in err, err)
    for arguments in ("--help", "--version", "run --help"):
        _, err = shell(f'"$S" {arguments} > /dev/full', status=2)
        check(f"{arguments} > /dev/full reports the full disk", "No space left" in err, err)
    # Without standard error, messages are lost, but not the exit status.
    for arguments in ("craft missing.yaml", "--no-such-option", "list nothing"):
        for stderr in ("/dev/full", "&-"):
            shell(f'"$S" {arguments} 2>{stderr}', status=2)
    shell('"$S" list spts >&-', status=2)


def unwritable(folder):
    """A failed write leaves no file and does not change an existing file."""
    old = folder / "old.pcapng"
    old.write_bytes(b"precious")

    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    for name in ("old.pcapng", "new.pcapng"):
        _, err = run("generate", "reactive", "--handovers", "50", "-w", str(folder / name),
                     status=2, preexec_fn=small_files)
        check("the error message names the file", name in err and "File too large" in err, err)
    check("old.pcapng is unchanged", old.read_bytes() == b"precious")
    check("no other file is left", os.listdir(folder) == ["old.pcapng"], str(os.listdir(folder)))

    run("craft", "--message", "shrep", "--set", "secct.nonsense=1", "-w", str(old), status=2)
    check("a wrong --set does not change old.pcapng", old.read_bytes() == b"precious")

    if os.geteuid() == 0:
        folder.chmod(0o755)
        old.chmod(0o644)
        nobody = {"user": 65534, "group": 65534, "extra_groups": []}
        for name in ("old.pcapng", "new.pcapng"):
            _, err = run("generate", "reactive", "-w", str(folder / name), status=2, **nobody)
            check(f"{name}: the error is reported", f"{name}: Permission denied" in err, err)
        check("old.pcapng is unchanged", old.read_bytes() == b"precious")


def in_a_terminal(**environment):
    """Returns the output of `secct run` in a terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(environment)
        os.execv(SECCT, [SECCT, "run", *os.environ.get("EXTRA", "").split()])
    output = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        output += part
    _, status = os.waitpid(pid, 0)
    check("secct run ends in a terminal", os.WIFEXITED(status) and os.WEXITSTATUS(status) in (0, 1))
    return output


# The escape sequences of colours; a progress line has other ones.
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")


def colour():
    os.environ.pop("NO_COLOR", None)
    check("colours in a terminal", COLOUR.search(in_a_terminal()) is not None)
    check("no colours with NO_COLOR", not COLOUR.search(in_a_terminal(NO_COLOR="1")))
    check("no colours with --no-color", not COLOUR.search(in_a_terminal(EXTRA="--no-color")))
    out, _ = shell('"$S" run')
    check("no colours in a pipe", b"\x1b[" not in out)


def main():
    with tempfile.TemporaryDirectory() as name:
        pipelines(pathlib.Path(name))
    with tempfile.TemporaryDirectory() as name:
        unwritable(pathlib.Path(name))
    usage_errors()
    colour()
    finish()


main()
