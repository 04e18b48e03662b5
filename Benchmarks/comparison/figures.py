"""What benchmarks with one figure a case have in common: their options, runs in turn, and a table of medians."""

import argparse
import json
import pathlib
import statistics

from .measure import ROOT


def options(description, runs=3):
    """A parser with what all of them understand."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=runs)
    parser.add_argument("--apus", default=str(ROOT / ".build/release/apus"))
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--json", help="also write the figures to this file")
    return parser


def collectors(arguments):
    """The commands by the names of the collectors; Apus is the first."""
    found = {"apus": [arguments.apus, "--config", "{config}"]}
    for peer in arguments.peer:
        name, command = peer.split("=", 1)
        found[name] = command.split()
    return found


def write(figures, arguments):
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(figures, indent=2))


def compare(cases, arguments, head="case"):
    """Measures each case with each collector in turn; a case is a function of the command.

    A peer that cannot do a case is left out of it; when Apus cannot, that is the end.
    """
    compared, figures = collectors(arguments), []
    print(f"| {head} | " + " | ".join(f"{name} CPU s/M" for name in compared) + " |")
    print("|---|" + "---:|" * len(compared))
    for case, measure in cases.items():
        seen = {name: [] for name in compared}
        for _ in range(arguments.runs):
            for name, command in compared.items():
                try:
                    seen[name].append(measure(command))
                except SystemExit as problem:
                    if name == "apus":
                        raise
                    print(f"{name} cannot: {str(problem).splitlines()[0]}")
        medians = {name: statistics.median(values) if values else None for name, values in seen.items()}
        figures.append({"case": case, "medians": medians, "runs": seen})
        texts = ["-" if value is None else f"{value:.2f}" for value in medians.values()]
        print(f"| {case} | {' | '.join(texts)} |", flush=True)
    write(figures, arguments)
