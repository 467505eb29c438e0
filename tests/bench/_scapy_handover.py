# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds packets like those of a reactive handover with scapy: IPv6, AH with ICV, ICMPv6 with checksum.

usage: _scapy_handover.py COUNT OCTETS    prints packets per second of processor time"""

import sys
import time

from scapy.layers.inet6 import ICMPv6Unknown, IPv6
from scapy.layers.ipsec import AH, SecurityAssociation
from scapy.layers.l2 import Ether

count, octets = int(sys.argv[1]), int(sys.argv[2])
sa = SecurityAssociation(AH, spi=0x1001, auth_algo="HMAC-SHA1-96", auth_key=bytes(range(20)))
message = bytes(octets - 14 - 40 - 24 - 4)
start = time.process_time()
for number in range(count):
    plain = IPv6(src="2001:db8:1::1", dst=f"2001:db8:2::{number & 0xffff:x}", hlim=255) / \
        ICMPv6Unknown(type=154, code=0, msgbody=message)  # fmt: skip
    bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / sa.encrypt(plain))
print(count / (time.process_time() - start))
