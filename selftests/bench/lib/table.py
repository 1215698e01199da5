# SPDX-License-Identifier: GPL-2.0
"""Tables in reStructuredText, which read well as plain text, too."""

from figures import STEPS


def simple_table(head, rows):
    """A simple table; the first column is text, the others are numbers."""
    widths = [max(len(row[i]) for row in [head, *rows])
              for i in range(len(head))]
    rule = "  ".join("=" * width for width in widths)

    def line(row):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in
                  zip(row[1:], widths[1:])]
        return "  ".join(cells).rstrip()

    return [rule, line(head), rule, *map(line, rows), rule, ""]


def ratio(figures, key):
    """A ratio, if there is one."""
    return f"{figures[key]:.2f}" if key in figures else "-"


def timed_table(cases, timed, counted):
    """Goodput, CPU and instructions, with their ratios to the rival."""
    head = ["", "Mbit/s", "ratio", "CPU s/GB", "ratio"]
    if counted:
        head += ["insn/byte", "ratio", "insn/packet"]
    rows = []
    for case in cases:
        if case.name not in timed:
            continue
        figures = timed[case.name]
        row = [case.label, f"{figures['mbits']:.0f}",
               ratio(figures, "mbits_ratio"),
               f"{figures['cpu_s_per_gb']:.1f}", ratio(figures, "cpu_ratio")]
        if counted:
            row += counted_cells(case, counted)
        rows.append(row)
    return simple_table(head, rows) if rows else []


def counted_cells(case, counted):
    """The part of a row that comes from counting instructions."""
    mine, rival = counted.get(case.name), counted.get(case.rival)
    if not mine:
        return ["-", "-", "-"]
    cells = [f"{mine['insn_per_byte']:.2f}", "-", "-"]
    if rival:
        cells[1] = f"{mine['insn_per_byte'] / rival['insn_per_byte']:.2f}"
    if "insn_per_packet" in mine:
        cells[2] = f"{mine['insn_per_packet']:.0f}"
    return cells


def steps_table(names, counted):
    """Instructions that each step takes for one packet."""
    names = [name for name in names if name in counted]
    if not names:
        return []
    rows = [[step] + [f"{counted[name].get(step, 0):.0f}" for name in names]
            for step in STEPS]
    rows.append(["all"] + [f"{counted[name]['insn_per_packet']:.0f}"
                           for name in names])
    return simple_table(["step", *names], rows)
