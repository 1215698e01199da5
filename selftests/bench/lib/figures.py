# SPDX-License-Identifier: GPL-2.0
"""From what the guest printed to figures."""

from statistics import median

# USER_HZ: unit of /proc/stat, and of what the guest makes of /proc/uptime
TICK = 100
# steps of the data path that the module measures
STEPS = ("source", "plan", "seal", "send", "add", "unprotect", "open",
          "consume")


def goodput(result):
    """Mbit/s of payload."""
    return result["rx_bytes"] * 8e3 / result["ns"]


def cpu(result, host):
    """CPU seconds for each GB of payload, over both ends."""
    busy = result["host_cpu"] if host else result["busy"] / TICK
    return busy * 1e9 / result["rx_bytes"]


def check(name, result):
    """A run in which something went wrong is no figure."""
    wrong = [counter for counter in ("tx_failed", "rx_lost", "rx_late",
                                     "rx_bad", "rx_differ")
             if result.get(counter)]
    if result["state"] != "done" or wrong:
        raise SystemExit(f"datapath: {name}: state {result['state']}, "
                         f"counted {' '.join(wrong) or 'nothing wrong'}")


def timed(cases, results, host):
    """Medians for each case, and of the ratios to its rival in the same
    round."""
    rounds = {name: [(goodput(r), cpu(r, host)) for r in rs]
              for name, rs in results.items()}
    answer = {}
    for case in cases:
        own, rival = rounds[case.name], rounds.get(case.rival, [])
        pairs = list(zip(own, rival))
        answer[case.name] = {
            "mbits": median(g for g, _ in own),
            "cpu_s_per_gb": median(c for _, c in own),
        }
        if pairs:
            answer[case.name]["mbits_ratio"] = median(
                mine[0] / theirs[0] for mine, theirs in pairs)
            answer[case.name]["cpu_ratio"] = median(
                mine[1] / theirs[1] for mine, theirs in pairs)
    return answer


def counted(case, short, long):
    """Instructions, from a short and a long run with one CPU; one instruction
    takes one nanosecond there.  The module is never idle, so that its own
    clock will do, which is finer."""
    busy = (long["busy"] - short["busy"]) * 1e9 / TICK
    if case.kind == "tquic":
        busy = long["ns"] - short["ns"]
    size = long["rx_bytes"] - short["rx_bytes"]
    answer = {"insn_per_byte": busy / size}
    if case.kind != "tquic":
        return answer
    packets = long["rx_packets"] - short["rx_packets"]
    answer["insn_per_packet"] = busy / packets
    # a step is measured once for each train or batch
    sent = long["tx_packets"] / long["tx_trains"]
    received = long["rx_packets"] / long["rx_batches"]
    for step in STEPS:
        if long[f"{step}_n"]:
            answer[step] = (long[f"{step}_ns"] / long[f"{step}_n"] /
                            (sent if step in STEPS[:4] else received))
    return answer
