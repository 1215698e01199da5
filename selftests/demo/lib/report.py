# SPDX-License-Identifier: GPL-2.0
"""The figures as a table."""


def rows(figures):
    """The uplinks, and then what went through all of them."""
    yield ("uplink", "Mb/s", "used", "share", "RTT ms", "lost")
    for path in figures["paths"]:
        yield (f"wan{path['wan']}", f"{path['rate']:.1f}",
               f"{path['mbps']:.1f}", f"{100 * path['share']:.0f} %",
               f"{path['rtt_ms']:.0f}", str(path["lost"]))


def table(figures):
    """Lines."""
    cells = list(rows(figures))
    widths = [max(len(row[i]) for row in cells) for i in range(6)]
    lines = ["  ".join(cell.rjust(width)
                       for cell, width in zip(row, widths)) for row in cells]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return lines


def summary(figures):
    """What it comes to."""
    whole, best = sum(figures["ceiling_mbps"]), max(figures["ceiling_mbps"])
    curl, iperf = figures["curl"], figures["iperf3"]
    same = curl["sha256_sent"] == curl["sha256_received"]
    lines = [f"payload that the uplinks can carry: {whole:.1f} Mb/s together, "
             f"{best:.1f} Mb/s the best one",
             f"curl: {curl['bytes'] / 1e6:.1f} MB at {curl['mbps']:.1f} Mb/s, "
             f"{curl['mbps'] / whole:.2f} of all, "
             f"{curl['mbps'] / best:.2f} of the best one",
             f"sha256 {curl['sha256_received']} as received: " +
             ("what was sent" if same else
              f"WRONG, {curl['sha256_sent']} was sent")]
    if "cut" in iperf:
        seconds = iperf["restored"] - iperf["cut"]
        lines.append(f"iperf3: {iperf['mbps']:.1f} Mb/s, with "
                     f"wan{iperf['wan']} cut for {seconds:.0f} s; the LAN "
                     f"host waited at most {iperf['stall_ms']:.0f} ms")
    else:
        lines.append(f"iperf3: {iperf['mbps']:.1f} Mb/s")
    return lines, same
