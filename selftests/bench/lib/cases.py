# SPDX-License-Identifier: GPL-2.0
"""What is measured, and in which tables it is shown."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One measurement: see selftests/bench/guest for the fields."""

    name: str
    label: str
    kind: str = "tquic"
    link: str = "veth"
    sender: str = ""
    receiver: str = ""
    rival: str = "wireguard"  # what it is compared with

    def argument(self, pin):
        """As the guest wants it; PIN puts the two ends on CPUs of their own."""
        sender, receiver = self.sender, self.receiver
        if pin and self.kind == "tquic":
            sender = "cpu=0 " + sender
            receiver = "cpu=1 " + receiver
        return ";".join((self.name, self.kind, self.link, sender, receiver))


def tquic(name, label, suite="aes128", sender="", receiver="", **more):
    """A run of the module."""
    return Case(name, label, sender=sender,
                receiver=f"suite={suite} {receiver}", **more)


HEADLINE = [
    tquic("chacha20", "TQUIC, ChaCha20-Poly1305", "chacha20"),
    Case("wireguard", "WireGuard (ChaCha20-Poly1305), TCP inside",
         kind="wireguard"),
    tquic("aes128", "TQUIC, AES-128-GCM"),
    tquic("aes256", "TQUIC, AES-256-GCM", "aes256"),
    Case("tcp", "TCP, not encrypted", kind="tcp"),
]

WIRE = [
    tquic("wire-chacha20", "TQUIC, ChaCha20-Poly1305", "chacha20",
          link="wire", rival="wire-wireguard"),
    Case("wire-wireguard", "WireGuard (ChaCha20-Poly1305), TCP inside",
         kind="wireguard", link="wire", rival="wire-wireguard"),
    tquic("wire-aes128", "TQUIC, AES-128-GCM", link="wire",
          rival="wire-wireguard"),
    Case("wire-tcp", "TCP, not encrypted", kind="tcp", link="wire",
         rival="wire-wireguard"),
]

ALTERNATIVES = [
    tquic("encap-chacha20", "ChaCha20: encap_rcv", "chacha20",
          receiver="mode=encap", rival="chacha20"),
    tquic("single-chacha20", "ChaCha20: one packet in a buffer", "chacha20",
          "mode=single", "mode=single", rival="chacha20"),
    tquic("encap", "AES-128: encap_rcv", receiver="mode=encap",
          rival="aes128"),
    tquic("single", "AES-128: one packet in a buffer", "aes128",
          "mode=single", "mode=single", rival="aes128"),
    tquic("wire-encap", "AES-128: encap_rcv, wire", receiver="mode=encap",
          link="wire", rival="wire-aes128"),
    tquic("wire-single", "AES-128: one packet in a buffer, wire", "aes128",
          "mode=single", "mode=single", link="wire", rival="wire-aes128"),
    tquic("workqueue", "AES-128: opened in a workqueue",
          receiver="context=workqueue", rival="aes128"),
    tquic("bh", "AES-128: opened in a BH workqueue", receiver="context=bh",
          rival="aes128"),
    tquic("softirq", "AES-128: opened in sk_data_ready()",
          receiver="context=softirq", rival="aes128"),
    tquic("unshare", "AES-128: opened into new pages", receiver="unshare=1",
          rival="aes128"),
    tquic("pages", "AES-128: no copy at either end", "aes128", "copy=0",
          "copy=0", rival="aes128"),
]

TRAINS = [
    tquic(f"train-{n}", f"AES-128: {n} packet{'s' * (n > 1)} a train",
          sender=f"train={n}", rival="aes128")
    for n in (1, 2, 4, 8, 16, 32)
]

GROUPS = {
    "headline": HEADLINE,
    "wire": WIRE,
    "alternatives": ALTERNATIVES,
    "trains": TRAINS,
}


def select(names):
    """The cases of the groups and single cases that are named."""
    every = [case for group in GROUPS.values() for case in group]
    chosen = []
    for name in names:
        found = GROUPS.get(name) or [c for c in every if c.name == name]
        if not found:
            raise SystemExit(f"datapath: there is no case '{name}'")
        chosen += [case for case in found if case not in chosen]
    return chosen
