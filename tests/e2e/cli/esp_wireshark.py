#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireshark's own ESP dissector, without the plugin, decrypts packets of `secct craft` and verifies their
ICVs with the keys in its esp_sa table."""
import itertools
import pathlib
import subprocess
import tempfile

from _checks import SECCT, TOP, check, finish

CIPHERS = {"null": ("NULL", 0), "des-cbc": ("DES-CBC [RFC2405]", 8),
           "3des-cbc": ("TripleDES-CBC [RFC2451]", 24), "aes-cbc": ("AES-CBC [RFC3602]", 16)}
ALGORITHMS = {"none": ("NULL", 0), "hmac-md5": ("HMAC-MD5-96 [RFC2403]", 16),
              "hmac-sha1": ("HMAC-SHA-1-96 [RFC2404]", 20)}
OUTER = {"IPv6": "{ipv6: {ipv6.src: '2001:db8::1', ipv6.dst: '2001:db8::2'}}",
         "IPv4": "{ip: {ip.src: 192.0.2.1, ip.dst: 192.0.2.2}}"}
TUNNEL = "{ipv6: {ipv6.src: '2001:db8:1::1', ipv6.dst: '2001:db8:2::1'}}, "
INNER = "{udp: {udp.srcport: 4000, udp.dstport: 4001}}, {data: {data.data: 0x0102030405}}"


def key(first, count):
    return bytes((first + i) & 0xFF for i in range(count)).hex()


def main():
    sas, packets, table, wanted = [], [], [], []
    cases = itertools.product(OUTER, CIPHERS, ALGORITHMS, (False, True), ("", "+1"))
    for number, (family, cipher, algorithm, tunnel, shift) in enumerate(cases, 0x1000):
        cipher_name, cipher_octets = CIPHERS[cipher]
        name, octets = ALGORITHMS[algorithm]
        if shift and algorithm == "none":
            continue  # there is no ICV
        cipher_key, auth_key = key(number, cipher_octets), key(number + 100, octets)
        sas.append(f"{{protocol: esp, spi: {number}, cipher: {cipher}, cipher_key: '{cipher_key}', "
                   f"algorithm: {algorithm}, key: '{auth_key}'}}")
        esp = f"esp.spi: {number}, esp.sequence: 7" + (f", esp.icv: {shift}" if shift else "")
        packets.append(f"{{layers: [{OUTER[family]}, {{esp: {{{esp}}}}}, "
                       f"{TUNNEL if tunnel else ''}{INNER}]}}")
        quoted = ",".join(f'"{value}"' for value in (
            family, "*", "*", f"0x{number:08x}", cipher_name, f"0x{cipher_key}" if cipher_key else "",
            name, f"0x{auth_key}" if auth_key else ""))
        table += ["-o", f"uat:esp_sa:{quoted}"]
        good = "" if algorithm == "none" else "0" if shift else "1"
        wanted.append((f"0x{number:08x}", good))
    document = (f"link: raw-ip\nkeys: {{sas: [{', '.join(sas)}]}}\n"
                f"packets: [{', '.join(packets)}]\n")
    with tempfile.TemporaryDirectory() as folder:
        capture = pathlib.Path(folder) / "esp.pcapng"
        subprocess.run([SECCT, "craft", "-", "-w", str(capture)], input=document.encode(),
                       check=True, timeout=60)
        shown = subprocess.run(
            [str(TOP / "tests/e2e/run_tshark"), "--stock", "--", "-r", str(capture), "-n",
             "-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE",
             *table, "-T", "fields", "-e", "esp.spi", "-e", "esp.icv_good", "-e", "udp.dstport",
             "-e", "udp.checksum.status", "-e", "data.data"],
            check=True, stdout=subprocess.PIPE, timeout=120).stdout.decode().splitlines()
    check("at least 60 packets", len(wanted) >= 60, len(wanted))
    check("every packet is shown", len(shown) == len(wanted), f"{len(shown)} of {len(wanted)}")
    for line, (spi, good) in zip(shown, wanted):
        shown_spi, icv, port, _, data = line.split("\t")
        icv = {"True": "1", "False": "0"}.get(icv, icv)
        check(f"{spi}: ICV status {good!r}", (shown_spi, icv) == (spi, good), line)
        # Wireshark does not decrypt a packet with a wrong ICV.
        if good != "0":
            check(f"{spi}: the packet is decrypted", (port, data) == ("4001", "0102030405"), line)
    finish(f"Wireshark decrypted and verified {len(wanted)} ESP packets")


main()
