"""Medians of the rounds, as tables for people."""
import statistics

FLAWS = ("lost", "duplicated", "reordered", "misrouted")


def median(rounds, field):
    values = [figures[field] for figures in rounds if figures.get(field) is not None]
    return statistics.median(values) if values else None


def show(value, digits=1):
    return "-" if value is None else f"{value:,.{digits}f}"


def flaws(rounds):
    found = {name: sum(int(figures.get(name, 0)) for figures in rounds) for name in FLAWS}
    errors = sum("error" in figures for figures in rounds)
    text = [f"{count} {name}" for name, count in found.items() if count] + ([f"{errors} rounds failed"] if errors else [])
    return ", ".join(text) or "none"


def verdict(met):
    return "-" if met is None else "met" if met else "MISSED"


def cpu_cells(scenario, ours, theirs):
    our_cpu, their_cpu = median(ours, "cpu_us_per_delivered"), median(theirs, "cpu_us_per_delivered")
    ratio = their_cpu / our_cpu if our_cpu and their_cpu else None
    met = ratio >= 0.9 * scenario.bar if ratio and scenario.bar else None  # a miss below a tenth is noise
    return [show(their_cpu, 2), show(our_cpu, 3), show(ratio), show(scenario.bar), verdict(met)]


def flow_row(scenario, ours, theirs):
    return [scenario.name, *cpu_cells(scenario, ours, theirs),
            show(median(theirs, "messages_per_second"), 0), show(median(ours, "messages_per_second"), 0), flaws(ours)]


def latency_row(scenario, ours, theirs):
    cells = [show(median(rounds, f"latency_{name}_us"), 0) for name in ("p50", "p99", "p999") for rounds in (theirs, ours)]
    return [scenario.name, *cells, flaws(ours)]


def idle_row(scenario, ours, theirs):
    bytes_each = median(ours, "bytes_per_connection")
    met = bytes_each <= 1.1 * scenario.bar if bytes_each is not None and scenario.bar else None
    return [scenario.name, show(median(theirs, "bytes_per_connection"), 0), show(bytes_each, 0), show(scenario.bar, 0), verdict(met),
            show(median(ours, "connections_per_second"), 0), show(median(ours, "cpu_percent_while_idle"), 2), flaws(ours)]


def stored_row(scenario, ours, theirs):
    bytes_each = median(ours, "bytes_per_subscription")
    met = bytes_each <= 1.1 * scenario.bytes_bar if bytes_each is not None else None
    return [scenario.name, *cpu_cells(scenario, ours, theirs), show(median(theirs, "bytes_per_subscription"), 0), show(bytes_each, 0),
            show(scenario.bytes_bar, 0), verdict(met), flaws(ours)]


def throughput_row(scenario, ours, theirs, in_memory):
    rates = [median(rounds, "messages_per_second") for rounds in (theirs, in_memory, ours)]
    share = rates[2] / rates[1] if rates[1] and rates[2] else None
    met = share >= 0.9 * scenario.bar if share is not None else None
    return [scenario.name, *(show(rate, 0) for rate in rates), show(share, 2), show(scenario.bar, 2), verdict(met), flaws(ours)]


def delay_row(scenario, ours, theirs, in_memory):
    delays = [median(rounds, "acknowledged_p50_us") for rounds in (theirs, in_memory, ours)]
    sync = median(ours, "fdatasync_us")
    factor = (delays[2] - delays[1]) / sync if None not in (delays[1], delays[2], sync) else None
    met = factor <= 1.1 * scenario.bar if factor is not None else None
    return [scenario.name, *(show(delay, 0) for delay in delays), show(sync, 0), show(factor), show(scenario.bar), verdict(met), flaws(ours)]


def overload_row(scenario, ours, theirs):
    cells = []
    for rounds in (theirs, ours):
        peak, over = (median(rounds, f"{load}_messages_per_second") for load in ("peak", "overload"))
        early, late = (median(rounds, f"{load}_p99_us") for load in ("peak", "overload"))
        cells.append((over / peak if peak and over else None, late / early if early and late else None))
    share, delay = cells[1]
    met = share >= 0.9 * scenario.bar and delay <= 1.1 * P99_BAR if None not in (share, delay) else None
    return [scenario.name, *(show(value, 2) for pair in zip(*cells) for value in pair), verdict(met), flaws(ours)]


P99_BAR = 2  # times what it is at the peak

KINDS = {
    "flow": (flow_row, ["CPU us per delivered message", "mosquitto", "junctor", "times less", "bar", "", "msg/s mosquitto", "msg/s junctor", "flaws"]),
    "latency": (latency_row, ["latency us (mosquitto, junctor)", "p50", "p50", "p99", "p99", "p99.9", "p99.9", "flaws"]),
    "stored": (stored_row, ["CPU us per message, resident bytes per subscription", "mosquitto", "junctor", "times less", "bar", "", "mosquitto", "junctor", "bar", "",
                            "flaws"]),
    "throughput": (throughput_row, ["acknowledged messages per second", "mosquitto", "in memory", "durable", "share", "bar", "", "flaws"]),
    "delay": (delay_row, ["us from publish to acknowledgement", "mosquitto", "in memory", "durable", "fdatasync", "added", "bar", "", "flaws"]),
    "overload": (overload_row, ["twice and ten times the load, against the peak (goals 0.9, 2)", "goodput mosquitto", "junctor", "p99 beside it, mosquitto", "junctor",
                                "", "flaws"]),
    "idle": (idle_row, ["resident bytes per connection", "mosquitto", "junctor", "bar", "", "conn/s junctor", "CPU % at rest", "flaws"]),
}


def row(scenario, figures):
    """`figures`: the rounds by server."""
    ours, theirs = (next(figures[name] for name in (f"{server}-storing", f"{server}-ruled", server) if name in figures)
                    for server in ("junctor", "mosquitto"))
    in_memory = [figures["junctor"]] if "junctor-storing" in figures and "junctor" in figures else []
    return KINDS[scenario.kind][0](scenario, ours, theirs, *in_memory)


def render(kind, rows):
    table = [KINDS[kind][1], *rows]
    widths = [max(len(cells[column]) for cells in table) for column in range(len(table[0]))]
    lines = ["  ".join([cells[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:]))]).rstrip() for cells in table]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
