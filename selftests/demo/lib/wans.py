# SPDX-License-Identifier: GPL-2.0
"""Uplinks, as the command line names them and as the laboratory takes them."""

import re
from dataclasses import dataclass

# fibre, cable and a mobile network
DEFAULT = ("rate=300,delay=10;rate=80,delay=30;"
           "rate=40,delay=60,loss=0.5")
MOST = 8
# of a full packet on the wire, what TCP's payload is in the tunnel's stream
PAYLOAD = 1436 / 1514
# ms that a queue holds where none was named, and packets that it has at least
QUEUE_MS = 50
QUEUE_LEAST = 32


class Wrong(Exception):
    """What the user gave cannot be used."""


@dataclass
class Wan:
    """An uplink: Mb/s, ms one way, percent, packets of queue (0: 50 ms)."""

    rate: float
    delay: float = 5.0
    loss: float = 0.0
    limit: int = 0

    def scaled(self, factor):
        """The same with less rate; a queue lasts as long as before."""
        limit = self.limit or self.rate * 1000 * QUEUE_MS / 12000
        return Wan(round(self.rate * factor, 3), self.delay, self.loss,
                   max(QUEUE_LEAST, round(limit * factor)))

    def options(self):
        """As 'lab wan N set' takes it."""
        return (f"rate={self.rate:g},delay={self.delay:g},"
                f"loss={self.loss:g},queue={self.limit}")

    def ceiling(self):
        """Mb/s of payload that it can carry."""
        return self.rate * PAYLOAD * (1 - self.loss / 100)

    def __str__(self):
        loss = f", {self.loss:g} % lost" if self.loss else ""
        return f"{self.rate:g} Mb/s, {self.delay:g} ms{loss}"


def parse(text):
    """'rate=..,delay=..,loss=..,limit=..;...' as a list."""
    wans = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        values = {}
        for word in part.split(","):
            key, _, value = word.strip().partition("=")
            if key not in ("rate", "delay", "loss", "limit"):
                raise Wrong(f"'{word.strip()}' in '{part}': an uplink has "
                            "rate=, delay=, loss= and limit=")
            if not re.fullmatch(r"\d+(\.\d+)?", value):
                raise Wrong(f"'{word.strip()}' in '{part}': not a number")
            values[key] = int(float(value)) if key == "limit" else float(value)
        if not values.get("rate"):
            raise Wrong(f"'{part}': an uplink needs a rate, in Mb/s")
        if values.get("loss", 0) >= 100 or values.get("delay", 0) > 5000:
            raise Wrong(f"'{part}': nothing would arrive")
        wans.append(Wan(**values))
    if not 1 <= len(wans) <= MOST:
        raise Wrong(f"1 to {MOST} uplinks, not {len(wans)}")
    return wans
