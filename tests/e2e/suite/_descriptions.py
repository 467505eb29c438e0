# SPDX-License-Identifier: GPL-2.0-or-later
"""Router descriptions that fit docs/cli.md, "Router description": the built-in one with one change
(each function with the decorator @dimension), and with random combinations of changes.

    for name, description in descriptions(seed=1, combinations=20):
        ...   # `description` is the YAML document as Python values
"""
import itertools
import random

import yaml

from _checks import DESCRIPTION

REMOTE = "2001:db8:ff::1"
# What a change replaces; those of a later group fit those of an earlier one.
SAS, VALUES, ROUTER = "sas", "values", "router"
DIMENSIONS = {}  # name: group, function, arguments


def dimension(group, *rows):
    """Registers a function that changes a description. Each of `rows` is a list of arguments."""
    def register(function):
        for row in rows or [()]:
            name = "-".join([function.__name__.replace("_", "-"), *map(str, row)])
            DIMENSIONS[name] = (group, function, row)
        return function
    return register


def sas_of(description):
    return description["mobile_nodes"]["sas"]


def set_sas(description, sas):
    """Replaces the SAs; each gets its own range of SPIs."""
    for number, sa in enumerate(sas, 1):
        sa.setdefault("spi_base", number * 0x04000000)
    description["mobile_nodes"]["sas"] = sas


def pair(spt, **values):
    """An SA towards the mobile node and one from it."""
    return [{"type": 5, "direction": direction, "spt": spt, **values}
            for direction in ("to-mn", "from-mn")]


AH = "AH-TRANSPORT-HMACSHA1-V6-V6"
ESP = 9


# --- the number, order and kind of the SAs

@dimension(SAS, ("reversed",), ("rotated",), ("esp-first",), ("type-2-first",))
def sa_order(d, order):
    sas = sas_of(d)
    orders = {"reversed": [4, 3, 2, 1, 0], "rotated": [3, 4, 0, 1, 2], "esp-first": [2, 3, 0, 1, 4],
              "type-2-first": [4, 1, 0, 3, 2]}
    set_sas(d, [sas[i] for i in orders[order]])


@dimension(SAS, ("ah",), ("esp",))
def only(d, protocol):
    set_sas(d, pair(AH if protocol == "ah" else ESP))


@dimension(SAS, (1, "to-mn"), (1, "from-mn"), (0, "none"))
def sas(d, number, direction):
    set_sas(d, [sa for sa in pair(AH) if sa["direction"] == direction][:number])


@dimension(SAS)
def no_mobile_node_sas_key(d):
    del d["mobile_nodes"]["sas"]


@dimension(SAS, ("to-mn", 60), ("from-mn", 60), ("both", 30))
def many_sas(d, direction, repeat):
    sas = [sa for sa in pair(AH, repeat=repeat) if direction in ("both", sa["direction"])]
    set_sas(d, sas)


@dimension(SAS)
def many_esp_sas(d):
    set_sas(d, pair("ESP-TUNNEL-AES-CBC-V6-V6-ASD", repeat=30, key_length=32, window_size=255,
                    additional=[{"type": "auth_algorithm", "value": 2}]))


@dimension(SAS, (1,), (2,))
def only_type(d, sa_type):
    ends = {"remote": REMOTE, **({"local": "2001:db8:fe::1"} if sa_type == 1 else {})}
    direction = "out" if sa_type == 1 else "from-mn"
    set_sas(d, [{"type": sa_type, "direction": direction, "spt": 10, **ends}])


@dimension(SAS, (3, "out"), (4, "out"), (3, "in"), (4, "in"))
def gateway_sas(d, sa_type, direction):
    set_sas(d, [{"type": sa_type, "direction": direction, "spt": 10, "remote": REMOTE},
                {"type": sa_type, "direction": "out", "spt": 4, "remote": "2001:db8:ff::2"},
                *pair(AH)])


@dimension(SAS, (3,), (4,))
def only_gateway_sas(d, sa_type):
    set_sas(d, [{"type": sa_type, "direction": "out", "spt": 10, "remote": REMOTE, "repeat": 3}])


@dimension(SAS)
def more_nodes_of_each_kind(d):
    d["mobile_nodes"]["count"] = 4096
    d["mobile_nodes"]["more"] = [
        {"count": 2048, "sas": [dict(sa, spi_base=0x60000000) for sa in pair(AH)[:1]]},
        {"count": 2048, "sas": [{"type": 5, "direction": "from-mn", "spt": ESP,
                                 "spi_base": 0x70000000}]},
        {"count": 2048, "sas": [{"type": 2, "direction": "to-mn", "spt": 10, "remote": REMOTE,
                                 "spi_base": 0x68000000}]}]


# --- SPTs

@dimension(SAS, *[(number,) for number in range(1, 11)])
def spt(d, number):
    set_sas(d, pair(number))


