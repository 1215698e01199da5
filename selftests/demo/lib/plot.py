# SPDX-License-Identifier: GPL-2.0
"""Throughput by uplink over time, drawn by gnuplot."""

import os
import subprocess

COLORS = ("#3b6fb6", "#e08e2b", "#4c9f50", "#b04a4a", "#7a5ba6", "#7f7f7f",
          "#a0a030", "#30a0a0")


def table(figures):
    """Rows: time, rate of each uplink stacked upon the ones before, all."""
    rows = []
    for at, _, *rates in figures["series"]:
        row = [at] + [sum(rates[:n + 1]) for n in range(len(rates))]
        rows.append(" ".join(f"{value:.3f}" for value in row))
    return "\n".join(rows) + "\n"


def script(figures, data, png):
    """What gnuplot is to do."""
    wans = figures["wans"]
    event = figures["iperf3"]
    lines = [
        "set terminal pngcairo size 1100,560 font 'sans,11'",
        f"set output '{png}'",
        "set title 'Received by the LAN host, by uplink: curl, then iperf3'",
        "set xlabel 'seconds'", "set ylabel 'Mb/s on the wire'",
        "set yrange [0:*]", "set xrange [0:*]", "set grid",
        "set key outside right top reverse Left invert",
        "set style fill solid 0.85 noborder"]
    for key, word in (("begin", "iperf3"), ("cut", f"wan{event['wan']} cut"),
                      ("restored", f"wan{event['wan']} restored")):
        if key in event:
            lines.append(f"set arrow from {event[key]:.2f}, graph 0 to "
                         f"{event[key]:.2f}, graph 1 nohead dt 2 front")
            lines.append(f"set label '{word}' at {event[key]:.2f}, graph 0.97 "
                         "offset 0.4,0 front")
    below = "(0)"
    plots = []
    for n, wan in enumerate(wans):
        plots.append(f"'{data}' using 1:{below}:{n + 2} with filledcurves "
                     f"lc rgb '{COLORS[n]}' title "
                     f"'wan{n + 1}: {wan['rate']:.3g} Mb/s, "
                     f"{wan['delay']:g} ms'")
        below = str(n + 2)
    limit = sum(wan["rate"] for wan in wans)
    plots.append(f"{limit} with lines dt 3 lc rgb 'black' "
                 "title 'all uplinks together'")
    lines.append("plot " + ", ".join(plots))
    return "\n".join(lines) + "\n"


def draw(figures, out):
    """Write throughput.png, and what it is made of."""
    data = os.path.join(out, "throughput.dat")
    png = os.path.join(out, "throughput.png")
    with open(data, "w", encoding="ascii") as file:
        file.write(table(figures))
    subprocess.run(["gnuplot"], input=script(figures, data, png), text=True,
                   check=True)
    return png
