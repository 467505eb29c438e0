#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`secct generate` with router descriptions that differ from the built-in one in each dimension: `secct
check` finds no violation in the packets, and tshark with the plugin shows no expert information and no
wrong ICV."""

import copy
import os
import pathlib
import subprocess
import tempfile

import yaml

from _checks import DESCRIPTION, PLUGIN, SECCT, TOP, check, finish

HANDOVERS = 2
# No transferred SA can protect the SHAK (wire-format.md D15).
EXPECTED = {"only IPv4": "Not protected by AH or ESP [wire-format 8]"}
AH, ESP = "AH-TRANSPORT-HMACSHA1-V6-V6", "ESP-TRANSPORT-AES-CBC-V6-V6-ASD"
SHA1 = [{"type": "auth_algorithm", "value": "hmac-sha1"}]
WITH_SHA1 = {"spt": ESP, "additional": SHA1}
GATEWAY = "2001:db8:ff::1"


def pair(**keys):
    """An SA from the mobile node and one to it."""
    return [{"type": 5, "direction": "from-mn", "spi_base": 0x20000000, **keys},
            {"type": 5, "direction": "to-mn", "spi_base": 0x10000000, **keys}]


def ends(kind, **keys):
    return [{"type": kind, "direction": direction, "spi_base": base, "spt": 10, "remote": GATEWAY, **keys}
            for direction, base in (("out", 0x50000000), ("in", 0x60000000))]


def window(size):
    return {"window_size": size, "sequence": 300,
            "window": "0x" + ((2 ** size - 1) << -size % 8).to_bytes((size + 7) // 8, "big").hex()}


def cipher(name, octets):
    """ESP with this cipher between the routers protects the contexts."""
    def change(description):
        for sa in description["router_sas"]:
            if sa["protocol"] == "esp":
                sa.update(cipher=name, cipher_key="0x" + "5a" * octets)
        description["policies"]["confidential"] = True
    return change


def md5(description):
    for sa in description["router_sas"]:
        sa.update(algorithm="hmac-md5", key=sa["key"][:34])


def without_esp(description):
    description["router_sas"] = [sa for sa in description["router_sas"] if sa["protocol"] == "ah"]


def ipv4(description):
    description.update(address="198.51.100.1", peer="198.51.100.2", mn_address="2001:db8:21::1")
    del description["ipv4"]


SAS = {
    "60 SAs": pair(repeat=30, window_size=64, **WITH_SHA1),
    "64 long SAs": pair(repeat=32, key_length=32, **window(255), **WITH_SHA1),
    "one SA": pair(spt=AH)[:1],
    "only AH": pair(spt=AH),
    "only ESP": pair(spt=9),
    "AES-256 with authentication": pair(key_length=32, **WITH_SHA1),
    "ports": pair(protocol="udp", source_port=5000, destination_port=7, **WITH_SHA1),
    "type 3": ends(3) + pair(spt=AH),
    "type 4": ends(4) + pair(spt=AH),
    "IPv4 and mixed": pair(spt=AH) + pair(spt="ESP-TUNNEL-AES-CBC-V4-V4", spi_base=0x30000000)
                      + pair(spt="AH-TUNNEL-HMACMD5-V4-V6", spi_base=0x40000000),
    "only IPv4": pair(spt="AH-TRANSPORT-HMACSHA1-V4-V4"),
    "private": pair(spt="ESP-TUNNEL-AES-CBC-V6P-V6P", source_private_id=1, destination_private_id=2),
    "IPComp": pair(spt="IPCOMP-TRANSPORT-DEFLATE-V6-V6") + pair(spt=AH, spi_base=0x40000000),
    "sequence near 2^32": pair(spt=AH, sequence=2 ** 32 - 3),
    "lifetime of 1 s": pair(spt=9, lifetime=1),
    "values": pair(spt="ESP-TRANSPORT-AES-CBC-V6-V6-SP-ASD",
                   additional=[{"name": 1, "value": "0x02"}, {"type": "pmtu", "value": 1400},
                               {"type": 131, "value": "0x00010064"}, {"type": "name", "value": "0x6d6e"}],
                   static_profile=[{"type": "ciphers", "value": ["aes-cbc", 2]},
                                   {"name": "modes", "value": "0x0100"}]),
}
SAS.update({f"SPT {number}": pair(spt=AH) + pair(spt=number, spi_base=0x40000000) for number in range(1, 11)})
SAS.update({f"window of {size}": pair(spt=AH, **window(size)) for size in (1, 7, 8, 33, 255)})

OTHER = {
    "MD5": md5,
    "DES": cipher("des-cbc", 8),
    "3DES": cipher("3des-cbc", 24),
    "AES-256 between the routers": cipher("aes-cbc", 32),
    "no ESP SAs": without_esp,
    "no SPI in use": lambda description: description.pop("spi_in_use"),
    "no nCoA in use": lambda description: description.pop("ncoa_in_use"),
    "mn_address on another link": lambda description: description.update(mn_address="2001:db8:99::1"),
    "IPv4 routers": ipv4,
    "long prefixes": lambda description: description.update(old_prefix="2001:db8:10::/96",
                                                            new_prefix="2001:db8:20::/75"),
    "short prefixes": lambda description: description.update(old_prefix="2001:db8::/33",
                                                             new_prefix="2001:db8:8000::/33"),
}


def descriptions():
    base = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
    for name, sas in SAS.items():
        changed = copy.deepcopy(base)
        changed["mobile_nodes"]["sas"] = copy.deepcopy(sas)
        yield name, changed
    for name, change in OTHER.items():
        changed = copy.deepcopy(base)
        change(changed)
        yield name, changed


def run(*words):
    return subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=300, text=True, check=False)


def check_scenario(name, scenario, dut, capture):
    title = f"{name}, {scenario}"
    made = run(SECCT, "generate", scenario, "--handovers", HANDOVERS, "--dut", dut, "-w", capture)
    check(f"{title}: generated", made.returncode == 0, made.stdout)
    if made.returncode != 0:
        return
    found = run(SECCT, "check", capture, "--dut", dut)
    check(f"{title}: no violation", found.returncode == 0, found.stdout)
    rows = run(TOP / "tests/e2e/run_tshark", PLUGIN, "--", "-r", capture, "-2", "-o", f"secct.key_file:{dut}",
               "-o", "secct.learn_sas:TRUE", "-T", "fields", "-E", "separator=/t", "-E", "aggregator=|",
               "-e", "frame.comment", "-e", "_ws.expert.message", "-e", "secct.icv.status")
    for line in rows.stdout.splitlines():
        comment, experts, icv = line.split("\t")
        texts = [text for text in experts.split("|") if text and text not in comment.split("|")
                 and not text.startswith("No response seen to ICMP") and text != EXPECTED.get(name)]
        check(f"{title}: no expert information", not texts, line)
        check(f"{title}: no wrong ICV", "0" not in icv.split("|"), line)
    check(f"{title}: tshark read the packets", rows.returncode == 0 and rows.stdout.count("\n") > 6, rows.stdout)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.chmod(folder, 0o755)
        dut, capture = folder / "dut.yaml", folder / "out.pcapng"
        for title, description in descriptions():
            dut.write_text(yaml.safe_dump(description, sort_keys=False), encoding="utf-8")
            dut.chmod(0o644)
            for scenario in ("reactive", "predictive"):
                check_scenario(title, scenario, dut, capture)
    finish()


main()
