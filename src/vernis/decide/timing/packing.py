"""A model, and what became of earlier estimates, as bytes to keep until the next week.

A version byte, a fixed head, then the arrays as they lie in memory, little-endian. What was
packed by another version is refused: learn anew instead of reading it wrongly.
"""

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vernis.decide.timing.model import READINGS, RHYTHMS, STAGE_COUNT, Foretold, Model
from vernis.decide.timing.tables import BINS, WEEK, binned, from_halves, priors, to_halves

VERSION = 4
_MODEL = struct.Struct("<Biidd")  # version, day, lines, seen, kept
_FORETOLD = struct.Struct("<Bii")  # version, returns, visits


def pack(model: Model) -> bytes:
    """About 300 bytes for each line and 4 kB for the rest; `unpack` gives the same model again."""
    head = _MODEL.pack(*(VERSION, model.day, len(model.lines), model.seen, model.kept))
    arrays = [
        to_halves(np.vstack((model.company, model.rhythms, model.lines))),
        *(model.weights, model.never, model.weekdays, model.outside, model.learned),
        *(model.returns.astype("<i4"), model.standards.astype("<i2")),
    ]
    return head + b"".join(np.ascontiguousarray(one).tobytes() for one in arrays)


def unpack(packed: bytes) -> Model:
    """The model that was packed. ValueError where the bytes are another version's, or cut."""
    if not packed or packed[0] != VERSION or len(packed) < _MODEL.size:
        raise ValueError("This timing model was packed by another version: learn it anew.")
    _, day, number, seen, kept = _MODEL.unpack_from(packed)
    bands = len(RHYTHMS) + 2
    densities, weights, never, weekdays, outside, learned, returns, standards = _arrays(
        packed[_MODEL.size :],
        [
            ("<f2", (1 + bands + number, BINS)),
            ("<f4", (READINGS, STAGE_COUNT)),
            ("<f4", (STAGE_COUNT,)),
            ("<f4", (WEEK,)),
            ("<f4", (2,)),
            ("<f4", (number,)),
            ("<i4", (number,)),
            ("<i2", (number,)),
        ],
    )
    rows = from_halves(densities)
    return Model(
        day=day,
        weights=weights,
        rhythms=rows[1 : 1 + bands],
        lines=rows[1 + bands :],
        standards=standards.astype(np.int64),
        seen=seen,
        priors=binned(priors(standards, seen)),
        learned=learned,
        returns=returns.astype(np.int64),
        never=never,
        company=rows[0],
        weekdays=weekdays,
        outside=outside,
        kept=kept,
    )


def pack_foretold(foretold: Foretold) -> bytes:
    """Five bytes for each tail, nine for each promise."""
    head = _FORETOLD.pack(VERSION, len(foretold.tails), len(foretold.hits))
    arrays = [getattr(foretold, name) for name in Foretold.__slots__]
    return head + b"".join(np.ascontiguousarray(one).tobytes() for one in arrays)


def unpack_foretold(packed: bytes) -> Foretold:
    """What was packed. ValueError where the bytes are another version's, or cut."""
    if not packed or packed[0] != VERSION or len(packed) < _FORETOLD.size:
        raise ValueError("These estimates were packed by another version: begin anew.")
    _, returns, visits = _FORETOLD.unpack_from(packed)
    tails, personal, promised, coming, hits = _arrays(
        packed[_FORETOLD.size :],
        [
            *(("<f4", (returns,)), ("?", (returns,))),
            *(("<f4", (visits,)), ("<f4", (visits,)), ("?", (visits,))),
        ],
    )
    return Foretold(tails=tails, personal=personal, promised=promised, coming=coming, hits=hits)


def _arrays(packed: bytes, shapes: Sequence[tuple[str, tuple[int, ...]]]) -> list[NDArray[Any]]:
    sizes = [np.dtype(kind).itemsize * int(np.prod(shape)) for kind, shape in shapes]
    if sum(sizes) != len(packed):
        raise ValueError("The packed bytes are cut or damaged: learn anew.")
    ends = np.cumsum(sizes)
    return [
        np.frombuffer(packed[end - size : end], kind).reshape(shape)
        for (kind, shape), size, end in zip(shapes, sizes, ends, strict=True)
    ]
