"""What one person's devices and contacts share, with slixmpp: picture, vCard, bookmarks, who is blocked, what was read, what is
found, and commands. Where slixmpp has a plugin it is used; the rest is sent through it as text.

Usage: slixmpp_profile.py PATH_OF_ALDIS
"""

import asyncio
import hashlib
import struct
import sys
import zlib

from server import Server
from slixmpp_person import PUBSUB, Person, answer, befriend, succeeded
from tap import Checks

PASSWORDS = {name: f"secret-{name}" for name in ("romeo", "juliet")}
NATIVE, LISTED, DISPLAYED = "urn:xmpp:bookmarks:1", "storage:bookmarks", "urn:xmpp:mds:displayed:0"
METADATA = "urn:xmpp:avatar:metadata"
INBOX = "urn:xmpp:inbox:1"
STANZA_ID = "{urn:xmpp:sid:0}stanza-id"
FULLTEXT = "{urn:xmpp:fulltext:0}fulltext"
checks = Checks()


class Scene:
    """Romeo's phone and his laptop; Juliet, his friend."""

    def __init__(self, server):
        self.server = server
        self.phone = self.person("romeo", "phone", "xep_0084", "xep_0048", "xep_0191", "xep_0054", "xep_0050", "xep_0223")
        self.laptop = self.person("romeo", "laptop", "xep_0084", "xep_0048", "xep_0191", "xep_0054")
        self.juliet = self.person("juliet", "balcony", "xep_0084", "xep_0153", "xep_0333")
        for node in (NATIVE, DISPLAYED):
            self.laptop["xep_0030"].add_feature(node + "+notify")

    def person(self, name, device, *plugins):
        return Person(name, PASSWORDS[name], self.server.certificate, device, plugins)


