#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""A slow line that loses packets: 2 Mbit/s, 300 ms there and back, 5 % lost each way. The real
programs in two network namespaces of this script's own, over a link that it lays between them: two
TUN devices, and packets carried from one to the other late, slowly, or not at all, as `tc netem`
does where the kernel has it. So it is TCP itself that has to cope."""
import collections
import fcntl
import os
import random
import shutil
import struct
import subprocess
import sys
import threading
import time

from crash import notes
from harness import Programs, Server, Suite, expect

RATE = 2_000_000 / 8  # bytes a second, each way
DELAY = 0.150  # seconds one way
LOSS = 0.05
WAITING = 100  # packets; more are dropped, as a router does
NEAR, FAR = "10.77.0.1", "10.77.0.2"
INSIDE = "COFFRET_E2E_LOSSY_LINE"
LONGEST = 280  # seconds

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


def tun(name):
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


class OneWay:
    """Carries packets from one device to the other."""

    def __init__(self, source, target, seed):
        self.source, self.target = source, target
        self.random = random.Random(seed)
        self.free_at = 0.0
        self.due = collections.deque()  # (when, packet), in order
        self.changed = threading.Condition()
        self.carried = self.lost = 0
        for work in (self.take, self.give):
            threading.Thread(target=work, daemon=True).start()

    def take(self):
        while True:
            try:
                packet = os.read(self.source, 65536)
            except OSError:  # the device is gone, with its namespace
                return
            now = time.monotonic()
            with self.changed:
                if self.random.random() < LOSS or len(self.due) >= WAITING:
                    self.lost += 1
                    continue
                self.free_at = max(self.free_at, now) + len(packet) / RATE
                self.due.append((self.free_at + DELAY, packet))
                self.changed.notify()

    def give(self):
        while True:
            with self.changed:
                while not self.due:
                    self.changed.wait()
                when, packet = self.due.popleft()
            time.sleep(max(0.0, when - time.monotonic()))
            try:
                os.write(self.target, packet)
            except OSError:
                return
            self.carried += 1


class Link:
    """This namespace and another, joined. The other lives as long as the process that holds it."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", str(2 * LONGEST)])
        self.enter = ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net"]
        own = os.readlink("/proc/self/ns/net")
        until = time.monotonic() + 10
        while os.readlink(f"/proc/{self.holder.pid}/ns/net") == own:
            expect(time.monotonic() < until, "the other namespace comes")
            time.sleep(0.01)
        near, far = tun("near"), tun("far")
        run("ip", "link", "set", "far", "netns", str(self.holder.pid))
        for prefix, device, address in (([], "near", NEAR), (self.enter, "far", FAR)):
            run(*prefix, "ip", "link", "set", "lo", "up")
            run(*prefix, "ip", "address", "add", f"{address}/24", "dev", device)
            run(*prefix, "ip", "link", "set", device, "up")
        self.ways = OneWay(near, far, 1), OneWay(far, near, 2)

    def close(self):
        self.holder.kill()
        self.holder.wait()


class FarServer(Server):
    """A server at the other end."""

    def __init__(self, programs, link):
        self.link = link
        super().__init__(programs)

    def start(self, **more_env):
        self.process, self.ready = self.programs.start(
            *self.link.enter, self.programs.program("coffret-server"), "serve", "--data", self.data,
            "--listen", f"{FAR}:8443", "--admin", "127.0.0.1:0", **more_env)
        self.url = f"https://{FAR}:8443"
        self.fingerprint = self.ready["fingerprint"]


def run(*command):
    done = subprocess.run(command, capture_output=True, check=False)
    expect(done.returncode == 0, f"{command}: {done.stderr.decode()}")


def why_not():
    """What a machine lacks that cannot lay such a line; empty: nothing."""
    for program in ("unshare", "nsenter", "ip"):
        if not shutil.which(program):
            return f"no {program} here"
    if not os.path.exists("/dev/net/tun"):
        return "no /dev/net/tun here"
    probe = subprocess.run(["unshare", "--net", "ip", "tuntap", "add", "dev", "near", "mode", "tun"],
                           capture_output=True, check=False)
    return "" if probe.returncode == 0 else "no network namespace or TUN device of our own here"


def inside(programs):
    """In the namespace: documents small and large go up, and come down on a new machine."""
    link = Link()
    try:
        server = FarServer(programs, link)
        vault = programs.vault()
        vault.init()
        vault.join(server)
        vault.run("import", notes(programs, 20, "lossy"))
        folder = programs.path("large")
        os.makedirs(folder)
        with open(os.path.join(folder, "large.bin"), "wb") as out:
            out.write(random.Random(1).randbytes(5 << 20))
        vault.run("import", folder)
        began = time.monotonic()
        done = vault.run("sync", timeout=LONGEST).one()
        took = time.monotonic() - began
        expect(vault.run("status").one()["pending"] == 0, f"all is there: {done}")
        expect(done["bytes_up"] > 5 << 20, f"that much went up: {done}")
        second = programs.vault("second")
        second.run("rebuild", "--from-server", server.url, "--pin", server.fingerprint,
                   "--recovery-file", vault.recovery, "--passphrase-file", second.passphrase,
                   timeout=LONGEST)
        ours = {row["sha256"] for row in vault.run("list").rows}
        expect({row["sha256"] for row in second.run("list").rows} == ours, "and down, byte for byte")
        lost = sum(way.lost for way in link.ways)
        sent = lost + sum(way.carried for way in link.ways)
        expect(lost > sent / 40, f"the line lost some: {lost} of {sent}")
        expect(took > done["bytes_up"] / RATE, f"the line was slow: {took}")
        print(f"2 Mbit/s, 300 ms, {100 * lost / sent:.1f} % of {sent} packets lost: "
              f"{done['bytes_up']} bytes up in {took:.0f} s")
    finally:
        link.close()


def in_a_namespace(programs):
    done = subprocess.run(["unshare", "--net", sys.executable, "-B", os.path.abspath(__file__),
                           programs.bin],
                          env={**os.environ, INSIDE: "1"}, capture_output=True, check=False,
                          timeout=LONGEST + 60)
    expect(done.returncode == 0, done.stdout.decode() + done.stderr.decode())
    print("  " + done.stdout.decode().strip())


def main():
    with Programs(sys.argv[1]) as programs:
        if INSIDE in os.environ:
            inside(programs)
            return 0
        suite = Suite()
        sentence = "2 Mbit/s, 300 ms and 5 % loss finish"
        lacking = why_not()
        if lacking:
            suite.skip(sentence, lacking)
        else:
            suite.test(sentence, lambda: in_a_namespace(programs))
        return suite.close()


if __name__ == "__main__":
    sys.exit(main())
