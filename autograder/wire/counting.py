"""Count the objects in msgpack bytes without creating any of them.

A frame of 32 MiB can hold 32 million empty lists, which take two gigabytes once they are decoded. So a frame
is limited both in bytes and in objects.

Source: the MessagePack specification, "Formats".
"""

from __future__ import annotations

_FIRST_STR, _LAST_STR = 0xA0, 0xBF
_FIXED = {  # how many bytes follow the first, where that is fixed; for arrays and maps, the header's bytes
    0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8,
    0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17, 0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4,
    **{first: first - _FIRST_STR for first in range(_FIRST_STR, _LAST_STR + 1)},
}  # fmt: skip
_COUNTED = {  # bytes of the length field, and bytes beside the content: binary, extensions, text
    0xC4: (1, 0), 0xC5: (2, 0), 0xC6: (4, 0), 0xC7: (1, 1), 0xC8: (2, 1), 0xC9: (4, 1),
    0xD9: (1, 0), 0xDA: (2, 0), 0xDB: (4, 0),
}  # fmt: skip


def holds_at_most(body: bytes | bytearray, objects: int) -> bool:
    """Whether `body` holds at most `objects` objects; in a truncated body, every object that begins counts."""
    position, left = 0, objects
    while position < len(body):
        if left == 0:
            return False
        left -= 1
        first = body[position]
        position += 1
        if first in _COUNTED:
            width, beside = _COUNTED[first]
            position += width + beside + int.from_bytes(body[position : position + width], "big")
        else:
            position += _FIXED.get(first, 0)
    return True
