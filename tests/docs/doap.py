"""Checks doap.xml (XEP-0453) against the code: what modules say they implement stands there, in the same version, and
nothing stands there that the code does not speak of.

Usage: doap.py [ROOT]
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

DOAP = "{http://usefulinc.com/ns/doap#}"
XMPP = "{https://linkmauve.fr/ns/xmpp-doap#}"
RESOURCE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"
STATUSES = {"complete", "partial", "planned", "deprecated", "removed", "wontfix"}

SPEC = re.compile(r'\{\s*"(XEP-\d{4})",\s*"([^"]+)"\s*\}')   # as in `implements`: {"XEP-0313", "1.1.3"}
MENTION = re.compile(r"(XEP-\d{4}|RFC \d{4})")


def read_code(root):
    """What the modules declare (name to version), and every XEP and RFC that any file of the code names."""
    declared, mentioned = {}, set()
    for top in ("src", "xep", "modules"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".h", ".cpp"):
                text = path.read_text()
                mentioned |= set(MENTION.findall(text))
                if path.suffix == ".cpp":
                    declared |= dict(SPEC.findall(text))
    return declared, mentioned


def read_doap(text):
    """The XEPs as (name, version, status), and the RFCs' names."""
    project = ElementTree.fromstring(text).find(DOAP + "Project")
    xeps, rfcs = [], []
    for implements in project.findall(DOAP + "implements"):
        supported = implements.find(XMPP + "SupportedXep")
        if supported is None:
            rfcs.append("RFC " + re.search(r"rfc(\d+)", implements.get(RESOURCE))[1])
        else:
            number = re.search(r"xep-(\d{4})", supported.find(XMPP + "xep").get(RESOURCE))[1]
            xeps.append(("XEP-" + number, supported.findtext(XMPP + "version"), supported.findtext(XMPP + "status")))
    return xeps, rfcs


def complaints(declared, mentioned, xeps, rfcs):
    listed = {name: version for name, version, _ in xeps}
    for name, version in sorted(declared.items()):
        if name not in listed:
            yield f"{name} {version} is implemented by a module, but not in doap.xml"
        elif listed[name] != version:
            yield f"{name} is {version} in its module, but {listed[name]} in doap.xml"
    for name, version, status in xeps:
        if status not in STATUSES:
            yield f"{name}: a status is one of {', '.join(sorted(STATUSES))}"
        if status in ("complete", "partial") and name not in mentioned:
            yield f"{name} is in doap.xml, but no file of the code speaks of it"
        if not version:
            yield f"{name} has no version in doap.xml"
    for name in rfcs:
        if name not in mentioned:
            yield f"{name} is in doap.xml, but no file of the code speaks of it"
    names = [name for name, _, _ in xeps] + rfcs
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name} is in doap.xml twice"
    if listed and list(listed) != sorted(listed):
        yield "doap.xml lists the XEPs in another order than that of their numbers"


def self_test():
    """The test must be able to fail."""
    good = [("XEP-0030", "2.5.0", "complete"), ("XEP-0313", "1.1.3", "complete")]
    code = {"XEP-0313": "1.1.3"}, {"XEP-0030", "XEP-0313", "RFC 6120"}
    assert not list(complaints(*code, good, ["RFC 6120"]))
    for xeps, rfcs in ((good[:1], []), (good[::-1], []), (good + good[1:], []), (good, ["RFC 7395"]),
                       ([good[0], ("XEP-0313", "1.0", "complete")], []), ([*good, ("XEP-0999", "1.0", "complete")], [])):
        assert list(complaints(*code, xeps, rfcs)), (xeps, rfcs)


def main(root):
    self_test()
    xeps, rfcs = read_doap((root / "doap.xml").read_text())
    found = list(complaints(*read_code(root), xeps, rfcs))
    for line in found:
        print(line)
    print("not ok" if found else "ok", f"- doap.xml: {len(xeps)} XEPs, {len(rfcs)} RFCs")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]) if sys.argv[1:] else pathlib.Path(__file__).resolve().parents[2]))
