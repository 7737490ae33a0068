"""From the JSON of the benches to the table: picks figures, divides, judges. What is missing, not a number or not above zero is not met."""
import math


def pick(tree, path, names=None):
    """All figures that a path (targets.py) leads to; an empty list where it leads nowhere."""
    if isinstance(path, (int, float)):
        return [float(path)]
    if not path:
        return [float(tree)] if isinstance(tree, (int, float)) and not isinstance(tree, bool) else []
    names = names if names is not None else {}
    step, rest = path[0], path[1:]
    if isinstance(step, dict):
        wanted = {key: fill(value, names) for key, value in step.items()}
        fitting = [e for e in tree if isinstance(e, dict) and all(e.get(k) == v for k, v in wanted.items())] if isinstance(tree, list) else []
        return [figure for element in fitting for figure in pick(element, rest, names)]
    if not isinstance(tree, dict) or fill(step, names) not in tree:
        return []
    return pick(tree[fill(step, names)], rest, names)


def fill(word, names):
    for name, text in names.items() if isinstance(word, str) else ():
        word = word.replace("{" + name + "}", text)
    return word


def look(measured, path):
    """The same from the beginning: the first word is a bench."""
    if isinstance(path, (int, float)):
        return [float(path)]
    tree = measured.get(path[0], {})
    return pick(tree, path[1:], {k: v for k, v in tree.items() if isinstance(v, str)})


def ratio(measured, row):
    """The worst of ours / theirs, pair by pair; NaN where a path leads nowhere, sides differ in number, or a figure is no time."""
    worst = -math.inf
    for ours, theirs in zip(row["ours"], row["theirs"], strict=True):
        a, b = look(measured, ours), look(measured, theirs)
        if not a or len(a) != len(b) or not all(math.isfinite(v) and v > 0 for v in a + b):
            return math.nan
        worst = max(worst, *(x / y for x, y in zip(a, b)))
    return worst if math.isfinite(worst) else math.nan


def error(measured, row):
    """The largest of the row's errors; NaN if one of them is missing or NaN, None for a row without any."""
    if not row["errors"]:
        return None
    found = [look(measured, path) for path in row["errors"]]
    if not all(found) or any(math.isnan(v) for part in found for v in part):
        return math.nan
    return max(v for part in found for v in part)


def judge(measured, row):
    """The finished row: reached (ratio), met (None: nothing was promised), error, key (where ours comes from)."""
    reached = ratio(measured, row)
    met = None if row["target"] is None else bool(reached <= row["target"])
    return {**{k: row[k] for k in ("work", "against", "threads", "target")}, "reached": reached, "met": met, "error": error(measured, row),
            "key": name_of(row["ours"][0]) + (", ..." if len(row["ours"]) > 1 else "")}  # fmt: skip


def name_of(path):
    if isinstance(path, (int, float)):
        return f"{path:g}"
    return path[0] + ":" + ".".join("*" if step == {} else "[" + " ".join(str(v) for v in step.values()) + "]" if isinstance(step, dict) else step
                                    for step in path[1:])  # fmt: skip


def share(value):
    """A ratio as people say it: 1/15.2, or 1.23 from a half upwards."""
    if value is None:
        return ""
    if not math.isfinite(value):
        return "no figure"
    return f"{value:.2f}" if value > 0.5 else f"1/{1 / value:.3g}"


def markdown(rows):
    lines = ["| work | against | threads | target | reached | met | largest error |", "|---|---|---:|---:|---:|---|---:|"]
    for r in rows:
        off = "" if r["error"] is None else "no figure" if math.isnan(r["error"]) else f"{r['error']:.0e}"
        met = {None: "", True: "yes", False: "**no**"}[r["met"]]
        lines.append(f"| {r['work']} | {r['against']} | {r['threads']} | {share(r['target'])} | {share(r['reached'])} | {met} | {off} |")
    return "\n".join(lines) + "\n"
