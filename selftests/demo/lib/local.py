# SPDX-License-Identifier: GPL-2.0
"""The modules on this machine, for as long as they are needed."""

import os
import shutil
import subprocess
import sys

MODULES = (("tquic", "net/tquic/tquic.ko"),
           ("tquic_nf", "net/netfilter/tquic_nf/tquic_nf.ko"))
TOOLS = ("ip", "tc", "ethtool", "conntrack", "curl", "iperf3", "jq", "ss")


def loaded():
    """Names of modules."""
    try:
        with open("/proc/modules", encoding="ascii") as file:
            return {line.split()[0] for line in file}
    except OSError:
        return set()


def die(*words):
    """End with a message."""
    sys.exit("demo: " + " ".join(words))


class Local:
    """Loads what is not loaded, and unloads that again."""

    def __init__(self, repo):
        self.repo = repo
        self.mine = []

    def check(self):
        """End with a message where it cannot work."""
        release = os.uname().release
        if not os.path.exists("/proc/modules"):
            die(f"the kernel here, {release}, cannot load modules: leave out "
                "LOCAL=1, and a machine is emulated")
        if not {name for name, _ in MODULES} <= loaded():
            self.build(release)
        missing = [name for name in TOOLS if not shutil.which(name)]
        if missing:
            die("LOCAL=1 needs programs that are not here:",
                " ".join(missing))

    def build(self, release):
        """The modules, for the kernel here."""
        if not os.path.isdir(f"/lib/modules/{release}/build"):
            die(f"there are no headers of the kernel here, {release}: install "
                f"linux-headers-{release}, or leave out LOCAL=1")
        subprocess.run(["make", "-s", "-C", self.repo, "modules"], check=True,
                       stdout=sys.stderr)

    def insert(self, name, path):
        """One module, with what it needs."""
        needs = subprocess.run(["modinfo", "-F", "depends", path], text=True,
                               check=True, stdout=subprocess.PIPE).stdout
        for need in filter(None, needs.strip().split(",")):
            if need not in loaded():
                subprocess.run(["modprobe", need], check=True)
        subprocess.run(["insmod", path], check=True)
        self.mine.append(name)

    def __enter__(self):
        try:
            for name, path in MODULES:
                if name not in loaded():
                    self.insert(name, os.path.join(self.repo, path))
        except subprocess.CalledProcessError as error:
            self.__exit__()
            die(f"'{' '.join(error.cmd)}' failed: this machine does not load "
                "the modules; leave out LOCAL=1, and one is emulated")
        return self

    def __exit__(self, *_):
        for name in reversed(self.mine):
            # namespaces let go of it a little later
            for _ in range(50):
                if not subprocess.run(["rmmod", name], check=False,
                                      stderr=subprocess.DEVNULL).returncode:
                    break
                subprocess.run(["sleep", "0.1"], check=False)
            else:
                print(f"demo: {name} is still in use, and stays loaded",
                      file=sys.stderr)