def structured_spts():
    """Every structured SPT without flags for private IDs, static profile and additional data."""
    algorithms = {"AH": ["HMACMD5", "HMACSHA1"], "ESP": ["DES-CBC", "3DES-CBC", "AES-CBC", "NULL"],
                  "IPCOMP": ["DEFLATE", "LZS"]}
    ends = ["V6-V6", "V4-V4", "V4-V6", "V6-V4"]
    for protocol, names in algorithms.items():
        for mode, algorithm, end in itertools.product(["TRANSPORT", "TUNNEL"], names, ends):
            if protocol == "IPCOMP" or algorithm != "NULL" or end == "V6-V6":
                yield f"{protocol}-{mode}-{algorithm}-{end}"


@dimension(SAS, *[(f"{protocol}-{ends}", part) for protocol in ("AH", "ESP", "IPCOMP")
             for ends in ("V6-V6", "V4-V4", "V4-V6", "V6-V4") for part in ("to-mn", "from-mn")])
def structured(d, group, direction):
    """All structured SPTs of a protocol with these ends."""
    protocol, *ends = group.split("-")
    names = [name for name in structured_spts()
             if name.startswith(protocol) and name.endswith("-".join(ends))]
    set_sas(d, [{"type": 5, "direction": direction, "spt": name} for name in names])


@dimension(SAS, ("private",), ("megabytes",), ("additional",), ("static-profile",), ("all",))
def structured_with(d, what):
    both = {"static-profile": "-SP", "additional": "-ASD", "megabytes": "-MB",
            "all": "-MB-SP-ASD"}.get(what, "")
    private = what in ("private", "all")
    values = {}
    if what in ("static-profile", "all"):
        values["static_profile"] = [{"type": 1, "value": [3, 2]}, {"type": 2, "value": [2, 1]}]
    if what in ("additional", "all"):
        values["additional"] = [{"type": "auth_algorithm", "value": 2}, {"type": "pmtu", "value": 1400},
                                {"type": "dscp", "value": 46}]
    ids = {"source_private_id": 77, "destination_private_id": 78} if private else {}
    ends = "V6P-V6P" if private else "V6-V6"
    set_sas(d, pair(f"ESP-TUNNEL-AES-CBC-{ends}{both}", **values, **ids))


@dimension(SAS, (24,), (32,))
def aes_with_authentication(d, key_length):
    set_sas(d, pair("ESP-TRANSPORT-AES-CBC-V6-V6-ASD", key_length=key_length,
                    additional=[{"type": "auth_algorithm", "value": 2}]))


@dimension(SAS, ("AH-TUNNEL-HMACSHA1-V4-V4",), ("AH-TUNNEL-HMACSHA1-V4-V6",),
           ("ESP-TUNNEL-AES-CBC-V6-V4",))
def ends(d, name):
    set_sas(d, [*pair(name), *pair(AH)])


# --- the values of the SAs

@dimension(SAS, ("udp", 50000, 7), ("udp", 0, 0), ("tcp", 80, 0), ("icmpv6", 0, 0))
def selectors(d, protocol, source, destination):
    set_sas(d, [*pair(AH, protocol=protocol, source_port=source, destination_port=destination),
                *pair(ESP, protocol=protocol, source_port=source, destination_port=destination)])


@dimension(VALUES, (0xfffffff0,), (0xfffffffe,), (0xffffffff,), (0,), (1,))
def sequence(d, number):
    for sa in sas_of(d):
        sa["sequence"] = number


@dimension(VALUES, (0,), (1,), (9,), (63,), (64,), (65,), (255,))
def window(d, size):
    octets = (size + 7) // 8
    for sa in sas_of(d):
        sa["window_size"] = size
        sa["sequence"] = 5000
        sa.pop("window", None)
        if size:
            sa["window"] = "0x" + (((1 << size) - 1) << (octets * 8 - size)).to_bytes(octets, "big").hex()


@dimension(VALUES, ("0x80000000",), ("0xaaaaaaaa",), ("0x00000000",))
def window_with_gaps(d, window):
    for sa in sas_of(d):
        sa.update(window_size=32, window=window, sequence=5000)


@dimension(VALUES, (1,), (2,), (0xffffffff,))
def lifetime(d, seconds):
    for sa in sas_of(d):
        sa["lifetime"] = seconds


@dimension(ROUTER, ("md5",), ("des",), ("3des",))
def router_sas_with(d, what):
    md5 = {"algorithm": "hmac-md5", "key": "0x" + bytes(range(16)).hex()}
    ciphers = {"des": ("des-cbc", 8), "3des": ("3des-cbc", 24)}
    for number, sa in enumerate(d["router_sas"]):
        if what == "md5":
            sa.update(md5, key="0x" + bytes(range(number, number + 16)).hex())
        elif sa["protocol"] == "esp":
            cipher, octets = ciphers[what]
            sa.update(cipher=cipher, cipher_key="0x" + bytes(range(number + 1, number + 1 + octets)).hex())


@dimension(ROUTER)
def router_sas_without_esp(d):
    d["router_sas"] = [sa for sa in d["router_sas"] if sa["protocol"] == "ah"]


