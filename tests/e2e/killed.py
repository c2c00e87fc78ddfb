"""The server is killed in the middle of a conversation, again and again: what it has told anybody of is in both archives,
once and in order, and who sends again what was not confirmed makes the story complete.

Usage: killed.py PATH_OF_ALDIS
"""

import random
import socket
import sys
import threading
import time

from server import Server
from tap import Checks
from wire import CLIENT, Closed, Wire

PASSWORDS = {name: f"secret-{name}" for name in ("romeo", "juliet")}
MORE = """
[limits]
bytes_per_second = 100_000_000
"""
ROUNDS = 5
AT_ONCE = 10       # messages before each request
UNANSWERED = 50    # requests
STANZA_ID = "{urn:xmpp:sid:0}stanza-id"
checks = Checks()


def message(number):
    return (f"<message to='juliet@localhost' type='chat' id='{number}'><origin-id xmlns='urn:xmpp:sid:0' id='{number}'/>"
            f"<body>{number} Parting is such sweet sorrow</body></message>")


class Sender(threading.Thread):
    """Romeo, who asks something after every few messages. What was answered when it ended is safe."""

    def __init__(self, wire, numbers):
        super().__init__(daemon=True)
        self.wire, self.numbers = wire, numbers
        self.sent, self.safe, self.refused = 0, 0, []

    def run(self):
        try:
            while self.sent < len(self.numbers):
                if self.sent - self.safe < AT_ONCE * UNANSWERED:
                    self.speak()
                self.listen(0 if self.sent - self.safe < AT_ONCE * UNANSWERED else 1)
        except OSError:
            self.hear_out()
        except Closed:
            pass

    def speak(self):
        several = self.numbers[self.sent:self.sent + AT_ONCE]
        end = self.sent + len(several)
        self.wire.send("".join(map(message, several)) + f"<iq type='get' id='{end}'><ping xmlns='urn:xmpp:ping'/></iq>")
        self.sent = end

    def listen(self, seconds):
        self.wire.read(seconds)
        for element in self.wire.waiting:
            if element.tag == CLIENT + "iq":
                self.safe = max(self.safe, int(element.get("id")))
            elif element.tag == CLIENT + "message":
                self.refused.append(element.get("id"))
        self.wire.waiting.clear()

    def hear_out(self):
        try:
            while True:
                self.listen(1)
        except Closed:
            pass


class Receiver(threading.Thread):
    """Juliet, who notes what is said to her in this round, with the id in her archive that each message brings."""

    def __init__(self, wire, prefix):
        super().__init__(daemon=True)
        self.wire, self.prefix, self.heard = wire, prefix, []

    def run(self):
        try:
            while True:
                self.wire.read()
                self.heard += [(element.find(STANZA_ID).get("id"), element.get("id")) for element in self.wire.waiting
                               if element.tag == CLIENT + "message" and element.get("id").startswith(self.prefix)]
                self.wire.waiting.clear()
        except Closed:
            pass


def enter(server, name, present=True):
    return Wire(server.starttls_port).log_in(name, PASSWORDS[name], present=present)


def archives(server):
    """What romeo's and juliet's archives have: pairs of the archive's id and the message's."""
    found = []
    for name in ("romeo", "juliet"):
        reader = enter(server, name, present=False)
        found.append([(entry, kept.get("id")) for entry, kept in reader.archive()])
        reader.close()
    return found


def talk_until_killed(server, prefix, numbers):
    sender, receiver = Sender(enter(server, "romeo"), numbers), Receiver(enter(server, "juliet"), prefix)
    receiver.start()
    sender.start()
    wanted = random.randint(100, 1500)
    deadline = time.monotonic() + 30
    while len(receiver.heard) < wanted and sender.is_alive() and time.monotonic() < deadline:
        time.sleep(0.001)
    server.kill()
    sender.join(20)
    receiver.join(20)
    return sender, receiver


def resend(server, numbers):
    """What no answer has confirmed, while juliet listens, for what waits for her is bounded."""
    listener = Receiver(enter(server, "juliet"), "")
    listener.start()
    romeo = enter(server, "romeo", present=False)
    for start in range(0, len(numbers), AT_ONCE):
        romeo.send("".join(map(message, numbers[start:start + AT_ONCE])))
        if not romeo.ping():
            break
    refused = [element.get("id") for element in romeo.waiting if element.tag == CLIENT + "message"]
    checks.equal(refused, [], "what is sent again is taken")
    romeo.close()
    listener.wire.socket.shutdown(socket.SHUT_RDWR)
    listener.join()


def first_difference(got, wanted):
    place = next((place for place, (one, other) in enumerate(zip(got, wanted)) if one != other), min(len(got), len(wanted)))
    return f"at {place}: got {got[place:place + 3]}, wanted {wanted[place:place + 3]}"


def play_round(server, turn, story):
    prefix = f"round{turn}-"
    numbers = [f"{prefix}number{count}" for count in range(20000)]
    sender, receiver = talk_until_killed(server, prefix, numbers)
    sent, safe = numbers[:sender.sent], numbers[:sender.safe]
    heard = [number for _, number in receiver.heard]
    print(f"# round {turn}: {len(sent)} sent, {len(safe)} confirmed, {len(heard)} delivered", flush=True)
    checks.ok(safe and heard and not sender.refused, "messages were sent, confirmed and delivered")
    checks.ok(heard == sent[:len(heard)], "juliet received them once and in order", first_difference(heard, sent))

    server.start()
    kept = archives(server)
    for name, entries in zip(("romeo", "juliet"), kept):
        ids = [number for _, number in entries]
        new = ids[len(story):]
        checks.ok(ids[:len(story)] == story, f"{name}'s archive has kept the rounds before")
        checks.ok(new == sent[:len(new)], f"{name}'s archive has the new ones once and in order", first_difference(new, sent))
        checks.ok(len(new) >= len(safe), f"{name}'s archive has all that was confirmed", f"{len(new)} of {len(safe)}")
        checks.ok(len(new) >= len(heard), f"{name}'s archive has all that was delivered", f"{len(new)} of {len(heard)}")
    checks.ok(receiver.heard == kept[1][len(story):][:len(heard)], "juliet was told the ids that her archive has")

    resend(server, sent[len(safe):])
    story += sent
    for name, entries in zip(("romeo", "juliet"), archives(server)):
        ids = [number for _, number in entries]
        checks.ok(ids == story, f"{name}'s archive has everything once after it was sent again", first_difference(ids, story))


def main(binary):
    with Server(binary, PASSWORDS, checks, more=MORE, plain=True) as server:
        story = []
        for turn in range(ROUNDS):
            play_round(server, turn, story)
            if checks.failed:
                return


if __name__ == "__main__":
    main(sys.argv[1])
    checks.finish()
