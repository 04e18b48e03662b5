"""One table for people and one document for programs."""

import json
import statistics
from dataclasses import asdict


def median(runs, figure):
    return statistics.median(getattr(run, figure) for run in runs)


def judged(case, own, others):
    """How the goals of a case were met: `1/7.3 of otelcol (goal 1/6)`."""
    words = []
    for name, runs in others.items():
        ratio = median(own, "cpu") / median(runs, "cpu")
        text = f"{ratio:.2f} ×" if ratio >= 1 else f"1/{1 / ratio:.1f}"
        goal = case.goals.get(name)
        if goal is None:
            words.append(f"{text} of {name}")
            continue
        wanted = f"{goal:.0f} ×" if goal >= 1 else f"1/{1 / goal:.0f}"
        words.append(f"{text} of {name} ({'goal' if ratio <= goal else '**missed**,'} {wanted})")
    return "; ".join(words)


HEAD = (
    "| case | collector | CPU s/M | k items/s | peak MB | idle MB | start ms | ratio of Apus |\n"
    "|---|---|---:|---:|---:|---:|---:|---|")


def rows(case, found):
    """`found` has the runs of each collector; the first is Apus."""
    (own_name, own), *others = found.items()
    for name, runs in found.items():
        figures = [median(runs, figure) for figure in ("cpu", "rate", "peak", "idle", "start")]
        texts = [f"{figures[0]:.2f}", *(f"{figure:.0f}" for figure in figures[1:])]
        ratio = judged(case, own, dict(others)) if name == own_name else ""
        yield f"| {case.name if name == own_name else ''} | {name} | {' | '.join(texts)} | {ratio} |"


def compression(case, found):
    """Whether what is sent is larger than what others send by more than a tenth; `None` where it does not apply."""
    if case.send != "gzip" or len(found) < 2:
        return None
    (_, own), *others = found.items()
    sizes = ", ".join(f"{name} {median(runs, 'sent'):.1f} MB" for name, runs in found.items())
    smallest = min(median(runs, "sent") for name, runs in others)
    return f"sent {sizes}: {median(own, 'sent') / smallest - 1:+.0%} of the smallest other"


def document(results):
    return json.dumps([
        {"case": case.name, "goals": case.goals,
         "runs": {name: [asdict(run) for run in runs] for name, runs in found.items()}}
        for case, found in results], indent=2)
