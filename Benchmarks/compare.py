"""CPU seconds that collectors spend on a million items, side by side.

Every run starts a process of its own, on core 0; h2load and the sink have core 1. CPU is user and system time of the
collector from the first request until everything has arrived. Runs of the collectors alternate; figures are medians.
Beside Apus runs `limit`, which is bare nghttp2 without any of a collector's work; with `--peers` also otelcol and
rotel, if they are under $PEERS (~/.cache/apus-peers).
"""

import argparse
import pathlib
import re
import tempfile

from comparison import collectors, payloads, report
from comparison.cases import CASES
from comparison.measure import ROOT, measure


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("cases", nargs="?", default="", help="a regular expression that the names of cases match")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--apus", default=str(ROOT / ".build/release/apus"))
    options.add_argument("--before", help="another build of Apus to compare with")
    options.add_argument("--peers", action="store_true", help="also those under $PEERS")
    options.add_argument("--write", default=str(ROOT / ".build/bench"), help="where the table is written")
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        limit = collectors.build_limit(pathlib.Path(directory))
        compared = [collectors.FromFile("apus", [arguments.apus])]
        if arguments.before:
            compared.append(collectors.FromFile("before", [arguments.before]))
        compared += [collectors.Limit(limit), *(collectors.peers() if arguments.peers else [])]
        compare(arguments, compared, limit)


def compare(arguments, compared, limit):
    lines, results = [], []

    def say(line):
        lines.append(line)
        print(line, flush=True)

    say(report.HEAD)
    for case in CASES:
        if not re.search(arguments.cases, case.name):
            continue
        body, fields = payloads.body(case)
        message_bytes = payloads.MAKERS[case.signal](case.items).ByteSize()
        found = {collector.name: [] for collector in compared if collector.takes(case)}
        for _ in range(arguments.runs):
            for collector in compared:
                if collector.takes(case):
                    found[collector.name].append(measure(collector, case, body, fields, message_bytes, limit))
        for row in report.rows(case, found):
            say(row)
        results.append((case, found))
    say("")
    for case, found in results:
        if line := report.compression(case, found):
            say(f"- {case.name}: {line}")
    target = pathlib.Path(arguments.write)
    target.mkdir(parents=True, exist_ok=True)
    (target / "comparison.md").write_text("\n".join(lines) + "\n")
    (target / "comparison.json").write_text(report.document(results))


if __name__ == "__main__":
    main()
