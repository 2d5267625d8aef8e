"""Escaping."""

from __future__ import annotations

import os
from typing import Any

from tests.attacks.attack import attempted, before_all, instead_of_update

# A call by another table of system calls ends the worker. On aarch64 there is none but for 32-bit programs.
X86 = os.uname().machine == "x86_64"
OTHER_ABI: dict[str, Any] = {"reason": "", "status": "crashed"} if X86 else {}
THIRTY_TWO_BITS = (
    # mov eax, 20 (getpid); int 0x80; ret
    """
    import mmap
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(bytes.fromhex("53b814000000cd805bc3"))
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    result = call()
    if result < 0: raise OSError(-result, "int 0x80")
    """
    if X86
    else "system_call('personality', 8)"  # PER_LINUX32
)

ATTACKS = (
    attempted("connects over TCP", "socket.create_connection(('127.0.0.1', tcp), 2)"),
    attempted("connects over IPv6", "socket.create_connection(('::1', tcp6), 2)"),
    attempted("listens on a port", "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()"),
    attempted("sends over UDP", "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', udp))"),
    attempted("asks DNS", "socket.getaddrinfo('example.org', 80)", stock=False),
    attempted("makes a raw socket", "socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)"),
    attempted("connects to a Unix socket by path", "socket.socket(socket.AF_UNIX).connect(unix_path)"),
    attempted("connects to an abstract Unix socket", "socket.socket(socket.AF_UNIX).connect(chr(0) + unix_name)"),
    attempted(
        "names a Unix socket on one of a pair",
        "a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\na.sendto(b'x', chr(0) + unix_name + '-datagram')",
    ),
    attempted(
        "sends a message with an address on one of a pair",
        """
        a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        a.sendmsg([b'x'], [], 0, chr(0) + unix_name + '-datagram')
        """,
    ),
    attempted("makes a pair of internet sockets", "socket.socketpair(socket.AF_INET)"),
    attempted("opens AF_VSOCK", "socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)", stock=False),
    attempted("opens AF_NETLINK", "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)"),
    attempted("opens AF_PACKET", "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)"),
    attempted("opens AF_ALG", "socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)", stock=False),
    attempted("sets up io_uring", "system_call('io_uring_setup', 8, ctypes.create_string_buffer(200))"),
    attempted("makes a user namespace by unshare", "system_call('unshare', 0x10000000)", stock=False),
    attempted(
        "makes a user namespace by clone",
        "if system_call('clone', 0x10000000 | 17, 0, 0, 0, 0) == 0: os._exit(0)",
        stock=False,
    ),
    attempted(
        "makes a user namespace by clone3",
        """
        arguments = (ctypes.c_uint64 * 8)(0x10000000, 0, 0, 0, 17, 0, 0, 0)
        if system_call('clone3', arguments, 64) == 0: os._exit(0)
        """,
        stock=False,
    ),
    attempted(
        "makes a thread in a new namespace",
        "system_call('clone', 0x00010000 | 0x00000800 | 0x00000100 | 0x10000000, 0, 0, 0, 0)",
        stock=False,
    ),
    attempted("enters another's namespace", "system_call('setns', os.open(f'/proc/{victim}/ns/net', 0), 0)"),
    attempted("changes its root", "os.chroot('.')", stock=False),
    attempted("mounts a file system", "system_call('mount', b'none', b'.', b'tmpfs', 0, 0)", stock=False),
    attempted("opens a file system with the new mount calls", "system_call('fsopen', b'tmpfs', 0)", stock=False),
    attempted("makes a 32-bit system call", THIRTY_TWO_BITS, **OTHER_ABI),
    attempted("makes an x32 system call", "system_call(0x40000000 + 39)", **OTHER_ABI, stock=False),
    attempted("traces its parent", "system_call('ptrace', 16, os.getppid(), 0, 0)", stock=False),
    attempted("traces another process", "system_call('ptrace', 16, victim, 0, 0)", stock=False),
    attempted("asks to be traced", "system_call('ptrace', 0, 0, 0, 0)", stock=False),
    attempted(
        "reads another's memory with process_vm_readv",
        """
        b = ctypes.create_string_buffer(8)
        v = (ctypes.c_uint64 * 2)(ctypes.addressof(b), 8)
        system_call('process_vm_readv', victim, v, 1, v, 1, 0)
        """,
    ),
    attempted(
        "writes its parent's memory with process_vm_writev",
        """
        b = ctypes.create_string_buffer(8)
        v = (ctypes.c_uint64 * 2)(ctypes.addressof(b), 8)
        system_call('process_vm_writev', os.getppid(), v, 1, v, 1, 0)
        """,
        stock=False,
    ),
    attempted(
        "takes another's descriptor with pidfd_getfd",
        "system_call('pidfd_getfd', system_call('pidfd_open', victim, 0), 0, 0)",
    ),
    attempted("reads another's pages with kcmp and perf", "system_call('kcmp', os.getpid(), victim, 0, 0, 0)"),
    attempted(
        "opens a performance counter", "system_call('perf_event_open', ctypes.create_string_buffer(128), 0, -1, -1, 0)"
    ),
    attempted("loads a BPF program", "system_call('bpf', 5, ctypes.create_string_buffer(128), 128)", stock=False),
    attempted("opens a userfault descriptor", "system_call('userfaultfd', 0)", stock=False),
    attempted("kills its parent", "os.kill(os.getppid(), 9)", stock=False),
    attempted("stops its parent", "os.kill(os.getppid(), signal.SIGSTOP)", stock=False),
    attempted("kills another process", "os.kill(victim, 9)", stock=False),
    attempted("kills everyone", "os.kill(-1, 9)", stock=False),
    attempted("kills its parent's group", "os.killpg(os.getpgid(os.getppid()), 9)", stock=False),
    attempted("kills by tgkill", "system_call('tgkill', victim, victim, 9)", stock=False),
    attempted("kills by tkill", "system_call('tkill', victim, 9)", stock=False),
    attempted(
        "queues a signal to its parent",
        "system_call('rt_sigqueueinfo', os.getppid(), 9, ctypes.create_string_buffer(128))",
        stock=False,
    ),
    attempted("signals by a pidfd", "signal.pidfd_send_signal(os.pidfd_open(victim), 0)"),
    attempted(
        "signals by the owner of a descriptor",
        """
        import fcntl
        a, b = socket.socketpair()
        fcntl.fcntl(a, fcntl.F_SETOWN, victim)
        fcntl.fcntl(a, 10, 9)
        fcntl.fcntl(a, fcntl.F_SETFL, os.O_ASYNC)
        b.send(b'x')
        time.sleep(0.1)
        """,
        stock=False,
        reason="",
    ),
    attempted(
        "makes a file in memory and runs it",
        "f = os.memfd_create('x')\nos.write(f, b'#!/bin/true')\nos.execve(f, ['x'], {})",
        stock=False,
    ),
    attempted("executes a program with execveat", "system_call('execveat', -100, b'/bin/true', 0, 0, 0)", stock=False),
    attempted("runs a program with subprocess", "subprocess.run(['/bin/true'], check=True)"),
    attempted("runs a program with os.system", "if os.system('true'): raise OSError('no shell was run')"),
    attempted("runs a program with posix_spawn", "os.posix_spawn('/bin/true', ['true'], {})"),
    attempted("forks", "if os.fork() == 0: os._exit(0)"),
    attempted("forks with vfork", "import multiprocessing\nmultiprocessing.Process(target=print).start()"),
    attempted("makes a pseudo-terminal", "import pty\npty.openpty()"),
    attempted(
        "leaves a daemon behind",
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(60)\n    os._exit(0)",
    ),
    attempted("makes a session of its own", "os.setsid()", stock=False),
    attempted("changes a file's mode", "os.chmod(secret, 0o600)"),
    attempted("changes a file's owner", "os.chown(secret, 1, 1)"),
    attempted("changes a file's times", "os.utime(secret, (0, 0))"),
    attempted("gives a file an attribute", "os.setxattr(secret, 'user.mine', b'x')"),
    attempted("makes its own file setuid", "open('mine', 'w').close()\nos.chmod('mine', 0o4777)", stock=False),
    attempted("hard-links a file that it may not touch", "os.link(secret, 'mine')"),
    attempted("moves a file that it may not touch", "os.rename(secret, secret + '.gone')"),
    attempted("moves its own file outside", "open('mine', 'w').close()\nos.rename('mine', os.path.join(drop, 'mine'))"),
    attempted("deletes a file that it may not touch", "os.unlink(secret)"),
    attempted("cuts a file that it may not touch", "os.truncate(secret, 0)"),
    attempted("writes to a file that all may write", "open(secret, 'a').write('x')"),
    attempted("makes a file in a folder that all may write", "open(os.path.join(drop, 'mine'), 'w').write('x')"),
    attempted("makes a folder outside", "os.mkdir(os.path.join(drop, 'mine'))"),
    attempted("makes a device", "os.mknod('device', 0o20666, os.makedev(1, 3))", stock=False),
    attempted("makes a named pipe", "os.mkfifo('pipe')"),
    attempted("becomes root again", "os.setuid(0)", stock=False),
    attempted(
        "takes capabilities back",
        "system_call('capset', (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(0xffffffff, 0xffffffff))",
        stock=False,
    ),
    attempted("raises its limits", "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))", stock=False),
    attempted("raises its priority", "os.nice(-5)", stock=False),
    attempted("changes its parent's processors", "os.sched_setaffinity(os.getppid(), {0})", stock=False),
    attempted(
        "becomes dumpable again", "if _libc.prctl(4, 1, 0, 0, 0): raise OSError('prctl was refused')", stock=False
    ),
    attempted("outlives its parent", "if _libc.prctl(1, 0, 0, 0, 0): raise OSError('prctl was refused')", stock=False),
    attempted("sets a seccomp filter of its own", "system_call('seccomp', 1, 0, 0)", stock=False),
    attempted("types into the terminal", "import fcntl, termios\nfcntl.ioctl(0, termios.TIOCSTI, b'x')"),
    attempted("writes to the terminal", "open('/dev/tty', 'w').write('\\033[2J')"),
    attempted("sets the clock", "time.clock_settime(time.CLOCK_REALTIME, 0.0)", stock=False),
    attempted("restarts the machine", "system_call('reboot', 0, 0, 0, 0)", stock=False),
    attempted("names the machine", "socket.sethostname('mine')", stock=False),
    before_all("crashes with a segmentation fault", "import ctypes\nctypes.string_at(0)", status="crashed"),
    before_all("aborts", "import os\nos.abort()", status="crashed"),
    before_all(
        "corrupts the interpreter",
        "import ctypes\nctypes.memset(id(type) , 0, 400)\ntype.mro(int)",
        status="crashed",
    ),
    instead_of_update(
        "crashes in a call",
        "import ctypes\ndef update(w, x, y, eta=1.0):\n    return ctypes.string_at(0)",
        status="crashed",
    ),
    instead_of_update(
        "recurses to the end of Python's stack", "def update(w, x, y, eta=1.0):\n    return update(w, x, y, eta)"
    ),
    instead_of_update(
        "recurses to the end of the C stack",
        """
        import sys
        sys.setrecursionlimit(10**9)
        def update(w, x, y, eta=1.0):
            return max([w], key=lambda _: update(w, x, y, eta))
        """,
        status="crashed",
    ),
)
