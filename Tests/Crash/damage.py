"""Damages the files of a storage as a bad disk or a torn write would, and says what that may cost."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import numbered


@dataclass
class Damage:
    what: str
    #: The numbers that may be missing now: those of records in this file from the damage on.
    excused: set = field(default_factory=set)


def queue_files(storage):
    """The files of all queues that have something in them, the one that was written last at the end."""
    found = [
        path for path in Path(storage).rglob("*") if path.is_file() and path.stat().st_size > 0
        and "dead-letters" not in path.parts]
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def markers(path):
    """Where in a file which item begins: [(offset, number)]."""
    data = path.read_bytes()
    return [(match.start(), int(match.group(1))) for match in numbered.MARKER.finditer(data)]


def tear(storage, random_numbers):
    """What a loss of power leaves of the file that was written last: it ends too early, in zeros, or in anything."""
    files = queue_files(storage)
    files = [path for path in files if markers(path)] or files
    if not files:
        return Damage("nothing to damage")
    path = files[-1]
    name, size = path.relative_to(storage), path.stat().st_size
    offset = random_numbers.randrange(size)
    excused = _from(path, offset)
    kind = random_numbers.choice(("cut", "zeros", "more"))
    if kind == "more":
        with open(path, "ab") as file:
            file.write(random_numbers.choice((bytes(500), random_numbers.randbytes(500), path.read_bytes()[-500:])))
        return Damage(f"{name}: 500 bytes after its {size}")
    os.truncate(path, offset)
    if kind == "zeros":
        os.truncate(path, size)
    return Damage(f"{name}: {kind} from {offset} of {size} bytes", excused)


def flip(storage, random_numbers):
    """Turns over one bit somewhere."""
    files = queue_files(storage)
    if not files:
        return Damage("nothing to damage")
    path = random_numbers.choice(files)
    size = path.stat().st_size
    offset, bit = random_numbers.randrange(size), random_numbers.randrange(8)
    excused = _from(path, offset)
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1 << bit]))
    return Damage(f"{path.relative_to(storage)}: bit {bit} of byte {offset} of {size}", excused)


def _from(path, offset):
    """The items in a file from a place on, and those whose record begins before it and may reach it."""
    requests, before = set(), None
    for place, number in markers(path):
        if place < offset:
            before = number // numbered.PER_REQUEST
        else:
            requests.add(number // numbered.PER_REQUEST)
    requests |= {before} - {None}
    return {request * numbered.PER_REQUEST + index for request in requests for index in range(numbered.PER_REQUEST)}


KINDS = {"tear": tear, "flip": flip}
