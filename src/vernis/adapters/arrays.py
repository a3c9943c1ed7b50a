"""NumPy arrays as PostgreSQL's: a million numbers go over the wire in one piece, none by itself.

Only binary results become NumPy arrays (`connection.cursor(binary=True)`); no element may be null.
NumPy is loaded by the first who uses it.
"""

from typing import TYPE_CHECKING, Any

from psycopg import pq
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Dumper, Loader

if TYPE_CHECKING:
    import numpy as np

_HEADER = 20  # dimensions, null flag, element type, length, lower bound: five int32
# NumPy's type -> PostgreSQL's element and array type
_OIDS = {"<i2": (21, 1005), "<i4": (23, 1007), "<i8": (20, 1016), "<f4": (700, 1021)}
_ELEMENTS = {element: dtype for dtype, (element, _) in _OIDS.items()}


def register(context: AdaptContext) -> None:
    """Let a connection take NumPy arrays and give them in binary results."""
    adapters = context.adapters
    assert adapters is not None
    adapters.register_dumper("numpy.ndarray", _ArrayDumper)
    for _, array in _OIDS.values():
        adapters.register_loader(array, _ArrayLoader)


class _ArrayDumper(Dumper):
    format = pq.Format.BINARY

    def get_key(self, obj: "np.ndarray", format: Any) -> Any:  # noqa: A002, ARG002
        return self.cls, obj.dtype.str

    def upgrade(self, obj: "np.ndarray", format: Any) -> "Dumper":  # noqa: A002, ARG002
        dumper = _ArrayDumper(self.cls)
        dumper.oid = _OIDS[obj.dtype.str][1]
        return dumper

    def dump(self, obj: "np.ndarray") -> Buffer:
        import numpy as np

        values = np.ascontiguousarray(obj)
        big_endian = values.dtype.newbyteorder(">")
        body = np.empty(len(values), [("size", ">i4"), ("value", big_endian)])
        body["size"], body["value"] = values.itemsize, values
        header = np.array([1, 0, _OIDS[obj.dtype.str][0], len(values), 1], ">i4")
        return header.tobytes() + body.tobytes()


class _ArrayLoader(Loader):
    format = pq.Format.BINARY

    def load(self, data: Buffer) -> "np.ndarray":
        import numpy as np

        dimensions, has_null, element = np.frombuffer(data, ">i4", 3)
        native = np.dtype(_ELEMENTS[int(element)])
        if not dimensions:
            return np.empty(0, native)
        assert not has_null
        body = np.frombuffer(
            data, [("size", ">i4"), ("value", native.newbyteorder(">"))], offset=_HEADER
        )
        return body["value"].astype(native)
