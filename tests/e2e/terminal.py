"""Programs for the terminal in a tmux of the test's own: keys go in, the screen is read."""

import asyncio
import os
import shlex
import subprocess
import time

PATIENCE = 15  # seconds for anything that should appear on the screen at once


class Terminal:
    """A tmux server of the test's own, so that nobody's sessions are touched. Ends with the `with` block."""

    def __init__(self, folder):
        self.folder = folder
        self.command = ["tmux", "-S", str(folder / "tmux"), "-f", "/dev/null"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run([*self.command, "kill-server"], capture_output=True)

    def tmux(self, *arguments):
        return subprocess.run([*self.command, *arguments], check=True, capture_output=True, text=True).stdout

    def panes(self):
        """Names of the clients that still run. (With the last one, tmux itself ends.)"""
        result = subprocess.run([*self.command, "list-panes", "-a", "-F", "#{session_name}"], capture_output=True, text=True)
        return result.stdout.split()


class Program:
    """What somebody sees and types. Each name is its own home folder: a new device knows nothing of what was said before."""

    def __init__(self, terminal, name, command):
        self.terminal, self.pane = terminal, name
        home = terminal.folder / name
        home.mkdir(parents=True, exist_ok=True)
        environment = {"HOME": home, "XDG_CONFIG_HOME": home / "config", "XDG_DATA_HOME": home / "data",
                       "PATH": os.environ["PATH"], "TERM": "screen", "LANG": "C.UTF-8"}
        settings = [f"{key}={value}" for key, value in environment.items()]
        terminal.tmux("new-session", "-d", "-x", "180", "-y", "60", "-s", name, shlex.join(["env", "-i", *settings, *command]))

    def screen(self):
        return self.terminal.tmux("capture-pane", "-p", "-t", self.pane)

    def tail(self):
        """What stands on the screen, short enough for a complaint."""
        return "screen:\n" + "\n".join([line.rstrip() for line in self.screen().splitlines() if line.strip(" │")][-40:])

    def type(self, line):
        self.terminal.tmux("send-keys", "-t", self.pane, "-l", line)
        self.terminal.tmux("send-keys", "-t", self.pane, "Enter")

    async def sees(self, *texts, seconds=PATIENCE):
        """Whether all of the texts stand on the screen, in this order, within so many seconds."""
        return await self.until(lambda: in_order(texts, self.screen()), seconds)

    async def quit(self):
        self.type("/quit")
        await self.until(lambda: self.pane not in self.terminal.panes())

    @staticmethod
    async def until(condition, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.1)
        return True


def in_order(texts, screen):
    position = 0
    for text in texts:
        position = screen.find(text, position)
        if position < 0:
            return False
        position += len(text)
    return True
