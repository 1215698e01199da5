# SPDX-License-Identifier: GPL-2.0
"""What the benchmark of the engine measures, and which bars it has to clear."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One measurement: see selftests/bench/engine-guest for the fields."""

    name: str
    label: str
    words: str

    def argument(self, _pin):
        """As the guest wants it."""
        return f"{self.name};{self.words}"


CHACHA, AES = "0x1303", "0x1301"

BULK = [
    Case("tquic", "TQUIC, ChaCha20-Poly1305, 1 path",
         f"bulk;tquic;{CHACHA};1"),
    Case("wireguard", "WireGuard (ChaCha20-Poly1305), TCP inside",
         "bulk;wg;0;1"),
    Case("tquic-2", "TQUIC, ChaCha20-Poly1305, 2 paths",
         f"bulk;tquic;{CHACHA};2"),
    Case("tquic-4", "TQUIC, ChaCha20-Poly1305, 4 paths",
         f"bulk;tquic;{CHACHA};4"),
    Case("ktls", "TCP with kernel TLS, ChaCha20-Poly1305",
         f"bulk;ktls;{CHACHA};1"),
    Case("tquic-aes", "TQUIC, AES-128-GCM, 1 path", f"bulk;tquic;{AES};1"),
    Case("ktls-aes", "TCP with kernel TLS, AES-128-GCM",
         f"bulk;ktls;{AES};1"),
    Case("ngtcp2", "ngtcp2 (user space), AES-128-GCM", "ngtcp2;AES-128-GCM"),
    Case("tcp", "TCP, not encrypted", "bulk;tcp;0;1"),
]

MESSAGES = [
    Case("messages", "TQUIC datagrams, one in a call", "messages;tquic;1"),
    Case("messages-wg", "WireGuard, UDP inside, one in a call",
         "messages;wg-udp;1"),
    Case("messages-32", "TQUIC datagrams, 32 in a sendmmsg()",
         "messages;tquic;32"),
    Case("messages-32-wg", "WireGuard, UDP inside, 32 in a sendmmsg()",
         "messages;wg-udp;32"),
]

PING = [
    Case("ping", "TQUIC", "question;tquic"),
    Case("ping-wg", "WireGuard, TCP inside", "question;wg"),
    Case("ping-tcp", "TCP", "question;tcp"),
]

HANDSHAKES = [
    Case("handshakes-1", "one after the other", "handshakes;1"),
    Case("handshakes-8", "eight at a time", "handshakes;8"),
]


def idle(count):
    """What idle connections cost."""
    return [Case("idle", f"{count} idle connections", f"idle;{count}")]


@dataclass(frozen=True)
class Bar:
    """A figure of one case, as a share of that of another, and its limit."""

    text: str
    figure: str
    case: str
    rival: str | None
    least: float | None = None
    most: float | None = None

    def passed(self, value):
        """Whether the value clears the bar."""
        return (self.least is None or value >= self.least) and \
            (self.most is None or value <= self.most)

    def limit(self):
        """The bar as text."""
        return f">= {self.least:g}" if self.least is not None else \
            f"<= {self.most:g}"


BARS = [
    Bar("goodput of one path, of WireGuard's", "mbits", "tquic", "wireguard",
        least=1.0),
    Bar("CPU per GB of one path, of WireGuard's", "cpu_s_per_gb", "tquic",
        "wireguard", most=1.0),
    Bar("instructions per byte, of WireGuard's", "insn_per_byte", "tquic",
        "wireguard", most=1.0),
    Bar("instructions per byte, of ngtcp2's", "insn_per_byte", "tquic-aes",
        "ngtcp2", most=1 / 3),
    Bar("goodput of four paths, of one path's", "mbits", "tquic-4", "tquic",
        least=0.9),
    Bar("instructions per byte of four paths, of one path's",
        "insn_per_byte", "tquic-4", "tquic", most=1 / 0.9),
    Bar("messages of 160 bytes, one in a call, of WireGuard's", "per_second",
        "messages", "messages-wg", least=0.8),
    Bar("messages of 160 bytes, 32 in a call, of WireGuard's", "per_second",
        "messages-32", "messages-32-wg", least=0.8),
    Bar("KB of kernel memory per idle connection, one end", "kb", "idle",
        None, most=24),
    Bar("goodput beside idle connections, of that without", "mbits",
        "idle-with", "idle-without", least=0.97),
]
