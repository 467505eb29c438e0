#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`secct redact` removes every secret; otherwise Wireshark shows the same packets."""
import json
import pathlib
import subprocess
import sys
import tempfile

from _checks import PLUGIN, SECCT, TOP, check, finish

SECRETS = {"secct.sa.key", "secct.sa.iv", "secct.sa.data.auth_key", "secct.auth.token"}
OTHER_FIELDS = ["frame.len", "frame.time_epoch", "ipv6.src", "ah.sequence", "secct.message",
                "secct.naddr", "secct.spt", "secct.sa.spi", "secct.sa.sequence", "secct.sa.window",
                "secct.status", "icmpv6.checksum.status", "_ws.expert.message"]


def run(*words, good=True, **options):
    result = subprocess.run(words, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            timeout=120, **options)
    if good and result.returncode != 0:
        sys.exit(f"{words}: {result.stderr.decode()}")
    return result


def values(node, names):
    """Yields every value of these fields in a document."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in names:
                yield from value if isinstance(value, list) else [value]
            else:
                yield from values(value, names)
    elif isinstance(node, list):
        for child in node:
            yield from values(child, names)


def distinct(capture):
    document = json.loads(run(SECCT, "decode", str(capture), "--json").stdout)
    return {bytes.fromhex(value[2:].zfill(8)) for value in values(document, SECRETS)}


def secrets(capture):
    return {secret for secret in distinct(capture) if any(secret)}  # an IV of zeros is not a secret


def other_fields(capture):
    fields = [word for name in OTHER_FIELDS for word in ("-e", name)]
    return run(str(TOP / "tests/e2e/run_tshark"), PLUGIN, "--", "-r", str(capture), "-n",
               "-T", "fields", *fields).stdout


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        count = 0
        for scenario in ("reactive", "predictive"):
            before, after = folder / f"{scenario}.pcapng", folder / f"{scenario}-public.pcapng"
            run(SECCT, "generate", scenario, "--handovers", "3", "-w", str(before))
            run(SECCT, "redact", str(before), str(after))
            octets = after.read_bytes()
            text = octets.decode("latin-1").lower()
            for secret in secrets(before):
                count += 1
                check(f"{scenario}: {secret.hex()} is in the input", secret in before.read_bytes())
                check(f"{scenario}: {secret.hex()} is removed", secret not in octets)
                check(f"{scenario}: {secret.hex()} is removed from texts", secret.hex() not in text)
            check(f"{scenario}: the other fields are unchanged",
                  other_fields(before) == other_fields(after))
            check(f"{scenario}: equal secrets have equal replacements",
                  len(distinct(before)) == len(distinct(after)))
        check("the captures have at least 12 secrets", count >= 12, count)

        bad, public = folder / "bad.pcapng", folder / "bad-public.pcapng"
        run(SECCT, "generate", "reactive", "--malformed", "shrep-key-short", "-w", str(bad))
        key = b"000102030405060708090a0b0c0d0e0f101112"
        check("the comment has a key", key in bad.read_bytes())
        run(SECCT, "redact", str(bad), str(public))
        check("the key is removed from the comment", key not in public.read_bytes())
        original = bad.read_bytes()
        for other in (bad, folder / "." / "bad.pcapng"):
            result = run(SECCT, "redact", str(bad), str(other), good=False)
            check("IN and OUT cannot be the same file",
                  result.returncode == 2 and b"same file" in result.stderr)
        check("IN is unchanged", bad.read_bytes() == original)
        broken = folder / "broken.pcapng"
        broken.write_bytes(original[:-20])
        result = run(SECCT, "redact", str(broken), str(folder / "out.pcapng"), good=False)
        check("an incomplete capture is refused",
              result.returncode == 2 and not (folder / "out.pcapng").exists())
    finish(f"{count} secrets are removed")


main()
