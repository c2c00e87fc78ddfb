"""The server is killed at a point of a message's way: on its way to the disk, when it is there and nobody knows, when
only its sender knows, when only its recipient knows. What was acknowledged is there afterwards, nothing is there twice,
and the order is kept, whether archives keep it or not.

Usage: points.py PATH_OF_ALDIS PATH_OF_LIBCRASH_FAULT [WORD]...     only rounds whose name contains one of the words
"""

import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from client import Client, message  # noqa: E402
from server import Server  # noqa: E402
from tap import Checks  # noqa: E402

NAMES = ("romeo", "juliet", "mercutio", "benvolio")
PASSWORDS = {name: f"secret-{name}" for name in NAMES}
PAIRS = {"archived": ("romeo", "juliet"), "unarchived": ("mercutio", "benvolio")}
NEVER = "<prefs xmlns='urn:xmpp:mam:2' default='never'><always/><never/></prefs>"
POINTS = ("before-write", "before-commit", "after-commit", "after-ack", "after-delivery")
AT_ONCE = 8  # messages in a round; the server dies of one of them
ASK = "<r xmlns='urn:xmpp:sm:3'/>"
checks = Checks()


class Round:
    """`recipient`: listens (acknowledges nothing), acknowledges, away (a session that waits for its client), gone."""

    def __init__(self, number, point, kept, recipient, forgets=False, lies=False):
        self.point, self.kept, self.recipient, self.forgets, self.lies = point, kept, recipient, forgets, lies
        self.name = f"{point}, {kept}, {recipient}" + ", power cut" * forgets
        self.numbers = [f"{number}.{count}" for count in range(AT_ONCE)]
        self.fatal = random.choice(self.numbers)
        self.sender, self.receiver = PAIRS[kept]

    def environment(self, library):
        settings = {"LD_PRELOAD": library, "CRASH_AT": self.point, "CRASH_MARK": f"[{self.fatal}]",
                    "CRASH_H": str(self.numbers.index(self.fatal) + 1)}
        settings |= {"CRASH_FORGETS": "1"} if self.forgets else {}
        return settings | ({"CRASH_LIES": "1"} if self.lies else {})


def rounds():
    """All that there are: five of a point and a kind of archive, in which recipients differ."""
    found = []
    for kept in PAIRS:
        for point in POINTS:
            if point == "after-delivery":
                recipients = ("listens", "acknowledges") if kept == "archived" else ("listens",)
            elif kept == "archived":
                recipients = ("listens", "away", "acknowledges", "gone", "listens")
            else:
                recipients = ("listens", "away", "listens", "away", "gone")
            for count in range(5):
                recipient = recipients[count % len(recipients)]
                found.append(Round(len(found), point, kept, recipient, forgets=count % 2 == 1))
    return found


def in_order(some, all_of_them):
    """Each of `some` once, in the order that they have among all."""
    return some == [number for number in all_of_them if number in set(some)]


class Outcome:
    """What a round's clients knew when the server was dead."""

    def __init__(self, status, sender, receiver, numbers):
        self.status = status
        self.safe = numbers[:sender.h]
        self.heard = receiver.heard if receiver else []
        self.sender_session, self.receiver_session = sender.session, receiver.session if receiver else None


def speak(sender, play):
    """In pieces, so that what is killed has come alone or with others."""
    left = list(play.numbers)
    try:
        while left:
            size = random.randint(1, len(left))
            sender.send("".join(message(play.receiver, number) + ASK for number in left[:size]))
            del left[:size]
            time.sleep(random.choice((0, 0.001, 0.003)))
    except OSError:
        pass  # killed already


def talk_until_killed(server, play):
    receiver = None
    if play.recipient != "gone":
        receiver = Client(server, play.receiver, acknowledges=play.recipient == "acknowledges").appear()
    if play.recipient == "away":
        receiver.close()
    sender = Client(server, play.sender)
    speak(sender, play)
    try:
        status = server.process.wait(10)
    except subprocess.TimeoutExpired:
        status = None
    server.kill()
    sender.drain()
    if play.recipient != "away" and receiver:
        receiver.drain()
    return Outcome(status, sender, receiver, play.numbers)


