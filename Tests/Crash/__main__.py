"""Kills Apus at random moments and shows that nothing it had acknowledged is lost.

    python Tests/Crash [--rounds 220] [--seed N] [--variant NAME]... [--keep DIRECTORY]
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Interop")]

from rounds import Trial  # noqa: E402
from variants import LOSING, VARIANTS  # noqa: E402


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=220, help="of all variants together")
    options.add_argument("--seed", default=str(random.randrange(10**6)))
    options.add_argument("--variant", action="append", help="part of the name of those to play; default: all")
    options.add_argument("--keep", type=Path, help="directory for logs and storage, to look at afterwards")
    arguments = options.parse_args()
    chosen = [
        variant for variant in [*VARIANTS, *LOSING]
        if not arguments.variant or any(part in variant.name for part in arguments.variant)]
    each = -(-arguments.rounds // len(chosen))
    print(f"{len(chosen)} variants with {each} rounds each; repeat with --seed {arguments.seed}", flush=True)
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="apus-crash-") as temporary:
        for variant in chosen:
            directory = (arguments.keep or Path(temporary)) / variant.name.replace(" ", "-")
            outcomes.append(Trial(variant, directory, arguments.seed).run(each))
            print(outcomes[-1], flush=True)
            for line in outcomes[-1].damages if outcomes[-1].failures else ():
                print(f"    {line}")
    failed = [outcome.variant.name for outcome in outcomes if outcome.failures]
    rounds = sum(outcome.rounds for outcome in outcomes)
    print(f"{rounds} kills, {sum(outcome.acknowledged for outcome in outcomes)} items acknowledged; "
          f"{'failed: ' + ', '.join(failed) if failed else 'every variant as it should be'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
