#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`secct redact`: no key octet string of the input is left in the output, which Wireshark shows as
before but for the secrets."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

TOP = pathlib.Path(os.environ.get("SECCT_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
SECCT = os.environ.get("SECCT", str(TOP / "build/release/cli/secct"))
PLUGIN = os.environ.get("SECCT_PLUGIN", str(TOP / "build/release/dissector/secct.so"))
SECRETS = {"secct.sa.key", "secct.sa.iv", "secct.sa.data.auth_key", "secct.auth.token"}
SHAPE = ["frame.len", "frame.time_epoch", "ipv6.src", "ah.sequence", "secct.message", "secct.naddr",
         "secct.spt", "secct.sa.spi", "secct.sa.sequence", "secct.sa.window", "secct.status",
         "icmpv6.checksum.status", "_ws.expert.message"]
failures = []


def run(*words, good=True, **options):
    result = subprocess.run(words, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            timeout=120, **options)
    if good and result.returncode != 0:
        sys.exit(f"{words}: {result.stderr.decode()}")
    return result


def check(good, what):
    if not good:
        failures.append(what)
        print("FAIL", what)


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
                check(secret in before.read_bytes(), f"{secret.hex()} is not in the input")
                check(secret not in octets, f"{scenario}: {secret.hex()} is left")
                check(secret.hex() not in text, f"{scenario}: {secret.hex()} is left as text")
            check(shape(before) == shape(after), f"{scenario}: Wireshark shows another capture")
            check(len(distinct(before)) == len(distinct(after)), f"{scenario}: not consistent")
        check(looked_for >= 12, f"only {looked_for} secrets")

        # In comments too, and never onto itself.
        bad, public = folder / "bad.pcapng", folder / "bad-public.pcapng"
        run(SECCT, "generate", "reactive", "--malformed", "shrep-key-short", "-w", str(bad))
        key = b"000102030405060708090a0b0c0d0e0f101112"
        check(key in bad.read_bytes(), "no key in the comment")
        run(SECCT, "redact", str(bad), str(public))
        check(key not in public.read_bytes(), "the key is left in a comment")
        kept = bad.read_bytes()
        for other in (bad, folder / "." / "bad.pcapng"):
            result = run(SECCT, "redact", str(bad), str(other), good=False)
            check(result.returncode == 2 and b"same file" in result.stderr, "IN == OUT")
        check(bad.read_bytes() == kept, "IN was changed")
        broken = folder / "broken.pcapng"
        broken.write_bytes(kept[:-20])
        result = run(SECCT, "redact", str(broken), str(folder / "never.pcapng"), good=False)
        check(result.returncode == 2 and not (folder / "never.pcapng").exists(), "half a file")
    if failures:
        sys.exit(f"{len(failures)} failed")
    print(f"{looked_for} secrets are gone")


main()
