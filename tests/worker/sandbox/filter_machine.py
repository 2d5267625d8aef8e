"""What a seccomp filter answers: a small machine for its instructions, and the numbers of another architecture's calls.

Sources: <linux/filter.h>, <linux/bpf_common.h>, <linux/seccomp.h>, <linux/audit.h>.
"""

from __future__ import annotations

import struct

ALLOW, KILL, ERRNO = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
X86_64, AARCH64 = 0xC000_003E, 0xC000_00B7  # AUDIT_ARCH_*; libseccomp's tokens are the same
I386, ARM = 0x4000_0003, 0x4000_0028  # the 32-bit programs that these machines run
X32 = 0x4000_0000  # of a number: the call is of x86_64's other table

_LOAD, _AND, _JUMP, _EQUAL, _GREATER, _GREATER_OR_EQUAL, _SET, _RETURN = (
    0x20, 0x54, 0x05, 0x15, 0x25, 0x35, 0x45, 0x06,
)  # fmt: skip


def answer(program: bytes, architecture: int, number: int, *arguments: int) -> int:
    """What the filter returns for a call."""
    padded = [*arguments, *[0] * 6][:6]
    data = struct.pack("=iIQ6Q", number, architecture, 0, *(each & (2**64 - 1) for each in padded))
    instructions = list(struct.iter_unpack("=HBBI", program))
    accumulator, at = 0, 0
    while True:
        code, yes, no, operand = instructions[at]
        at += 1
        if code == _LOAD:
            (accumulator,) = struct.unpack_from("=I", data, operand)
        elif code == _AND:
            accumulator &= operand
        elif code == _JUMP:
            at += operand
        elif code == _EQUAL:
            at += yes if accumulator == operand else no
        elif code == _GREATER:
            at += yes if accumulator > operand else no
        elif code == _GREATER_OR_EQUAL:
            at += yes if accumulator >= operand else no
        elif code == _SET:
            at += yes if accumulator & operand else no
        elif code == _RETURN:
            return operand
        else:
            raise NotImplementedError(f"instruction {code:#x}")