@dimension(ROUTER, ("esp",), ("none",))
def router_sas_only(d, protocol):
    d["router_sas"] = [sa for sa in d["router_sas"] if sa["protocol"] == protocol]


@dimension(ROUTER, (0xfffffff0,), (1,))
def router_sequence(d, number):
    for sa in d["router_sas"]:
        sa["sequence"] = number


# --- values of additional data and static profile

@dimension(SAS, ("number",), ("name",), ("list",), ("octets",), ("octets-of-one",))
def additional_as(d, form):
    values = {
        "number": [{"type": 1, "value": 2}, {"type": 3, "value": 1400}, {"type": 128, "value": 46}],
        "name": [{"name": "auth_algorithm", "value": "HMACSHA1"}, {"name": "iv_mode", "value": "explicit"},
                 {"name": "name", "value": "alice"}],
        "list": [{"type": "auth_algorithm", "value": [2]},
                 {"type": "source_port_range", "value": [5000, 5010]}],
        "octets": [{"type": "pmtu", "value": "0x00000578"},
                   {"type": "destination_port_range", "value": "0x00070009"}],
        "octets-of-one": [{"type": 128, "value": "0x2e"}, {"type": 77, "value": "0x0102"}],
    }[form]
    if form == "octets-of-one":  # a transform must precede the selectors
        values.reverse()
    set_sas(d, pair("ESP-TRANSPORT-AES-CBC-V6-V6-ASD", additional=values))


@dimension(SAS, ("number",), ("name",), ("list",), ("octets",))
def static_profile_as(d, form):
    values = {
        "number": [{"type": 1, "value": 3}, {"type": 4, "value": 0}],
        "name": [{"name": "auth_algorithms", "value": ["HMACSHA1", "HMACMD5"]}, {"name": "modes", "value": "TUNNEL"}],
        "list": [{"type": "ciphers", "value": [3, 2]}, {"type": "key_lengths", "value": [32, 16]}],
        "octets": [{"type": "auth_algorithms", "value": "0x0201"}],
    }[form]
    set_sas(d, pair("AH-TRANSPORT-HMACMD5-V6-V6-SP", static_profile=values))


# --- the rest of the description

@dimension(ROUTER, ("recompute",), ("renegotiate",), ("deny",))
def spi_conflict(d, policy):
    d["policies"]["spi_conflict"] = policy


@dimension(ROUTER, ("confidential", True), ("static_profile", "prefer"), ("stateful", True))
def policy(d, name, value):
    d["policies"][name] = value


@dimension(ROUTER, ("spi_in_use",), ("ncoa_in_use",), ("policies",))
def no(d, key):
    del d[key]


@dimension(ROUTER, *[(name,) for name in yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))["capabilities"]])
def without(d, capability):
    d["capabilities"].remove(capability)


@dimension(ROUTER, ("predictive", "pshin"), ("reactive",))
def only_capabilities(d, *names):
    d["capabilities"] = list(names)


@dimension(ROUTER)
def mn_address_on_another_link(d):
    d["mn_address"] = "2001:db8:20::1"


@dimension(ROUTER, (48,), (32,), (96,), (56,))
def prefix_length(d, length):
    d["old_prefix"] = f"2001:db8:{'0' if length == 32 else '10'}::/{length}"
    d["new_prefix"] = f"2001:db9:{'0' if length == 32 else '20'}::/{length}"
    d["ncoa_in_use"] = ["2001:db9:20::dead"]
    if length == 32:
        d["old_prefix"] = "2001:dba::/32"


@dimension(ROUTER)
def ipv4_router_addresses(d):
    del d["ipv4"]
    d.update(address="192.0.2.1", mn_address="2001:db8:20::1", peer="192.0.2.2")


@dimension(ROUTER)
def few_mobile_nodes(d):
    d["mobile_nodes"]["count"] = 2048


@dimension(ROUTER)
def other_mtu(d):
    d["mtu"] = 1280


@dimension(ROUTER, (0.5,), (3,))
def timing_scale(d, factor):
    d["timing_scale"] = factor


def built_in():
    return yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))


def changed(names):
    description = built_in()
    for name in names:
        _, function, row = DIMENSIONS[name]
        function(description, *row)
    return description


def descriptions(seed, combinations):
    """Pairs of name and description: each change alone, then random combinations of one list of SAs,
    values of these SAs, and properties of the router."""
    for name in DIMENSIONS:
        yield name, changed([name])
    chooser = random.Random(seed)
    for _ in range(combinations):
        names = []
        for group, least, most in ((SAS, 1, 1), (VALUES, 0, 2), (ROUTER, 1, 3)):
            of_group = [name for name in DIMENSIONS if DIMENSIONS[name][0] == group]
            names += chooser.sample(of_group, chooser.randint(least, most))
        try:
            yield " ".join(names), changed(names)
        except (KeyError, ValueError):  # one change removes what another one changes
            continue
