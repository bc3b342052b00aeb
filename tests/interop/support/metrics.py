"""Numbers out of /metrics."""
import re


def total(gateway, name, **labels):
    """Of all series of that name that have these labels."""
    value = 0
    for line in gateway.admin("/metrics").splitlines():
        if match := re.fullmatch(rf"{name}(?:\{{(.*)\}})? (\S+)", line):
            series = dict(re.findall(r'(\w+)="([^"]*)"', match.group(1) or ""))
            if all(series.get(label) == wanted for label, wanted in labels.items()):
                value += float(match.group(2))
    return value