def check_point(play, outcome):
    checks.equal(outcome.status, -9, "the server died at that point")
    knows, has = play.fatal in outcome.safe, play.fatal in outcome.heard
    wanted = {"after-ack": (True, False), "after-delivery": (False, True)}.get(play.point, (False, False))
    checks.equal((knows, has), wanted, "what sender and recipient of the last message knew")
    checks.ok(outcome.heard == play.numbers[:len(outcome.heard)], "the recipient received them once and in order",
              f"{outcome.heard}")


def archive_of(client):
    return [kept.get("id") for _, kept in client.archive()]


class Archived:
    """What both archives keep: they have all that anybody was told of."""

    def __init__(self):
        self.story = []

    def check_disk(self, play, outcome, sender, receiver):
        """@return: what the recipient still has to be sent, at the latest when what is not safe is sent again."""
        for name, client in ((play.sender, sender), (play.receiver, receiver)):
            archive = archive_of(client)
            checks.ok(archive[:len(self.story)] == self.story, f"{name}'s archive has kept the rounds before")
            kept = self.kept = archive[len(self.story):]
            checks.equal(kept, play.numbers[:len(kept)], f"{name}'s archive has the new ones once and in order")
            checks.ok(set(outcome.safe) <= set(kept), f"{name}'s archive has all that was acknowledged", f"{kept}")
            checks.ok(set(outcome.heard) <= set(kept), f"{name}'s archive has all that was delivered", f"{kept}")
            if on_disk(play) is not None:
                checks.equal(play.fatal in kept, on_disk(play), f"{name}'s archive and the last message")
        return play.numbers if play.recipient == "gone" else play.numbers[len(self.kept):]

    def check_end(self, play, outcome, sender, receiver, wanted):
        self.story += play.numbers
        # What a client has acknowledged is not deleted at once: what waited in the round before may have come again.
        heard = [number for number in receiver.heard if number in play.numbers]
        checks.ok(in_order(heard, play.numbers), "the recipient was sent nothing twice, and all in order", f"{heard}")
        checks.ok(set(wanted) <= set(heard), "he was sent what his archive did not have", f"{heard}, not {wanted}")
        new = [number for number in heard if number not in receiver.waited]
        checks.ok(set(new).isdisjoint(self.kept), "what his archive had was not taken again", f"{new}, not {self.kept}")
        for name, client in ((play.sender, sender), (play.receiver, receiver)):
            checks.equal(archive_of(client), self.story, f"{name}'s archive has everything once and in order")


class Unarchived:
    """What no archive keeps: it waits for the recipient until he has acknowledged it."""

    def check_disk(self, play, outcome, sender, receiver):
        due = set(outcome.safe) | set(outcome.heard) | ({play.fatal} if on_disk(play) else set())
        receiver.wait(lambda: due <= set(receiver.heard))
        offline = [number for number in receiver.heard if number in play.numbers]
        checks.ok(in_order(offline, play.numbers), "what waited comes once and in order", f"{offline}")
        checks.ok(due <= set(offline), "all that anybody was told of waited for the recipient", f"{offline}, not {due}")
        if on_disk(play) is False:
            checks.ok(play.fatal not in offline, "the last message did not")
        return [number for number in play.numbers if number not in offline]

    def check_end(self, play, outcome, sender, receiver, wanted):
        heard = [number for number in receiver.heard if number in play.numbers]
        first = list(dict.fromkeys(heard))
        checks.equal(first, play.numbers, "the recipient has been sent everything, in order")
        checks.equal(heard, first, "he has been sent it once")
        for name, client in ((play.sender, sender), (play.receiver, receiver)):
            checks.equal(archive_of(client), [], f"{name}'s archive is empty")


def on_disk(play):
    """Whether the last message has to be there, must not be, or may be (None)."""
    if play.point == "before-write" or (play.point == "before-commit" and play.forgets):
        return False
    return None if play.point == "before-commit" else True


def send_again(server, play, outcome, sender):
    """What no acknowledgement came for, with the ids that it had."""
    again = play.numbers[len(outcome.safe):]
    sender.send("".join(message(play.receiver, number) for number in again) + ASK)
    sender.wait(lambda: sender.h == sender.sent)
    checks.equal(sender.h, sender.sent, "what is sent again is acknowledged")


