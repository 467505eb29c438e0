#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`secct redact`: no key octet string of the input is left in the output, which Wireshark shows as
before but for the secrets."""
import json
import pathlib
import subprocess
import sys
import tempfile

from _checks import PLUGIN, SECCT, TOP, check, finish

SECRETS = {"secct.sa.key", "secct.sa.iv", "secct.sa.data.auth_key", "secct.auth.token"}
SHAPE = ["frame.len", "frame.time_epoch", "ipv6.src", "ah.sequence", "secct.message", "secct.naddr",
         "secct.spt", "secct.sa.spi", "secct.sa.sequence", "secct.sa.window", "secct.status",
         "icmpv6.checksum.status", "_ws.expert.message"]


def run(*words, good=True, **options):
    result = subprocess.run(words, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            timeout=120, **options)
    if good and result.returncode != 0:
        sys.exit(f"{words}: {result.stderr.decode()}")
    return result


def values(node, names):
    """Every value of these fields in a document."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in names:
                yield from value if isinstance(value, list) else [value]
            else:
                yield from values(value, names)
    elif isinstance(node, list):
        for item in node:
            yield from values(item, names)


def distinct(capture):
    document = json.loads(run(SECCT, "decode", str(capture), "--json").stdout)
    return {bytes.fromhex(value[2:].zfill(8)) for value in values(document, SECRETS)}


def secrets(capture):
    return {secret for secret in distinct(capture) if any(secret)}  # an IV of zeros is none


def shape(capture):
    fields = [word for name in SHAPE for word in ("-e", name)]
    return run(str(TOP / "tests/e2e/run_tshark"), PLUGIN, "--", "-r", str(capture), "-n",
               "-T", "fields", *fields).stdout


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        looked_for = 0
        for scenario in ("reactive", "predictive"):
            before, after = folder / f"{scenario}.pcapng", folder / f"{scenario}-public.pcapng"
            run(SECCT, "generate", scenario, "--handovers", "3", "-w", str(before))
            run(SECCT, "redact", str(before), str(after))
            octets = after.read_bytes()
            text = octets.decode("latin-1").lower()
            for secret in secrets(before):
                looked_for += 1
                check(f"{secret.hex()} is not in the input", secret in before.read_bytes())
                check(f"{scenario}: {secret.hex()} is left", secret not in octets)
                check(f"{scenario}: {secret.hex()} is left as text", secret.hex() not in text)
            check(f"{scenario}: Wireshark shows another capture", shape(before) == shape(after))
            check(f"{scenario}: not consistent", len(distinct(before)) == len(distinct(after)))
        check(f"only {looked_for} secrets", looked_for >= 12)

        # In comments too, and never onto itself.
        bad, public = folder / "bad.pcapng", folder / "bad-public.pcapng"
        run(SECCT, "generate", "reactive", "--malformed", "shrep-key-short", "-w", str(bad))
        key = b"000102030405060708090a0b0c0d0e0f101112"
        check("no key in the comment", key in bad.read_bytes())
        run(SECCT, "redact", str(bad), str(public))
        check("the key is left in a comment", key not in public.read_bytes())
        kept = bad.read_bytes()
        for other in (bad, folder / "." / "bad.pcapng"):
            result = run(SECCT, "redact", str(bad), str(other), good=False)
            check("IN == OUT", result.returncode == 2 and b"same file" in result.stderr)
        check("IN was changed", bad.read_bytes() == kept)
        broken = folder / "broken.pcapng"
        broken.write_bytes(kept[:-20])
        result = run(SECCT, "redact", str(broken), str(folder / "never.pcapng"), good=False)
        check("half a file", result.returncode == 2 and not (folder / "never.pcapng").exists())
    finish(f"{looked_for} secrets are gone")


main()
