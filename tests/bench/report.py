# SPDX-License-Identifier: MIT
"""From the figures of all runs to the tables and the aims."""

import collections
import statistics


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def summarise(variant, runs, idle):
    """`runs` are the good ones of a variant, each with its share of the same round's untraced."""
    if not runs:
        return None
    connections = sum(run["connections"] for run in runs)
    cpu = [run.get("tracer_cpu_s") for run in runs]
    summary = {
        "conn_per_s": median(run["conn_per_s"] for run in runs),
        "share": median(run["share"] for run in runs),
        "share_min": min(run["share"] for run in runs),
        "share_max": max(run["share"] for run in runs),
        "tracer_cpu_s": median(cpu),
        "idle_cpu_s": idle,
        "us_per_connection": None,
        "records_per_connection": median(
            run["records"] / run["connections"] if run.get("records") is not None else None
            for run in runs),
        "lost": None,
        "output_bytes": median(run.get("output_bytes") for run in runs),
    }
    if variant.commands:
        summary["us_per_connection"] = sum(cpu) * 1e6 / connections
        if all(run["lost"] is not None for run in runs):
            summary["lost"] = sum(run["lost"] for run in runs)
    return summary


def print_table(head, rows):
    """First column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in [head] + rows) for i in range(len(head))]
    for row in [head] + rows:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(w) for cell, w in zip(row[1:], widths[1:])]
        print("  ".join(cells).rstrip())


def shown(value, form):
    return "-" if value is None else format(value, form)


def print_summary(all_variants, summaries, reasons):
    head = ["tracer", "conn/s", "share", "(min-max)", "CPU s", "idle CPU s", "CPU us/conn",
            "lost", "records/conn", "output MB"]
    rows = []
    for variant in all_variants:
        summary = summaries.get(variant.key)
        if not summary:
            rows.append([variant.title, *["-"] * (len(head) - 1)])
            continue
        traced = bool(variant.commands)
        size = summary["output_bytes"] / 1e6 if summary["output_bytes"] else None
        rows.append([
            variant.title,
            shown(summary["conn_per_s"], ",.0f"),
            shown(summary["share"], ".3f"),
            f"{summary['share_min']:.2f}-{summary['share_max']:.2f}" if traced else "-",
            shown(summary["tracer_cpu_s"], ".2f"),
            shown(summary["idle_cpu_s"], ".2f"),
            shown(summary["us_per_connection"], ".1f"),
            shown(summary["lost"], ",d"),
            shown(summary["records_per_connection"], ".1f"),
            shown(size, ",.1f"),
        ])
    print_table(head, rows)
    print("share: of the untraced run of the same round, median. CPU: the tracer's own, user and "
          "system,\nwhole life; idle: the same without load. lost: all rounds together.")
    for variant in all_variants:
        for reason, times in collections.Counter(reasons.get(variant.key, [])).items():
            print(f"{variant.title}: {reason}" + (f" ({times} times)" if times > 1 else ""))


def print_disturbance(runs):
    others = statistics.mean(run["others_cpu_s"] / run["seconds"] for run in runs)
    if others > 0.1:
        print(f"Other processes kept {others:.1f} CPUs busy meanwhile (at a lower priority, but "
              "caches are shared).")
    if disturbed := sum(run["disturbed"] for run in runs):
        print(f"{disturbed} of {len(runs)} runs were disturbed: the load had to share its CPU.")


def print_hooks(hooks):
    rows = []
    for title, figures in hooks.items():
        connections = figures["connections"]
        for row in figures["hooks"]:
            rows.append([title, row["program"], f"{row['runs']:,}",
                         f"{row['runs'] / connections:.2f}", f"{row['ns'] / row['runs']:.0f}",
                         f"{row['ns'] / connections:.0f}"])
            title = ""
        total = sum(row["ns"] for row in figures["hooks"])
        rows.append(["", "all", "", "", "", f"{total / connections:.0f}"])
    if rows:
        print("\nBPF programs, kernel.bpf_stats_enabled=1 (which costs too: compare with the empty "
              "ones)")
        print_table(["tracer", "program", "runs", "runs/conn", "ns/run", "ns/conn"], rows)


def judge(summaries):
    """The aims, as (met, text); met is None when this run cannot tell."""
    full, light, write, text = (summaries.get(key) for key in ("full", "light", "write", "text"))
    aims = []

    def aim(what, needed, test, figures):
        if not all(needed):
            aims.append((None, f"{what}: not measured"))
        else:
            aims.append((bool(test()), f"{what}: {figures()}"))

    aim("light keeps at least the share that tcpdump -w keeps", (light, write),
        lambda: light["share"] >= write["share"],
        lambda: f"{light['share']:.3f} against {write['share']:.3f}")
    aim("full keeps at least 0.9 of the share that tcpdump -w keeps", (full, write),
        lambda: full["share"] >= 0.9 * write["share"],
        lambda: f"{full['share']:.3f} against {0.9 * write['share']:.3f}")
    aim("full takes less than half the CPU of tcpdump -nnS", (full, text),
        lambda: full["tracer_cpu_s"] < 0.5 * text["tracer_cpu_s"],
        lambda: f"{full['tracer_cpu_s']:.2f} s against half of {text['tracer_cpu_s']:.2f} s "
                f"({full['us_per_connection']:.1f} and {text['us_per_connection']:.1f} "
                "us/connection)")
    for name, summary in (("full", full), ("light", light)):
        # Who records nothing is cheap: this one keeps the others honest.
        aim(f"{name} writes at least one line a segment", (summary, write),
            lambda summary=summary: summary["records_per_connection"]
            >= 0.99 * write["records_per_connection"],
            lambda summary=summary: f"{summary['records_per_connection']:.1f} lines and "
            f"{write['records_per_connection']:.1f} segments a connection")
        aim(f"{name} loses nothing", (summary,),
            lambda summary=summary: summary["lost"] == 0,
            lambda summary=summary: "no count of lost events on stderr"
            if summary["lost"] is None else f"{summary['lost']:,} lost")
    return aims
