# SPDX-License-Identifier: GPL-2.0
"""The laboratory around a gateway, from its scripts; taken down for sure."""

import os
import signal
import subprocess
import time

REPO = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))
INET = "198.51.100.2"


class Failed(Exception):
    """A step did not work."""


class World:
    """Namespaces, named after the demonstration, with a tunnel."""

    def __init__(self, programs, name="demo"):
        self.name = name
        self.programs = programs
        self.up_now = False
        self.tasks = []
        self.env = dict(os.environ, TQUIC_LAB=name, TQUIC_BIN=programs,
                        NFT_TQUIC=os.path.join(programs, "nft-tquic"))

    def run(self, *command, check=True):
        """Run a command; what it prints."""
        run = subprocess.run(command, env=self.env, text=True, check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if check and run.returncode:
            raise Failed(f"{' '.join(command)}: {run.stdout.strip()}")
        return run.stdout

    def script(self, name, *words, check=True):
        """'lab' or 'gw'."""
        return self.run(os.path.join(REPO, "selftests/netns", name), *words,
                        check=check)

    def on(self, node, *command, check=True):
        """Run a command on a node."""
        return self.run("ip", "netns", "exec", f"{self.name}-{node}",
                        *command, check=check)

    def start(self, node, *command, out=subprocess.DEVNULL):
        """Start a command on a node."""
        # pylint: disable=consider-using-with
        task = subprocess.Popen(
            ["ip", "netns", "exec", f"{self.name}-{node}", *command],
            env=self.env, stdout=out, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL)
        self.tasks.append(task)
        return task

    def ip_tquic(self, node, *words, check=True):
        """The tool, on a node."""
        return self.on(node, os.path.join(self.programs, "ip-tquic"), *words,
                       check=check)

    def up(self, wans):
        """Build it with these uplinks, all paths open."""
        self.up_now = True
        self.script("gw", "up", str(len(wans)))
        self.shape(wans)
        self.script("gw", "wait")
        self.script("gw", "capture")
        self.paths(len(wans))

    def shape(self, wans):
        """Change what the uplinks carry."""
        for n, wan in enumerate(wans, 1):
            self.script("lab", "wan", str(n), "set", wan.options())

    def paths(self, count):
        """Wait until so many paths are in use."""
        for _ in range(150):
            text = self.ip_tquic("client", "path", "show", check=False)
            if text.count(" active ") == count:
                return
            time.sleep(0.1)
        raise Failed(f"not {count} paths after 15 s:\n{text}")

    def listens(self, node, port):
        """Wait until somebody listens on a port."""
        for _ in range(100):
            if self.on(node, "ss", "-Hltn", f"sport = :{port}"):
                return
            time.sleep(0.05)
        raise Failed(f"nobody listens on port {port} of {node}")

    def wan(self, n, what):
        """'cut', 'restore', 'blackhole', 'pass'."""
        self.script("lab", "wan", str(n), what)

    def down(self):
        """Remove it, whatever state it is in."""
        for task in self.tasks:
            if task.poll() is None:
                task.terminate()
                task.wait()
        self.tasks = []
        if not self.up_now:
            return
        self.up_now = False
        self.script("gw", "release", check=False)
        self.script("gw", "down", check=False)
        state = f"/run/tquic-gw-{self.name}"
        for pid in read(f"{state}/pids").split():
            if "tquic-handshake" in read(f"/proc/{pid}/comm"):
                os.kill(int(pid), signal.SIGTERM)
        for node in ("lan", "inet"):
            self.run("ip", "netns", "del", f"{self.name}-{node}", check=False)
        self.run("rm", "-rf", state)
        self.script("lab", "down", check=False)


def read(name):
    """A file, or nothing."""
    try:
        with open(name, encoding="ascii") as file:
            return file.read()
    except OSError:
        return ""
