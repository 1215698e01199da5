# SPDX-License-Identifier: GPL-2.0
"""What goes by the uplinks, looked at while others work."""

import json
import subprocess
import threading
import time

# s between looks at counters, and at paths, which costs a process
TICK = 0.05
PATHS_EACH = 1.0


class Counters:
    """Bytes received by the devices of a namespace, in one read."""

    def __init__(self, netns):
        # the file stays that of the namespace in which it was opened
        with subprocess.Popen(
                ["ip", "netns", "exec", netns, "sleep", "infinity"]) as task:
            try:
                time.sleep(0.1)
                # pylint: disable=consider-using-with
                self.file = open(f"/proc/{task.pid}/net/dev",
                                 encoding="ascii")
            finally:
                task.kill()

    def read(self):
        """Bytes by the name of the device."""
        self.file.seek(0)
        answer = {}
        for line in self.file.readlines()[2:]:
            name, _, rest = line.partition(":")
            answer[name.strip()] = int(rest.split()[0])
        return answer


class Watch(threading.Thread):
    """Takes samples until it is told to stop."""

    def __init__(self, lab, ip_tquic, show):
        super().__init__(daemon=True)
        self.wans = Counters(f"{lab}-client")
        self.lan = Counters(f"{lab}-lan")
        self.command = ["ip", "netns", "exec", f"{lab}-server", ip_tquic,
                        "-j", "path", "show"]
        self.show = show
        self.phase = ""
        self.done = threading.Event()
        self.begin = time.monotonic()
        self.ticks = []
        self.samples = []

    def now(self):
        """Seconds since it began."""
        return time.monotonic() - self.begin

    def paths(self):
        """Of the server, which sends: by the number of the WAN."""
        run = subprocess.run(self.command, capture_output=True, text=True,
                             check=False)
        answer = {}
        for path in json.loads(run.stdout or "[]"):
            words = path["remote"].split(".")
            if len(words) == 4 and path["state"] != "closed":
                answer[int(words[2])] = path
        return answer

    def tick(self):
        """Cheap: bytes so far."""
        wans = self.wans.read()
        self.ticks.append((self.now(), self.phase, self.lan.read()["eth0"],
                           {int(name[3:]): value
                            for name, value in wans.items()
                            if name.startswith("wan")}))

    def sample(self, before):
        """A second's worth: rates in Mb/s, RTT in ms, packets lost."""
        last = self.ticks[-1]
        seconds = last[0] - before[0]
        paths = self.paths()
        rates = {n: (last[3][n] - before[3].get(n, 0)) * 8e-6 / seconds
                 for n in last[3]}
        whole = sum(rates.values())
        self.samples.append({
            "t": last[0], "phase": last[1],
            "mbps": (last[2] - before[2]) * 8e-6 / seconds,
            "wans": {n: {
                "mbps": rates[n], "share": rates[n] / whole if whole else 0,
                "rtt_ms": paths.get(n, {}).get("srtt_us", 0) / 1000,
                "lost": paths.get(n, {}).get("lost_packets", 0),
                "sent": paths.get(n, {}).get("sent_bytes", 0),
                "cwnd": paths.get(n, {}).get("cwnd", 0),
                "in_flight": paths.get(n, {}).get("in_flight", 0),
                "pacing_mbps": paths.get(n, {}).get("pacing_rate", 0) * 8e-6,
                "state": paths.get(n, {}).get("state", "none")}
                for n in sorted(last[3])}})
        self.show(self.samples[-1])

    def run(self):
        self.tick()
        before = self.ticks[0]
        while not self.done.wait(TICK):
            self.tick()
            if self.ticks[-1][0] - before[0] >= PATHS_EACH:
                self.sample(before)
                before = self.ticks[-1]

    def stop(self):
        """No sample follows."""
        self.done.set()
        self.join()

    def series(self, step=0.25):
        """Seconds, Mb/s that the LAN host received, and of each uplink."""
        before, rows = self.ticks[0], []
        for tick in self.ticks:
            seconds = tick[0] - before[0]
            if seconds < step:
                continue
            rows.append([tick[0], (tick[2] - before[2]) * 8e-6 / seconds] +
                        [(tick[3].get(n, 0) - before[3].get(n, 0)) * 8e-6 /
                         seconds for n in sorted(self.ticks[0][3])])
            before = tick
        return [[round(value, 3) for value in row] for row in rows]

    def stall(self, begin, end):
        """The longest time, in ms, in which the LAN host received nothing."""
        longest, since, had = 0.0, None, None
        for at, _, received, _ in self.ticks:
            if not begin <= at <= end:
                continue
            if received != had or since is None:
                had, since = received, at
            longest = max(longest, at - since)
        return longest * 1000
