"""Results as tables for people: one per case, servers side by side, and how many times better Aldis is."""

import statistics


def tables(scenario, about, results):
    servers = list(about["versions"])
    lines = [about["machine"], "; ".join(f"{name} {version}" for name, version in about["versions"].items()),
             f"modules of the peers: {about['modules']}", ""]
    cases = list(dict.fromkeys(entry["case"] for entry in results))
    for case in cases:
        entries = [entry for entry in results if entry["case"] == case]
        lines += table(case, scenario.rows, servers, entries) + [""]
    return "\n".join(lines)


def table(title, rows, servers, entries):
    """Lines of text: a row per figure, a column per server, and one per peer that compares."""
    peers = [name for name in servers if name != "aldis"] if "aldis" in servers else []
    header = [title, *servers, *(f"aldis : {peer}" for peer in peers)]
    body = [header]
    for key, label, better in rows:
        values = {name: median(entries, name, key) for name in servers}
        is_first = key == rows[0][0] and any(cannot(entries, name) for name in servers)
        if all(value is None for value in values.values()) and not is_first:
            continue  # it is not about this case
        compared = [times_better(values["aldis"], values[peer], better) for peer in peers]
        shown = ["cannot" if key == rows[0][0] and cannot(entries, name) else number(values[name]) for name in servers]
        body.append([label, *shown, *compared])
    first = max(len(row[0]) for row in body)
    widths = [max(len(row[i]) for row in body) + 2 for i in range(1, len(header))]
    return [row[0].ljust(first) + "".join(cell.rjust(width) for cell, width in zip(row[1:], widths)) for row in body]


def median(entries, server, key):
    values = [entry["values"][key] for entry in entries
              if entry["server"] == server and entry.get("values", {}).get(key) is not None]
    return statistics.median(values) if values else None


def cannot(entries, server):
    return any("cannot" in entry for entry in entries if entry["server"] == server)


def times_better(ours, theirs, better):
    if better is None or not ours or not theirs:
        return ""
    return f"{ours / theirs if better == 'more' else theirs / ours:.1f} x"


def number(value):
    if value is None:
        return "-"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
