#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""scapy, another implementation of AH and ESP, decrypts and verifies packets of `secct craft`.

Needs Debian's python3-scapy and python3-cryptography. Prints the algorithms that cryptography refuses."""

import logging
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")
logging.getLogger("scapy.runtime").setLevel(logging.ERROR)

# pylint: disable=wrong-import-position
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import AH, ESP, IPSecIntegrityError, SecurityAssociation
from scapy.packet import raw

from _checks import SECCT, check, finish

MN, ROUTER = "2001:db8:20::1:1", "2001:db8:2::1"
CIPHERS = {"null": ("NULL", 0), "des-cbc": ("DES", 8), "3des-cbc": ("3DES", 24),
           "aes-cbc": ("AES-CBC", 16), "aes-cbc-192": ("AES-CBC", 24),
           "aes-cbc-256": ("AES-CBC", 32)}
ALGORITHMS = {"none": ("NULL", 0), "hmac-md5": ("HMAC-MD5-96", 16),
              "hmac-sha1": ("HMAC-SHA1-96", 20)}
V6 = f"{{ipv6: {{ipv6.src: '{MN}', ipv6.dst: '{ROUTER}'}}}}"
V4 = "{ip: {ip.src: 10.1.0.1, ip.dst: 192.0.2.1, ip.id: 7}}"
TUNNEL = f"{{ipv6: {{ipv6.src: '{ROUTER}', ipv6.dst: '{MN}', ipv6.tclass: 0x28}}}}"
PAYLOADS = {
    "SHIN": "{ipv6.dstopts: {secct.message: SHIN, secct.paddr: '2001:db8:10::1:1'}}",
    "SHREQ": "{icmpv6: {secct.message: SHREQ, options: [{secct.opt.type: shreq, sub_options: "
             "[{secct.subopt.type: req, secct.req.spt: 1}]}]}}",
    "UDP": "{udp: {udp.dstport: 7}}, {data: {data.data: 0x0102030405}}",
    "nothing": "{data: {data.data: 0x}}",
}
decrypted = 0


def key(first, count):
    return bytes((first + i) & 0xFF for i in range(count))


def craft(layers, sas):
    """Returns the octets of one packet."""
    document = f"link: raw-ip\nkeys: {{sas: [{sas}]}}\npackets: [{{layers: [{layers}]}}]\n"
    result = subprocess.run([SECCT, "craft", "-", "--hex"], input=document.encode(),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if result.returncode != 0:
        sys.exit(f"{document}\n{result.stderr.decode()}")
    return bytes.fromhex(result.stdout.decode())


def text(data):
    return f'"0x{data.hex()}"' if data else '""'


def check_with_scapy(name, protocol, tunnel, cipher, algorithm, ip, payload):
    global decrypted
    cipher_name, cipher_size = CIPHERS[cipher]
    auth_name, auth_size = ALGORITHMS[algorithm]
    cipher_key, auth_key = key(0x11, cipher_size), key(0x71, auth_size)
    kind = "esp" if protocol is ESP else "ah"
    sa = (f"{{protocol: {kind}, spi: 0x4711, algorithm: {algorithm}, key: {text(auth_key)}"
          + (f", cipher: {cipher.rsplit('-', 1)[0] if cipher.count('-') == 2 else cipher}, "
             f"cipher_key: {text(cipher_key)}" if protocol is ESP else "") + "}")
    sa = sa.replace("cipher: null", 'cipher: "null"')
    header = f"{{{kind}: {{{kind}.spi: 0x4711, {kind}.sequence: 99}}}}"
    if tunnel:
        protected = craft(f"{TUNNEL}, {header}, {ip}, {payload}", sa)
    else:
        protected = craft(f"{ip}, {header}, {payload}", sa)
    plain = craft(f"{ip}, {payload}", sa)
    association = SecurityAssociation(
        protocol, spi=0x4711, crypt_algo=cipher_name if protocol is ESP else None,
        crypt_key=cipher_key if protocol is ESP else None, auth_algo=auth_name, auth_key=auth_key,
        tunnel_header=IPv6(src=ROUTER, dst=MN) if tunnel else None)
    outer = IPv6 if protected[0] >> 4 == 6 else IP
    try:
        found = raw(association.decrypt(outer(protected)))
    except IPSecIntegrityError as error:
        check(f"{name}: the ICV is right", False, f"{error!r}\n{protected.hex()}")
        return
    if outer is IP and not tunnel:  # scapy does not update the length
        found = raw(IP(found))
    check(f"{name}: scapy restores the packet", found == plain,
          f"  protected {protected.hex()}\n  expected  {plain.hex()}\n  found     {found.hex()}")
    decrypted += 1


def main():
    refused = set()
    for protocol, ciphers in ((AH, ["null"]), (ESP, list(CIPHERS))):
        for cipher in ciphers:
            for algorithm in ALGORITHMS:
                if protocol is AH and algorithm == "none":
                    continue
                for tunnel in (False, True):
                    for payload_name, payload in PAYLOADS.items():
                        ip = V4 if payload_name == "UDP" else V6
                        name = " ".join([protocol.__name__, cipher, algorithm,
                                         "tunnel" if tunnel else "transport", payload_name])
                        try:
                            check_with_scapy(name, protocol, tunnel, cipher, algorithm, ip, payload)
                        except (TypeError, ValueError, NotImplementedError) as error:
                            if "unsupported" not in str(error).lower():
                                raise
                            refused.add(f"{cipher} {algorithm}: {error}")
    for reason in sorted(refused):
        print(f"SKIPPED, cryptography refuses the algorithm: {reason}")
    check("at least 100 packets are decrypted", decrypted >= 100, decrypted)
    finish(f"scapy decrypted and verified {decrypted} packets")


main()