def picture(red, green, blue, side=8):
    """A square PNG in one colour."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    rows = (b"\0" + bytes((red, green, blue)) * side) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


async def enter(scene):
    for person in (scene.juliet, scene.phone):
        if not checks.ok(await person.log_in(scene.server.starttls_port, False), f"{person.requested_jid} logs in"):
            raise RuntimeError("nothing else can be tested")
    await befriend(scene.phone, scene.juliet)
    checks.ok(await scene.laptop.log_in(scene.server.starttls_port, False), "the laptop logs in")


async def is_seen(scene, image, what):
    """Juliet hears of the picture in both ways, and can have it in both."""
    name = hashlib.sha1(image).hexdigest()
    checks.ok(await scene.juliet.hears("publish", METADATA, name), f"juliet hears of {what} (XEP-0084)")
    checks.ok(await scene.laptop.hears("publish", METADATA, name), "... and so does the other device")
    seen = await scene.juliet.until(lambda: scene.juliet.first(
        "vcard_avatar_update", lambda there: there["from"].bare == "romeo@localhost"
        and there["vcard_temp_update"]["photo"] == name))
    checks.ok(seen is not None, "... sees it in romeo's presence (XEP-0153)")
    got = await answer(scene.juliet["xep_0084"].retrieve_avatar("romeo@localhost", name))
    data = got["pubsub"]["items"]["item"]["avatar_data"]["value"] if succeeded(got) else got
    checks.equal(data, image, "... reads it from the node")
    vcard = await answer(scene.juliet["xep_0054"].get_vcard("romeo@localhost"))
    checks.equal(vcard["vcard_temp"]["PHOTO"]["BINVAL"] if succeeded(vcard) else vcard, image, "... and from the vCard")


async def pictures(scene):
    first, second = picture(200, 0, 0), picture(0, 0, 200)
    avatars = scene.phone["xep_0084"]
    about = {"id": avatars.generate_id(first), "type": "image/png", "bytes": str(len(first)), "width": "8", "height": "8"}
    checks.ok(succeeded(await answer(avatars.publish_avatar(first))), "romeo publishes a picture")
    checks.ok(succeeded(await answer(avatars.publish_avatar_metadata(about))), "... and says so")
    await is_seen(scene, first, "the picture")
    vcard = (await answer(scene.laptop["xep_0054"].get_vcard("romeo@localhost")))["vcard_temp"]
    vcard["FN"] = "Romeo Montague"
    vcard["PHOTO"]["TYPE"], vcard["PHOTO"]["BINVAL"] = "image/png", second
    checks.ok(await answer(scene.laptop["xep_0054"].publish_vcard(vcard=vcard)) is None, "the laptop sets another in the vCard")
    await is_seen(scene, second, "that one")
    again = await answer(scene.juliet["xep_0054"].get_vcard("romeo@localhost"))
    checks.equal(again["vcard_temp"]["FN"], "Romeo Montague", "juliet reads the vCard's name")


async def rooms_of(person, way):
    """The rooms that a client sees: natively, in the list that is a node, in the list in private storage."""
    if way == "xep_0402":
        return sorted(await person.item_ids(None, NATIVE))
    found = await answer(person["xep_0048"].get_bookmarks(method=way))
    lists = found.xml.iter("{storage:bookmarks}conference") if succeeded(found) else ()
    return sorted(each.get("jid") for each in lists)


async def in_step(scene, rooms, what):
    for way in ("xep_0402", "xep_0223", "xep_0049"):
        checks.equal(await rooms_of(scene.laptop, way), rooms, f"{what}: the laptop sees it by {way}")


async def bookmarks(scene):
    item = (f"<pubsub xmlns='{PUBSUB}'><publish node='{NATIVE}'><item id='orchard@rooms.localhost'>"
            f"<conference xmlns='{NATIVE}' name='Orchard' autojoin='true'><nick>Romeo</nick></conference></item></publish></pubsub>")
    checks.ok(succeeded(await scene.phone.ask("set", item)), "the phone bookmarks a room (XEP-0402)")
    checks.ok(await scene.laptop.hears("publish", NATIVE, "orchard@rooms.localhost"), "the laptop hears of it")
    await in_step(scene, ["orchard@rooms.localhost"], "native")
    rooms = ["crypt@rooms.localhost", "orchard@rooms.localhost"]
    for way, names in (("xep_0049", rooms), ("xep_0223", [rooms[0]])):
        marks = scene.phone["xep_0048"].stanza.Bookmarks()
        for name in names:
            marks.add_conference(name, "Romeo", name=name.split("@")[0].title())
        known = len(scene.laptop.seen)
        stored = await answer(scene.phone["xep_0048"].set_bookmarks(marks, method=way))
        checks.ok(succeeded(stored), f"the phone stores a list (XEP-0048 by {way})", str(stored))
        change = ("publish", rooms[0]) if way == "xep_0049" else ("retract", rooms[1])
        checks.ok(await scene.laptop.hears(change[0], NATIVE, change[1], known), f"... of which the laptop hears: {change[0]}")
        await in_step(scene, names, way)


async def blocking(scene):
    for device in (scene.phone, scene.laptop):
        checks.ok(succeeded(await answer(device["xep_0191"].get_blocked())), f"{device.boundjid} asks who is blocked")
    known = len(scene.juliet.seen)
    checks.ok(succeeded(await answer(scene.phone["xep_0191"].block("juliet@localhost"))), "the phone blocks juliet")
    push = await scene.laptop.expect("blocked")
    checks.equal(push and {str(jid) for jid in push["block"]["items"]}, {"juliet@localhost"}, "the laptop is told")
    gone = await scene.juliet.until(lambda: [there for name, there in scene.juliet.seen[known:]
                                             if name == "presence_unavailable" and there["from"].bare == "romeo@localhost"])
    checks.ok(gone, "juliet sees romeo leave")
    scene.juliet.send_message(mto="romeo@localhost", mbody="Art thou there?", mtype="chat")
    refused = await scene.juliet.expect("any_message", lambda message: message["type"] == "error")
    checks.ok(refused and refused["error"]["condition"] == "service-unavailable", "juliet's message is refused")
    checks.ok("Art thou there?" not in scene.phone.bodies() + scene.laptop.bodies(), "... and romeo sees none of it")
    checks.ok(succeeded(await answer(scene.laptop["xep_0191"].unblock("juliet@localhost"))), "the laptop unblocks juliet")
    checks.ok(await scene.phone.expect("unblocked"), "the phone is told")
    left = await answer(scene.phone["xep_0191"].get_blocked())
    checks.equal(list(left["blocklist"]["items"]), [], "... and nobody is blocked any more")


async def unread(person):
    """Of each conversation in the inbox: how many messages are unread."""
    known = len(person.seen)
    done = await person.ask("get", f"<inbox xmlns='{INBOX}'/>")
    if not succeeded(done):
        return done
    entries = [entry for name, stanza in person.seen[known:] if name == "any_message"
               for entry in stanza.xml.iter("{" + INBOX + "}entry")]
    return {entry.get("jid"): int(entry.get("unread")) for entry in entries}


async def what_was_read(scene):
    texts = ["But soft, what light", "through yonder window breaks?"]
    for text in texts:
        scene.juliet.send_message(mto="romeo@localhost", mbody=text, mtype="chat")
    last = await scene.phone.expect("message", lambda message: message["body"] == texts[1])
    checks.equal(await unread(scene.laptop), {"juliet@localhost": 2}, "the inbox knows what romeo has not read")
    mark = last.xml.find(STANZA_ID).get("id")
    options = scene.phone.options(persist_items="true", max_items="max", send_last_published_item="never",
                                  access_model="whitelist")
    displayed = (f"<pubsub xmlns='{PUBSUB}'><publish node='{DISPLAYED}'><item id='juliet@localhost'><displayed xmlns='{DISPLAYED}'>"
                 f"<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@localhost' id='{mark}'/></displayed></item></publish>"
                 f"<publish-options>{options}</publish-options></pubsub>")
    checks.ok(succeeded(await scene.phone.ask("set", displayed)), "the phone says what it has shown (XEP-0490)")
    checks.ok(await scene.laptop.hears("publish", DISPLAYED, "juliet@localhost"), "the laptop hears of it")
    checks.equal(await unread(scene.laptop), {"juliet@localhost": 0}, "... and the inbox has nothing left")


async def found(person, words):
    form = (f"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>"
            f"<field var='{FULLTEXT}'><value>{words}</value></field></x>")
    known = len(person.seen)
    done = await person.ask("set", f"<query xmlns='urn:xmpp:mam:2'>{form}</query>")
    if not succeeded(done):
        return done
    return [body.text for name, stanza in person.seen[known:] if name == "any_message"
            for body in stanza.xml.iter("{jabber:client}body")]


async def searching(scene):
    checks.equal(await found(scene.laptop, "window light"), [], "words that stand in no message together are not found")
    checks.equal(await found(scene.laptop, "yonder"), ["through yonder window breaks?"], "a word is found (XEP-0431)")
    checks.equal(await found(scene.laptop, '"what light"'), ["But soft, what light"], "... and a phrase")


async def commands(scene):
    """XEP-0050 with slixmpp's plugin: what there is, a form, and what it says when it is filled in."""
    adhoc = scene.phone["xep_0050"]
    listed = await answer(adhoc.get_commands("romeo@localhost"))
    names = {name: node for _, node, name in listed["disco_items"]["items"]}
    node = names.get("Who sees when you were last here")
    if not checks.ok(node, "romeo's account has commands", str(names)):
        return
    begun = await answer(adhoc.send_command("romeo@localhost", node))
    checks.equal(begun["command"]["status"], "executing", "one of them is begun")
    form = begun["command"]["form"]
    field = next(field for field in form["fields"] if field["type"] == "list-single")
    form["type"] = "submit"
    form["values"] = {**{each["var"]: each["value"] for each in form["fields"] if each["var"]},
                      field["var"]: "nobody"}
    ended = await answer(adhoc.send_command("romeo@localhost", node, action="complete", payload=form,
                                            sessionid=begun["command"]["sessionid"]))
    checks.ok(succeeded(ended) and ended["command"]["status"] == "completed", "... and completed", str(ended))
    last = await answer(scene.juliet["xep_0012"].get_last_activity("romeo@localhost"))
    checks.equal(last, "forbidden", "juliet does not learn any more when romeo was last there")


async def play(scene):
    await enter(scene)
    await pictures(scene)
    await bookmarks(scene)
    await what_was_read(scene)
    await searching(scene)
    await commands(scene)
    await blocking(scene)
    for person in (scene.phone, scene.laptop, scene.juliet):
        await person.log_out()


async def main(binary):
    with Server(binary, PASSWORDS, checks) as server:
        await play(Scene(server))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
    checks.finish()
