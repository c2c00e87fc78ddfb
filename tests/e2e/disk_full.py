"""The disk runs full: what cannot be stored is refused and not delivered, everything else goes on, and so does the rest
as soon as there is room again.

Usage: disk_full.py PATH_OF_ALDIS
As root the database lives on a small tmpfs; otherwise the size of the server's files is limited.
"""

import os
import pathlib
import resource
import subprocess
import sys

from server import Server
from tap import Checks
from wire import CLIENT, Wire, condition_of

PASSWORDS = {name: f"secret-{name}" for name in ("romeo", "juliet", "nurse")}
STORAGE = """
[storage]
path = "{folder}/disk/aldis.db"
[limits]
bytes_per_second = 100_000_000
"""
BODY = "Good night! " * 1500
checks = Checks()


class SmallDisk:
    """A file system of a few megabytes, and a file that takes what is left of it."""

    def __init__(self, folder):
        self.folder = folder
        self.mounted = False
        folder.mkdir(exist_ok=True)

    def mount(self):
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "aldis-test", str(self.folder)], capture_output=True)
        self.mounted = done.returncode == 0
        return self.mounted

    def fill(self, server):
        with open(self.folder / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError:
                pass

    def make_room(self, server):
        (self.folder / "filler").unlink()

    def leave(self):
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=False)


class SmallFiles(SmallDisk):
    """The same by RLIMIT_FSIZE, for those who may not mount."""

    def fill(self, server):
        largest = max(file.stat().st_size for file in self.folder.iterdir())
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (largest + 65536, resource.RLIM_INFINITY))

    def make_room(self, server):
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class SmallServer(Server):
    """Its database is on such a disk."""

    def prepare(self):
        disk = pathlib.Path(self.folder) / "disk"
        self.disk = SmallDisk(disk)
        if os.geteuid() != 0 or not self.disk.mount():
            self.disk = SmallFiles(disk)
        super().prepare()

    def __exit__(self, *fault):
        self.stop()
        self.disk.leave()
        super().__exit__(*fault)


def is_message(number):
    return lambda element: element.tag == CLIENT + "message" and element.get("id") == number


def send(sender, to, number, body=BODY):
    sender.send(f"<message to='{to}@localhost' type='chat' id='{number}'><body>{body}</body></message>")


class Scene:
    def __init__(self, server):
        self.server = server
        self.delivered, self.refused = [], []
        self.romeo, self.juliet = self.enter("romeo"), self.enter("juliet")

    def enter(self, name):
        return Wire(self.server.starttls_port).log_in(name, PASSWORDS[name])

    def befriend(self):
        for one, other in ((self.romeo, "juliet"), (self.juliet, "romeo")):
            one.send(f"<presence type='subscribe' to='{other}@localhost'/>")
        for one, other in ((self.romeo, "juliet"), (self.juliet, "romeo")):
            one.send(f"<presence type='subscribed' to='{other}@localhost'/>")
            one.ping()

    def say(self, number, body=BODY):
        """Romeo to Juliet. True: it was delivered; False: refused; None: neither."""
        send(self.romeo, "juliet", number, body)
        answer = None
        for _ in range(100):
            if self.juliet.find(is_message(number), 0.05) is not None:
                self.delivered.append(number)
                return True
            answer = self.romeo.find(is_message(number), 0.05)
            if answer is not None:
                break
        if answer is None:
            return None
        self.refused.append(number)
        checks.ok(condition_of(answer) in ("internal-server-error", "resource-constraint"), f"{number} is refused",
                  str(condition_of(answer)))
        return False

    def until_it_is_full(self):
        """The log that SQLite has made already has room for some more."""
        for count in range(1, 500):
            outcome = self.say(f"full{count}")
            if outcome is not True:
                return checks.ok(outcome is False, "a message that cannot be stored is answered with an error")
        return checks.ok(False, "the disk gets full")


def nothing_is_stored(scene):
    for count in range(3):
        checks.equal(scene.say(f"still{count}"), False, "... and the next one")
    numbers = [f"burst{count}" for count in range(20)]
    for number in numbers:
        send(scene.romeo, "juliet", number)
    answers = [scene.romeo.find(is_message(number)) for number in numbers]
    checks.ok(all(answer is not None and answer.get("type") == "error" for answer in answers), "... and twenty at once")
    scene.refused += numbers
    send(scene.romeo, "nurse", "offline")
    answer = scene.romeo.find(is_message("offline"))
    checks.ok(answer is not None and answer.get("type") == "error", "nothing is promised to who is offline")
    changed = scene.romeo.ask("<query xmlns='jabber:iq:roster'><item jid='mercutio@localhost'/></query>", "set")
    checks.ok(changed is not None and changed.get("type") == "error", "a contact that cannot be stored is refused")


def all_else_goes_on(scene):
    checks.ok(scene.romeo.ping(), "romeo's pings are answered")
    checks.ok(scene.juliet.ping(), "juliet's pings are answered")
    scene.juliet.send("<presence><show>away</show></presence>")
    away = scene.romeo.find(lambda element: element.tag == CLIENT + "presence" and element.findtext(CLIENT + "show") == "away")
    checks.ok(away is not None, "romeo sees that juliet is away")
    checks.ok(scene.romeo.ask("<query xmlns='jabber:iq:roster'/>") is not None, "romeo can read his roster")
    tablet = Wire(scene.server.starttls_port).log_in("juliet", PASSWORDS["juliet"], "tablet", present=False)
    checks.ok(tablet.ping(), "juliet can log in once more")
    tablet.close()
    checks.ok(scene.server.says("the database failed"), "the log says what the matter is")


def nothing_was_half_done(scene):
    """The archives have what was delivered, once and in order, and nothing else."""
    for name, client in (("romeo", scene.romeo), ("juliet", scene.juliet)):
        kept = [message.get("id") for _, message in client.archive()]
        checks.equal(kept, scene.delivered, f"{name}'s archive has what was delivered")
    late = [element.get("id") for element in scene.juliet.waiting if element.tag == CLIENT + "message"]
    checks.equal(late, [], "juliet has received nothing that was refused")
    nurse = scene.enter("nurse")
    nurse.ping()
    checks.equal([element for element in nurse.waiting if element.tag == CLIENT + "message"], [], "nurse neither")


def play(server):
    scene = Scene(server)
    scene.befriend()
    checks.ok(scene.say("before", "hi"), "a message arrives")
    server.disk.fill(server)
    if scene.until_it_is_full():
        nothing_is_stored(scene)
    all_else_goes_on(scene)
    server.disk.make_room(server)
    checks.ok(scene.say("after", "hi"), "when there is room again, a message arrives")
    nothing_was_half_done(scene)
    checks.equal(server.stop(), 0, "the server ends when it is asked to")
    server.start()
    again = Scene(server)
    again.delivered = scene.delivered
    nothing_was_half_done(again)


def main(binary):
    with SmallServer(binary, PASSWORDS, checks, more=STORAGE, plain=True) as server:
        play(server)


if __name__ == "__main__":
    main(sys.argv[1])
    checks.finish()
