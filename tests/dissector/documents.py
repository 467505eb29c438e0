# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures of handovers for the tests, as packet documents that `secct craft` builds."""

import copy
import json
import os
import subprocess

PR, NR = "2001:db8:1::1", "2001:db8:2::1"
KEYS = {1: "0x4ef3e048549c8f300a137bd0d30887199c527d06"}


def naddr(mn):
    return f"2001:db8:20::1:{mn:x}"


def paddr(mn):
    return f"2001:db8:10::1:{mn:x}"


def auth(replay=1, token=0x11223344):
    return {"secct.subopt.type": "auth_prtr", "secct.auth.replay": replay, "secct.auth.token": token}


R1 = {"secct.subopt.type": "req", "secct.req.spt": 1}


def stat(code):
    return {"secct.subopt.type": "stat", "secct.status": code}


def ack(spi, changed=0x80):
    return {"secct.subopt.type": "ack", "secct.ack.changed": changed, "secct.ack.spi": spi}


def rep(mn, spis, router=PR):
    """A SecCT-rep with AH SAs from the mobile node to the router."""
    contexts = [
        {
            "secct.spt": "AH-TRANSPORT-HMACSHA1-V6-V6",
            "secct.sa.source": paddr(mn),
            "secct.sa.destination": router,
            "secct.sa.spi": spi,
            "secct.sa.sequence": 100,
            "secct.sa.lifetime": 3600,
            "secct.sa.key": KEYS[1],
        }
        for spi in spis
    ]
    return {"secct.subopt.type": "rep", "contexts": contexts}


def ip(source, destination, hop):
    version = "ipv6" if ":" in source else "ip"
    hop_name = "ipv6.hlim" if version == "ipv6" else "ip.ttl"
    return {version: {f"{version}.src": source, f"{version}.dst": destination, hop_name: hop}}


class Capture:
    """A capture; the methods append a packet at the time `at` (seconds) and return its frame number."""

    def __init__(self):
        self.packets = []
        self.sequence = {}

    def add(self, at, layers):
        nanoseconds = round(at * 10**9)
        seconds = 1767225600 + nanoseconds // 10**9
        self.packets.append({"time": f"{seconds}.{nanoseconds % 10**9:09}", "layers": layers})
        return len(self.packets)

    def again(self, at, frame):
        """Repeats an earlier frame, with the next AH sequence number."""
        layers = copy.deepcopy(self.packets[frame - 1]["layers"])
        for layer in layers:
            if "ah" in layer:
                layer["ah"]["ah.sequence"] = self.next(layer["ah"]["ah.spi"])
        return self.add(at, layers)

    def next(self, spi):
        self.sequence[spi] = self.sequence.get(spi, 0) + 1
        return self.sequence[spi]

    def icmp(self, at, source, destination, message, identifier, options, **fields):
        """A message between the routers; under AH if the built-in description has an SA."""
        spi = {(PR, NR): 0x1001, (NR, PR): 0x1002}.get((source, destination))
        layers = [ip(source, destination, 255)]
        if spi:
            layers.append({"ah": {"ah.spi": spi, "ah.sequence": self.next(spi)}})
        body = {"secct.message": message, "secct.identifier": identifier, **fields}
        layers.append({"icmpv6": {**body, "options": options}})
        return self.add(at, layers)

    def hi(self, at, mn, identifier, sub_options=None, source=PR, destination=NR):
        options = [
            {"secct.opt.type": "ip_address", "secct.opt.subtype": 1, "secct.opt.address": paddr(mn)}
        ]
        if sub_options is not None:
            options.append(self.option("ushrep", mn, sub_options))
        return self.icmp(at, source, destination, "HI", identifier, options)

    def option(self, kind, mn, sub_options, **fields):
        addresses = {"secct.naddr": naddr(mn), "secct.paddr": paddr(mn), **fields}
        return {"secct.opt.type": kind, **addresses, "sub_options": sub_options}

    def hack(self, at, mn, identifier, sub_options=(), all_received=1, source=NR, destination=PR):
        fields = {"secct.shrep_ack.all_received": all_received}
        options = [self.option("shrep_ack", mn, list(sub_options), **fields)]
        return self.icmp(at, source, destination, "HAck", identifier, options)

    def shreq(self, at, mn, identifier, sub_options=None, **fields):
        sub_options = [auth(), R1] if sub_options is None else sub_options
        options = [self.option("shreq", mn, sub_options, **fields)]
        return self.icmp(at, NR, PR, "SHREQ", identifier, options)

    def shrep(self, at, mn, identifier, sub_options, **fields):
        return self.icmp(at, PR, NR, "SHREP", identifier, [self.option("shrep", mn, sub_options, **fields)])

    def shrep_ack(self, at, mn, identifier, sub_options=(), all_received=1):
        fields = {"secct.shrep_ack.all_received": all_received}
        options = [self.option("shrep_ack", mn, list(sub_options), **fields)]
        return self.icmp(at, NR, PR, "SHREP-Ack", identifier, options)

    def dstopt(self, at, source, destination, body):
        return self.add(at, [ip(source, destination, 64), {"ipv6.dstopts": body}])

    def shin(self, at, mn, sub_options=None, router=PR):
        sub_options = [auth(), R1] if sub_options is None else sub_options
        body = {"secct.message": "SHIN", "secct.paddr": paddr(mn), "secct.router": router}
        return self.dstopt(at, naddr(mn), NR, {**body, "sub_options": sub_options})

    def pshin(self, at, mn):
        body = {"secct.message": "P-SHIN", "secct.naddr": naddr(mn), "secct.router": NR}
        return self.dstopt(at, paddr(mn), PR, {**body, "sub_options": [R1]})

    def shak(self, at, mn, sub_options=None, source=NR):
        sub_options = [stat(200)] if sub_options is None else sub_options
        return self.dstopt(at, source, naddr(mn), {"secct.message": "SHAK", "sub_options": sub_options})

    def write(self, path, link="raw-ip"):
        document = json.dumps({"link": link, "packets": self.packets})
        command = [os.environ["SECCT"], "craft", "-", "-w", str(path)]
        done = subprocess.run(command, input=document, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"secct craft: {done.stderr}")
        os.chmod(path, 0o644)
