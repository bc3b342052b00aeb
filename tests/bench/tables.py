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


def flow_row(scenario, ours, theirs):
    our_cpu, their_cpu = median(ours, "cpu_us_per_delivered"), median(theirs, "cpu_us_per_delivered")
    ratio = their_cpu / our_cpu if our_cpu and their_cpu else None
    met = ratio >= 0.9 * scenario.bar if ratio and scenario.bar else None  # a miss below a tenth is noise
    return [scenario.name, show(their_cpu, 2), show(our_cpu, 3), show(ratio), show(scenario.bar), verdict(met),
            show(median(theirs, "messages_per_second"), 0), show(median(ours, "messages_per_second"), 0), flaws(ours)]


def latency_row(scenario, ours, theirs):
    cells = [show(median(rounds, f"latency_{name}_us"), 0) for name in ("p50", "p99", "p999") for rounds in (theirs, ours)]
    return [scenario.name, *cells, flaws(ours)]


def idle_row(scenario, ours, theirs):
    bytes_each = median(ours, "bytes_per_connection")
    met = bytes_each <= 1.1 * scenario.bar if bytes_each is not None and scenario.bar else None
    return [scenario.name, show(median(theirs, "bytes_per_connection"), 0), show(bytes_each, 0), show(scenario.bar, 0), verdict(met),
            show(median(ours, "connections_per_second"), 0), show(median(ours, "cpu_percent_while_idle"), 2), flaws(ours)]


KINDS = {
    "flow": (flow_row, ["CPU us per delivered message", "mosquitto", "junctor", "times less", "bar", "", "msg/s mosquitto", "msg/s junctor", "flaws"]),
    "latency": (latency_row, ["latency us (mosquitto, junctor)", "p50", "p50", "p99", "p99", "p99.9", "p99.9", "flaws"]),
    "idle": (idle_row, ["resident bytes per connection", "mosquitto", "junctor", "bar", "", "conn/s junctor", "CPU % at rest", "flaws"]),
}


def row(scenario, ours, theirs):
    return KINDS[scenario.kind][0](scenario, ours, theirs)


def render(kind, rows):
    table = [KINDS[kind][1], *rows]
    widths = [max(len(cells[column]) for cells in table) for column in range(len(table[0]))]
    lines = ["  ".join([cells[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:]))]).rstrip() for cells in table]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
