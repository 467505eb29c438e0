#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The exit status of craft --send and generate --send if the interface refuses packets: 3 if it refused all,
0 with a warning if it refused some, or 1 with --strict."""
import _netns  # first: restarts the script in its namespaces
import pathlib
import subprocess
import tempfile

from _checks import SECCT, check, finish

_netns.require_programs("ip", "nsenter")
here = _netns.Namespace()
there = _netns.Namespace()
_netns.join(here, "veth-a", there, "veth-b")
here.run("ip", "link", "set", "veth-a", "mtu", "1280", check=True)

DATAGRAM = "{{ipv6: {{ipv6.src: 'fd00::1', ipv6.dst: 'fd00::2', ipv6.nxt: 59}}}}, {{data: {{data.data: '{}'}}}}"


def document(*sizes):
    packets = "\n".join(f"  - layers: [{DATAGRAM.format('0x' + '00' * size)}]" for size in sizes)
    return f"link: raw-ip\npackets:\n{packets}\n"


# sizes of the payloads, options, exit status, texts on standard error
ROWS = (
    ((10, 20), (), 0, ("2 packets", "0 refused")),
    ((10, 20), ("--strict",), 0, ("0 refused",)),
    ((3000,), (), 3, ("1 refused", "the interface refused every packet: Message too long")),
    ((3000, 4000), ("--strict",), 3, ("2 refused", "the interface refused every packet")),
    ((10, 3000, 20), (), 0, ("1 refused", "the interface refused 1 of 3 packets: Message too long")),
    ((10, 3000, 20), ("--strict",), 1, ("the interface refused 1 of 3 packets",)),
)

with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    for sizes, options, status, texts in ROWS:
        for backend in ("sendmmsg", "pcap"):
            file = scratch / "document.yaml"
            file.write_text(document(*sizes), encoding="utf-8")
            done = here.run(SECCT, "craft", str(file), "--send", "veth-a", "--rate", "max", "--backend", backend,
                            "--to-mac", "02:00:00:00:00:77", *options, capture_output=True, text=True,
                            timeout=60)
            check(f"craft --send of {sizes} {options} with {backend}: exit status {status}",
                  done.returncode == status and all(text in done.stderr for text in texts),
                  f"{done.returncode} {done.stderr}")
    # Handovers whose contexts need fragments of more octets than the interface carries.
    done = here.run(SECCT, "generate", "reactive", "--send", "veth-a", "--rate", "max", capture_output=True,
                    text=True, timeout=60)
    check("generate --send: every packet fits", done.returncode == 0 and "0 refused" in done.stderr, done.stderr)
    here.run("ip", "link", "set", "veth-a", "mtu", "68", check=True)
    for options, status in (((), 3), (("--strict",), 3)):
        done = here.run(SECCT, "generate", "reactive", "--no-data", "--send", "veth-a", "--rate", "max", *options,
                        capture_output=True, text=True, timeout=60)
        check(f"generate --send {options} on an interface that is too small: exit status {status}",
              done.returncode == status and "refused every packet" in done.stderr,
              f"{done.returncode} {done.stderr}")
    done = subprocess.run([SECCT, "craft", "--message", "hi", "--strict", "--hex"], capture_output=True,
                          text=True, check=False)
    check("--strict needs --send", done.returncode == 2 and "--send IFACE" in done.stderr, done.stderr)

finish()
