"""The server under test: a fresh directory, free ports, its accounts, and its life and death."""

import asyncio
import contextlib
import json
import random
import shutil
import signal
import socket
from pathlib import Path

from stream import Failure

STARTS_WITHIN = 20.0   # seconds; a sanitised build on a busy machine is slow
STOPS_WITHIN = 10.0


class Ports:
    """Free ports on loopback, below those that the kernel gives to clients."""

    def __init__(self, first, last):
        self._left = list(range(first, last + 1))
        random.shuffle(self._left)

    def take(self):
        while self._left:
            port = self._left.pop()
            with contextlib.suppress(OSError), socket.socket() as probe:
                probe.bind(('127.0.0.1', port))
                return port
        raise RuntimeError('no port is free')

    def give_back(self, port):
        self._left.insert(0, port)


class Templates:
    """Directories with accounts in them, made once and copied for each conversation that needs the same accounts."""

    def __init__(self, directory):
        self._directory = directory
        self._made = {}

    async def copy(self, key, make, to):
        if key not in self._made:
            self._made[key] = asyncio.ensure_future(self._make(len(self._made), make))
        source = await self._made[key]
        shutil.copytree(source, to)

    async def _make(self, number, make):
        directory = self._directory / f'accounts-{number}'
        directory.mkdir()
        await make(directory)
        return directory


