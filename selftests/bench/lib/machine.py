# SPDX-License-Identifier: GPL-2.0
"""Runs the guest's half in a machine and reads what it prints."""

import os
import re
import shutil
import subprocess

TICK = os.sysconf("SC_CLK_TCK")
PROGRAMS = ("bench/tquic-load", "netns/fake-agent", "tools/ip-tquic",
            "tools/tquic-handshaked")


def process_times():
    """Parent and CPU time in ticks, children waited for included, by pid."""
    times = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        times[int(pid)] = int(fields[1]), sum(map(int, fields[11:15]))
    return times


def cpu_seconds(root):
    """CPU time of a process and all its descendants."""
    times = process_times()
    children = {}
    for pid, (parent, _) in times.items():
        children.setdefault(parent, []).append(pid)
    total, todo = 0, [root]
    while todo:
        pid = todo.pop()
        total += times.get(pid, (0, 0))[1]
        todo += children.get(pid, [])
    return total / TICK


def parse(words):
    """'name=value' words as a dictionary; numbers as such."""
    answer = {}
    for word in words:
        name, _, value = word.partition("=")
        number = re.fullmatch(r"-?\d+(\.\d+)?", value)
        answer[name] = float(value) if number else value
    return answer


def programs(repo):
    """Build what runs in the machine; where it is, to be lent to it."""
    for path in ("selftests/bench/load", "selftests/netns", "tools"):
        subprocess.run(["make", "-s", "-C", os.path.join(repo, path)],
                       check=True)
    where = os.path.join(repo, "build/bench/bin")
    os.makedirs(where, exist_ok=True)
    for name in PROGRAMS:
        shutil.copy(os.path.join(repo, "build", name), where)
    return where


class Machine:
    """One boot of one kernel, for a list of cases."""

    def __init__(self, repo, kernel, icount, timeout, guest="guest", *more):
        self.icount = icount
        self.command = [f"{repo}/selftests/vm/run", "--kernel", kernel,
                        "--timeout", str(timeout)]
        if icount:
            self.command.append("--icount")
        self.command += [*more, "--", f"selftests/bench/{guest}"]

    def run(self, seconds, rounds, cases, show):
        """Measure; the answer is the kernel's release and a list of rounds
        for each case."""
        arguments = [str(seconds), "icount" if self.icount else str(rounds)]
        arguments += [case.argument(not self.icount) for case in cases]
        results = {}
        release, before, used = "", 0.0, 0.0
        with subprocess.Popen(self.command + arguments, text=True,
                              stdout=subprocess.PIPE) as process:
            for line in process.stdout:
                verb, *words = line.split() or [""]
                if verb == "release":
                    release = words[0]
                elif verb == "begin":
                    before = cpu_seconds(process.pid)
                elif verb == "end":
                    used = cpu_seconds(process.pid) - before
                elif verb == "result":
                    answer = parse(words[1:])
                    answer["host_cpu"] = used
                    results.setdefault(words[0], []).append(answer)
                    show(words[0], answer)
                elif line.strip():
                    print("  " + line.rstrip())
        if process.returncode:
            raise SystemExit(f"datapath: {' '.join(self.command)} failed "
                             f"with status {process.returncode}")
        return release, results
