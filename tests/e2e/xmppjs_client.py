"""@xmpp/client of npm, as a process for each device: it is told what to do and tells what happens (xmppjs/client.js)."""

import json
import pathlib
import queue
import re
import shutil
import subprocess
import threading
import time
import uuid

SOURCE = pathlib.Path(__file__).parent / "xmppjs"
NODE_AT_LEAST = (20, 10)
PATIENCE = 15  # seconds for anything that should happen at once


class Unavailable(Exception):
    """Why the client cannot be had here."""


def install(folder):
    """Brings what package-lock.json names into the folder, or leaves what is there."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise Unavailable(f"there is no {tool}")
    version = tuple(map(int, re.findall(r"\d+", subprocess.run(["node", "--version"], capture_output=True, text=True).stdout)))
    if version[:2] < NODE_AT_LEAST:
        raise Unavailable("node is older than " + ".".join(map(str, NODE_AT_LEAST)))
    folder.mkdir(parents=True, exist_ok=True)
    lock = (SOURCE / "package-lock.json").read_text()
    installed = folder / "installed.json"
    for file in SOURCE.iterdir():
        shutil.copy(file, folder)
    if installed.exists() and installed.read_text() == lock:
        return
    done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1"], cwd=folder,
                          capture_output=True, text=True)
    if done.returncode:
        raise Unavailable("npm cannot install: " + done.stderr.strip()[-300:])
    installed.write_text(lock)


class Device:
    """One client. `agent` is what it calls itself (XEP-0388), which its token belongs to."""

    def __init__(self, folder, certificate, port, name, password, tag, agent=None, token=None, direct_tls=False):
        self.tag, self.agent, self.token = tag, agent or str(uuid.uuid4()), token
        self.events, self.arriving = [], queue.Queue()
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "NODE_EXTRA_CA_CERTS": certificate}
        self.process = subprocess.Popen([shutil.which("node"), "client.js"], cwd=folder, env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self.read, daemon=True).start()
        service = f"xmpps://localhost:{port}" if direct_tls else f"xmpp://127.0.0.1:{port}"
        self.tell(service=service, username=name, password=password, tag=tag, agent=self.agent, token=token)

    def read(self):
        for line in self.process.stdout:
            self.arriving.put(json.loads(line))

    def tell(self, **order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def say(self, texts, to):
        self.tell(order="say", texts=texts, to=to)

    def until(self, condition, seconds=PATIENCE):
        """The first truthy answer of condition(), asked again with each event; its last one when time is up."""
        deadline = time.monotonic() + seconds
        while not (answer := condition()):
            try:
                self.take(self.arriving.get(timeout=max(0, deadline - time.monotonic())))
            except queue.Empty:
                return condition()
        return answer

    def take(self, event):
        if event["event"] == "token":
            self.token = event["token"]
        self.events.append(event)

    def expect(self, name, since=0, seconds=PATIENCE, **wanted):
        """The first event of that name with these values, if it comes."""
        return self.until(lambda: next((event for event in self.events[since:] if event["event"] == name
                                        and wanted.items() <= event.items()), None), seconds)

    def texts(self, since=0, event="message"):
        return [each["text"] for each in self.events[since:] if each["event"] == event]

    def kill(self):
        """As when the telephone's battery is empty: nobody is told."""
        self.process.kill()
        self.end()

    def leave(self):
        self.tell(order="leave")
        self.end()

    def end(self):
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
