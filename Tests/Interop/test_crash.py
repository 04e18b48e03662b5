"""Kills Apus at random moments, in the short form; `make crash-test` is the long one."""

import os
import random
import sys

import otlp
import pytest
from process import REPOSITORY

sys.path.append(str(REPOSITORY / "Tests" / "Crash"))

import numbered  # noqa: E402
from rounds import Trial  # noqa: E402
from variants import LOSING, SHORT, VARIANTS  # noqa: E402

#: Set CRASH_SEED to what a failed run printed to see the same moments again (as far as machines allow).
SEED = os.environ.get("CRASH_SEED", str(random.randrange(10**6)))


def play(variant, directory, rounds):
    outcome = Trial(variant, directory, SEED).run(rounds)
    print(f"CRASH_SEED={SEED}", outcome, *outcome.damages, sep="\n")
    if outcome.failures:
        for log in sorted(directory.glob("*.log"), key=lambda path: int(path.stem)):
            print(f"{log.name}:\n{log.read_text(errors='replace')[-4000:]}")
    assert not outcome.failures, str(outcome)


@pytest.mark.parametrize("variant", [one for one in VARIANTS if one.name in SHORT], ids=lambda variant: variant.name)
def test_nothing_that_was_acknowledged_is_lost(variant, tmp_path):
    play(variant, tmp_path, rounds=1)


@pytest.mark.parametrize("variant", [one for one in LOSING if one.name in SHORT], ids=lambda variant: variant.name)
def test_losses_are_noticed(variant, tmp_path):
    play(variant, tmp_path, rounds=1)


@pytest.mark.parametrize("signal", numbered.SIGNALS)
def test_altered_items_are_noticed(signal):
    body, numbers = numbered.message(signal, 7, 20)
    kind = otlp.SERVICES[signal].request
    assert numbered.read(kind.FromString(body)) == (list(numbers), [])
    for old, new in ((b"item-000000000705", b"item-000000000706"), (b"padding", b"paddinh")):
        found, altered = numbered.read(kind.FromString(body.replace(old, new, 1)))
        assert len(found) == 19 and len(altered) == 1
