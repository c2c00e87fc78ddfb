"""Two devices of one person with @xmpp/client: it logs in and resumes in one go (SASL2, Bind 2, FAST), over a bad network.

Usage: xmppjs_devices.py PATH_OF_ALDIS [FOLDER_FOR_NPM]
"""

import itertools
import pathlib
import sys

from proxy import Proxy
from server import Server
from tap import Checks
from xmppjs_client import Device, Unavailable, install

PASSWORDS = {name: f"secret-{name}" for name in ("romeo", "juliet")}
FOLDER = pathlib.Path(__file__).parents[2] / "build" / "xmppjs"
SKIPPED = 77
BURST = 25
checks = Checks()


class Scene:
    """Romeo's phone behind the proxy, his laptop with direct TLS, and Juliet."""

    def __init__(self, server, proxy, folder):
        self.server, self.proxy, self.folder = server, proxy, folder
        self.devices = []
        self.phone = self.device("romeo", "phone", proxy.port)
        self.laptop = self.device("romeo", "laptop", server.direct_tls_port, direct_tls=True)
        self.juliet = self.device("juliet", "balcony", server.starttls_port)
        self.numbers = itertools.count(1)

    def device(self, name, tag, port, password=None, **more):
        device = Device(self.folder, self.server.certificate, port, name, password or PASSWORDS[name], tag, **more)
        self.devices.append(device)
        return device

    def lines(self, count):
        return [f"line {next(self.numbers)}" for _ in range(count)]

    def end(self):
        for device in self.devices:
            if device.process.poll() is None:
                device.kill()


def hears(device, since, wanted, what):
    """All of these and nothing else, in this order."""
    device.until(lambda: len(device.texts(since)) >= len(wanted))
    return checks.equal(device.texts(since), wanted, f"{device.tag} {what}")


def enter(scene):
    for device in scene.devices:
        if not checks.ok(device.expect("online"), f"{device.tag} logs in", str(device.events)):
            raise RuntimeError("nothing else can be tested")
        asked, got = device.expect("asks"), device.expect("gets")
        if not checks.ok(asked and got, "... by SASL2", str(device.events)):
            raise RuntimeError("nothing else can be tested")
        checks.ok(asked["mechanism"].startswith("SCRAM-"), "... with SCRAM", asked["mechanism"])
        checks.ok("bind" in asked["inline"] and "bound" in got["inline"], "... and is bound with it", str(got))
        checks.ok("enabled" in (got["bound"] or ()), "... and can be resumed", str(got))
        checks.ok("request-token" in asked["inline"] and device.expect("token"), "... and has a token for the next time")
        address = device.expect("online")["jid"]
        checks.ok(device.tag in address.partition("/")[2], "... and its resource shows what it is", address)
        device.tell(order="appear")
    for device in (scene.phone, scene.laptop):
        device.tell(order="copy")
        checks.ok(device.expect("done", order="copy"), f"{device.tag} wants copies")


def hear_the_same(scene):
    marks = [len(device.events) for device in scene.devices]
    texts = scene.lines(3)
    for text, to in zip(texts, (scene.phone, scene.laptop)):
        scene.juliet.say([text], to.expect("online")["jid"])
    for device, mark in zip((scene.phone, scene.laptop), marks):
        hears(device, mark, texts[:2], "hears what is said to it, and to the other")
    scene.phone.say(texts[2:], "juliet@localhost")
    hears(scene.laptop, marks[1], texts, "sees what the phone says")
    hears(scene.juliet, marks[2], texts[2:], "hears it")
    checks.ok(scene.phone.expect("ack", text=texts[2]), "... as the phone is told")


def resumes(device, since, how):
    """In the answer to its login, without a password."""
    back = device.expect("resumed", since)
    if not checks.ok(back, f"{how}: the {device.tag} resumes its session", str(device.events[since:])):
        return False
    asked, got = device.expect("asks", since), device.expect("gets", since)
    checks.equal(asked["mechanism"], "HT-SHA-256-NONE", "... with its token")
    checks.ok({"resume", "fast"} <= set(asked["inline"]) and "resumed" in got["inline"], "... in one go", f"{asked} {got}")
    return True


def talk_through(scene, how, interrupt, mend):
    """Everybody talks while the phone's connection breaks."""
    phone, laptop, juliet = (len(device.events) for device in scene.devices)
    from_phone, to_phone = scene.lines(BURST), scene.lines(BURST)
    scene.phone.say(from_phone, "juliet@localhost")
    scene.phone.expect("done", phone, order="say")   # written, not acknowledged
    interrupt()
    scene.juliet.say(to_phone, "romeo@localhost")
    scene.laptop.until(lambda: set(to_phone) <= set(scene.laptop.texts(laptop)))
    mend()
    if not resumes(scene.phone, phone, how):
        return
    hears(scene.phone, phone, to_phone, "hears once and in order what was said meanwhile")
    hears(scene.juliet, juliet, from_phone, "hears once and in order what the phone said")
    scene.phone.until(lambda: len(scene.phone.texts(phone, "ack")) >= BURST)
    checks.equal(scene.phone.texts(phone, "ack"), from_phone, "... of which the phone knows that it arrived")
    scene.laptop.until(lambda: len(scene.laptop.texts(laptop)) >= 2 * BURST)
    heard = scene.laptop.texts(laptop)
    for speaker, texts in (("juliet", to_phone), ("the phone", from_phone)):
        checks.equal([text for text in heard if text in texts], texts, f"laptop has heard {speaker}, once and in order")


def lose_the_connection(scene):
    known = len(scene.phone.events)

    def interrupt():
        scene.proxy.refuse()
        scene.proxy.cut()
        scene.phone.expect("status", known, status="disconnect")

    talk_through(scene, "cut", interrupt, scene.proxy.welcome)


def fall_silent(scene):
    talk_through(scene, "silence", scene.proxy.silence, mend=lambda: None)


def come_back_without_a_password(scene):
    """A new process knows its token and no password; the old session is not there to be resumed."""
    scene.phone.kill()
    known = {"agent": scene.phone.agent, "token": scene.phone.token}
    again = scene.device("romeo", "phone", scene.proxy.port, password="unknown", **known)
    checks.ok(again.expect("online"), "a new process logs in with the token of the old", str(again.events))
    asked = again.expect("asks")
    checks.equal(asked and asked["mechanism"], "HT-SHA-256-NONE", "... which is all it has")
    again.leave()


def be_no_one_else(scene):
    """Somebody who found the token, and does not know the device's name, is refused."""
    thief = scene.device("romeo", "thief", scene.proxy.port, password="unknown", token=scene.phone.token)
    checks.ok(thief.expect("error") and not thief.expect("online", seconds=0), "a token is of no use to another device",
              str(thief.events))
    thief.kill()


def play(scene):
    enter(scene)
    hear_the_same(scene)
    lose_the_connection(scene)
    fall_silent(scene)
    come_back_without_a_password(scene)
    be_no_one_else(scene)
    scene.laptop.leave()
    scene.juliet.leave()


def main(binary, folder=FOLDER):
    try:
        install(pathlib.Path(folder))
    except Unavailable as reason:
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    with Server(binary, PASSWORDS, checks) as server, Proxy(server.starttls_port) as proxy:
        scene = Scene(server, proxy, pathlib.Path(folder))
        try:
            play(scene)
        finally:
            scene.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
    checks.finish()
