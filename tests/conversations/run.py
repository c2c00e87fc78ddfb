#!/usr/bin/python3
"""Plays the conversations of this folder against a real server, each against a fresh one; README.md describes both."""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from player import Player
from prosody import Prosody
from script import ScriptError, read
from server import Ports, Server, Templates, make_certificate
from stream import Failure

HERE = Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('conversations', nargs='*', help='files, folders, or words of a file name (default: all)')
    parser.add_argument('--server', required=True, help='the aldis binary')
    parser.add_argument('--server-kind', choices=['aldis', 'prosody'], default='aldis')
    parser.add_argument('--jobs', '-j', type=int, default=2 * (os.cpu_count() or 1), help='conversations at once')
    parser.add_argument('--patience', type=float, default=10.0, help='seconds to wait for what must come')
    parser.add_argument('--ports', default='17000-17999', help='range of ports on 127.0.0.1')
    parser.add_argument('--keep', action='store_true', help='leave the servers\' directories behind')
    parser.add_argument('--quiet', '-q', action='store_true', help='only what failed, and the closing line')
    return parser.parse_args()


def chosen(words):
    everything = [file for file in HERE.rglob('*.txt') if file.name != 'CMakeLists.txt']
    if not words:
        return sorted(everything)
    files = set()
    for word in words:
        path = Path(word)
        if path.is_dir():
            files.update(path.rglob('*.txt'))
        elif path.is_file():
            files.add(path)
        else:
            files.update(file for file in everything if word in str(file.relative_to(HERE)))
    return sorted(files)


class Run:
    def __init__(self, options, directory, certificate):
        self.options, self.directory, self.certificate = options, directory, certificate
        self.ports = Ports(*map(int, options.ports.split('-')))
        self.templates = Templates(directory)
        self.slots = asyncio.Semaphore(options.jobs)
        self.failed = 0

    async def one(self, number, path):
        async with self.slots:
            begin = time.monotonic()
            report = await self._play(path, self.directory / f'{number}')
            shown = path.relative_to(HERE) if path.is_relative_to(HERE) else path
            if report or not self.options.quiet:
                print(f'{"FAIL" if report else "ok  "} {shown} ({time.monotonic() - begin:.2f} s)', flush=True)
            if report:
                self.failed += 1
                print('\n'.join(report), flush=True)

    async def _play(self, path, directory):
        try:
            script = read(path)
        except ScriptError as error:
            return [f'  {error}']
        kind = Prosody if self.options.server_kind == 'prosody' else Server
        server = kind(self.options.server, directory, script.config, script.accounts, self.ports, self.templates,
                      self.certificate)
        player = Player(script, server, self.options.patience)
        try:
            report = await self._against(server, player, path)
        finally:
            server.abandon()
        if not self.options.keep:
            shutil.rmtree(directory, ignore_errors=True)
        return report

    async def _against(self, server, player, path):
        report = []
        try:
            await server.prepare()
            await server.start()
            await player.play()
        except Exception as error:  # whatever it is, it is this conversation's and not the others'
            report = explained(path, player, server, error)
        player.leave()
        try:
            await server.finish()
        except Exception as error:
            report = report or explained(path, player, server, error)
        return report


def explained(path, player, server, error):
    line = player.current
    lines = [f'  {path}:{line.number if line else 1}: {line.text[:3000] if line else ""}',
             f'  {"" if isinstance(error, (Failure, ScriptError)) else type(error).__name__ + ": "}{error}']
    stream = player.last
    if stream:
        lines += [f'  everything on the stream of {stream.jid}:', *(f'  {entry}' for entry in stream.record)]
    return lines + ['  the end of the server\'s log:', *(f'    {entry}' for entry in server.log_tail())]


async def main():
    options = arguments()
    files = chosen(options.conversations)
    directory = Path(tempfile.mkdtemp(prefix='conversations-'))
    try:
        run = Run(options, directory, await make_certificate(directory))
        await asyncio.gather(*(run.one(number, path) for number, path in enumerate(files)))
    finally:
        if not options.keep:
            shutil.rmtree(directory, ignore_errors=True)
    print(f'{len(files) - run.failed} passed, {run.failed} failed')
    return 1 if run.failed or not files else 0


if __name__ == '__main__':
    sys.exit(asyncio.run(main()))