def check_story(server, play, outcome, store):
    receiver = Client(server, play.receiver, lost=outcome.receiver_session)
    sender = Client(server, play.sender, lost=outcome.sender_session)
    checks.ok(sender.failed and (receiver.failed or not outcome.receiver_session), "no session could be resumed")
    receiver.appear()
    wanted = store.check_disk(play, outcome, sender, receiver)
    send_again(server, play, outcome, sender)
    receiver.wait(lambda: set(wanted) <= set(receiver.heard))
    receiver.ping()
    store.check_end(play, outcome, sender, receiver, wanted)
    sender.leave()
    receiver.leave()


def forget_archives(server):
    for name in PAIRS["unarchived"]:
        client = Client(server, name)
        checks.equal(client.ask(NEVER, "set").get("type"), "result", f"{name} wants no archive")
        client.leave()


def play_all(binary, library, plays):
    """Each start of the server is the end of a round and the beginning of the next one."""
    stores = {"archived": Archived(), "unarchived": Unarchived()}
    server = Server(binary, PASSWORDS, checks, plain=True)
    server.environment = plays[0].environment(library)
    with server:
        forget_archives(server)
        for play, following in zip(plays, [*plays[1:], None]):
            print(f"# {play.name}", flush=True)
            outcome = talk_until_killed(server, play)
            check_point(play, outcome)
            server.environment = following.environment(library) if following else {}
            server.start()
            check_story(server, play, outcome, stores[play.kept])
            if checks.failed:
                return


# ---- Without the library: sessions that were saved over an orderly stop, and a SIGKILL soon after


def hear_all(server, name, wanted, why, lost=None):
    client = Client(server, name, lost=lost).appear()
    client.wait(lambda: set(wanted) <= set(client.heard))
    client.ping()
    checks.equal(client.heard, wanted, why)
    client.leave()
    return client


def play_saved(binary, kept, kills):
    """Messages that only a session holds, when the server stops in good order, and then is killed so many times."""
    print(f"# saved, {kept}, killed {kills} times", flush=True)
    sender_name, receiver_name = PAIRS[kept]
    with Server(binary, PASSWORDS, checks, plain=True) as server:
        forget_archives(server)
        receiver = Client(server, receiver_name).appear()
        receiver.close()
        sender = Client(server, sender_name)
        numbers = [str(number) for number in range(AT_ONCE)]
        sender.send("".join(message(receiver_name, number) for number in numbers) + ASK)
        checks.ok(sender.wait(lambda: sender.h == AT_ONCE), "all were acknowledged")
        sender.leave()
        checks.equal(server.stop(), 0, "the server stops in good order")
        for _ in range(kills):
            server.start()
            Client(server, sender_name).leave()  # whoever can log in finds the saved sessions restored
            server.kill()
        server.start()
        if kills == 0:
            client = hear_all(server, receiver_name, numbers, "the session is resumed, and has them", receiver.session)
            checks.ok(client.resumed, "the session was resumed")
        elif kept == "unarchived":
            hear_all(server, receiver_name, numbers, "what the session held has waited", receiver.session)
        hear_all(server, receiver_name, [], "nothing comes twice")
        client = Client(server, receiver_name)
        checks.equal(archive_of(client), numbers if kept == "archived" else [], "the archive")
        client.leave()


def see_a_lie(binary, library):
    """That these checks find something: a disk that does not sync, and a power cut."""
    print("# a disk that lies", flush=True)
    play = Round(0, "after-ack", "archived", "listens", forgets=True, lies=True)
    server = Server(binary, PASSWORDS, checks, plain=True)
    with server:
        server.stop()
        server.environment = play.environment(library)
        server.start()
        outcome = talk_until_killed(server, play)
        check_point(play, outcome)
        server.environment = {}
        server.start()
        client = Client(server, play.sender)
        checks.ok(not set(outcome.safe) <= set(archive_of(client)), "what a disk has only said to have is missing")
        client.close()


def main(binary, library, words):
    plays = [play for play in rounds() if not words or any(word in play.name for word in words)]
    if plays:
        play_all(binary, library, plays)
    for kept in PAIRS:
        for kills in range(3):
            if not checks.failed and (not words or "saved" in words):
                play_saved(binary, kept, kills)
    if not checks.failed and (not words or "lie" in words):
        see_a_lie(binary, library)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
    checks.finish()