class Server:
    """Aldis. `config` is what the conversation wants to be different: dotted keys and TOML values."""

    def __init__(self, binary, directory, config, accounts, ports, templates, certificate):
        self.binary, self.directory, self.accounts = binary, directory, accounts
        self.config, self._ports, self._templates, self._certificate = dict(config), ports, templates, certificate
        self._taken = {'plain': ports.take(), 'tls': ports.take()}
        self._starttls = self.config.pop('starttls', 'starttls').strip('"')
        self._process = None
        self.log = directory / 'log'

    def port_of(self, kind):
        return self._taken[kind]

    async def prepare(self):
        """The directory with its accounts, before the first start."""
        self.directory.mkdir(parents=True)
        await self._templates.copy((frozenset(self.accounts), tuple(sorted(self._account_config().items()))),
                                   self._make_accounts, self.directory / 'data')
        self._write_config(self.directory / 'data', self.directory / 'config.toml')

    def _account_config(self):
        return {key: value for key, value in self.config.items() if key.startswith('auth.')}

    def _domains(self):
        return ['localhost', *sorted({account.domain for account in self.accounts} - {'localhost'})]

    def _write_config(self, data, file):
        settings = {
            'server.data_dir': _quoted(data),
            'server.shards': '2',
            'domain': _array(self._domain(name) for name in self._domains()),
            'listener': _array([self._listener('plain', self._starttls), self._listener('tls', 'direct')]),
            'auth.plain_without_tls': 'true',
            'auth.scram_iterations': '4096',
            **{key: value for key, value in self.config.items() if not key.startswith('domain')},
        }
        file.write_text(''.join(f'{key} = {value}\n' for key, value in settings.items()), encoding='utf-8')

    def _domain(self, name):
        """`domain.KEY` is for all of them, `domain[NAME].KEY` for one."""
        own = {key.rpartition('.')[2]: value for key, value in self.config.items()
               if key.rpartition('.')[0] in ('domain', f'domain[{name}]')}
        if 'client_authorities' in own:
            own['client_authorities'] = _quoted(self._certificate[0].parent / 'authority.pem')
        return {'name': _quoted(name), **self._certificate_of(), **own}

    async def client_certificate(self, name):
        """Files with the certificate and the key of one that an authority has made out to the address `name`."""
        certificate, key = self.directory / f'{name}.pem', self.directory / f'{name}.key'
        if certificate.exists():
            return certificate, key
        authority = self._certificate[0].parent / 'authority'
        await _openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                       '-subj', '/CN=client', '-addext', f'subjectAltName=otherName:1.3.6.1.5.5.7.8.5;UTF8:{name}',
                       '-CA', f'{authority}.pem', '-CAkey', f'{authority}.key', '-keyout', key, '-out', certificate)
        return certificate, key

    def base64_of(self, name):
        """A certificate that client_certificate() has made: DER, in base64."""
        lines = (self.directory / f'{name}.pem').read_text(encoding='ascii').splitlines()
        return ''.join(line for line in lines if not line.startswith('-----'))

    def _listener(self, port, tls):
        return {'kind': '"c2s"', 'address': '"127.0.0.1"', 'port': str(self._taken[port]), 'tls': _quoted(tls)}

    def _certificate_of(self):
        certificate, key = self._certificate
        return {'certificate': _quoted(certificate), 'key': _quoted(key)}

    async def _make_accounts(self, directory):
        config = directory.with_suffix('.toml')
        self._write_config(directory, config)
        for account in sorted(self.accounts, key=str):
            await self._run('user', 'add', '--config', str(config), str(account), '--password-stdin', text='secret\n')

    async def _run(self, *arguments, text=''):
        process = await asyncio.create_subprocess_exec(
            self.binary, *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT)
        output, _ = await process.communicate(text.encode())
        if process.returncode:
            raise Failure(f'`aldis {" ".join(arguments)}` ended with {process.returncode}: {output.decode()[-2000:]}')
        return output.decode()

    async def run(self, *arguments):
        """A subcommand of `aldis`, as the operator of this server. @return what it said"""
        return await self._run(*arguments, '--config', str(self.directory / 'config.toml'))

    # -- life and death

    def _command(self):
        return [self.binary, 'serve', '--config', str(self.directory / 'config.toml')]

    async def start(self):
        with self.log.open('ab') as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command(), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log)
        for port in self._taken.values():
            await self._accepts(port)

    async def _accepts(self, port):
        deadline = asyncio.get_running_loop().time() + STARTS_WITHIN
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection('127.0.0.1', port)
                writer.close()
                return
            if self._process.returncode is not None:
                raise Failure(f'the server did not start: exit status {self._process.returncode}')
            if asyncio.get_running_loop().time() > deadline:
                raise Failure('the server did not start in time')
            await asyncio.sleep(0.003)

    async def stop(self):
        """SIGTERM, after which the server closes its streams and ends with status 0."""
        status = await self._end(signal.SIGTERM)
        if status != 0:
            raise Failure(f'the server ended with status {status}')

    async def kill(self):
        await self._end(signal.SIGKILL)

    async def _end(self, with_signal):
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(with_signal)
        try:
            status = await asyncio.wait_for(self._process.wait(), STOPS_WITHIN)
        except asyncio.TimeoutError:
            self._process.kill()
            await self._process.wait()
            raise Failure('the server did not end after SIGTERM') from None
        self._process = None
        return status

    async def reload(self, setting):
        key, _, value = setting.partition('=')
        self.config[key.strip()] = value.strip()
        self._write_config(self.directory / 'data', self.directory / 'config.toml')
        before = self._readings()
        self._process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(10):
            while self._readings() == before:
                await asyncio.sleep(0.01)

    def _readings(self):
        """How often the server has read its configuration again, or could not."""
        return self.log.read_text(errors='replace').count('read again')

    async def finish(self):
        """The end of a conversation; complains if the server did not survive it or does not end well."""
        try:
            if self._process:
                await self.stop()
        finally:
            for port in self._taken.values():
                self._ports.give_back(port)

    def abandon(self):
        """No server outlives its conversation, however that ended."""
        if self._process and self._process.returncode is None:
            self._process.kill()

    def log_tail(self, lines=40):
        if not self.log.exists():
            return []
        return self.log.read_text(errors='replace').splitlines()[-lines:]


def _quoted(text):
    return json.dumps(str(text))


def _array(tables):
    written = (', '.join(f'{key} = {value}' for key, value in table.items()) for table in tables)
    return '[' + ', '.join(f'{{{table}}}' for table in written) + ']'


async def make_certificate(directory):
    """A self-signed certificate for localhost, and an authority for those of clients."""
    certificate, key = directory / 'certificate.pem', directory / 'key.pem'
    await _openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                   '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
                   '-keyout', key, '-out', certificate)
    await _openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                   '-subj', '/CN=authority of clients',
                   '-keyout', directory / 'authority.key', '-out', directory / 'authority.pem')
    return Path(certificate), Path(key)


async def _openssl(*arguments):
    process = await asyncio.create_subprocess_exec(
        'openssl', *map(str, arguments), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)
    if await process.wait():
        raise RuntimeError('openssl could not make a certificate')
