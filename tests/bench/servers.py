"""The servers that are measured: how each is configured, filled with users, started and stopped.

All get the same: one domain `localhost`, a plain and a direct-TLS listener on loopback, one ECDSA P-256 certificate,
no offline storage, no limits, no stanzas in the log, and the archive (XEP-0313, in SQLite, for all messages) only where
a case asks for it. The peers' other modules come in two sets, for they cost each message something: "lean" has roster,
disco and ping only, "usual" what their packages switch on for chatting. Aldis always runs with all that it has.
"""

import concurrent.futures
import hashlib
import hmac
import http.client
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time

DOMAIN = "localhost"
PASSWORD = "secret"
START_TIMEOUT = 60
STOP_TIMEOUT = 20


class BenchError(Exception):
    """Something that keeps a measurement from being made; its text is for the user."""


class Cannot(Exception):
    """The server does not have what is to be measured; its text says what."""


def make_certificate(folder):
    """A self-signed ECDSA P-256 certificate that every server may read."""
    certificate, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "30", "-subj", "/CN=" + DOMAIN,
                    "-addext", "subjectAltName=DNS:" + DOMAIN], check=True, capture_output=True, timeout=30)
    os.chmod(key, 0o644)
    return certificate, key


class Server:
    """One server with its own folder and ports. Whether it archives and its set of modules are fixed."""

    name = ""
    account = None  # the system user it runs as if we are root

    def __init__(self, folder, port, certificate, archive, modules, core):
        self.folder = folder
        self.port, self.tls_port, self.admin_port = port, port + 1, port + 2
        self.certificate, self.key = certificate
        self.archive = archive
        self.modules = modules
        self.core = core
        self.users = 0
        self.process = None

    # What each server says about itself.
    @classmethod
    def installed(cls):
        raise NotImplementedError

    @classmethod
    def version(cls):
        raise NotImplementedError

    def configure(self):
        """Writes the configuration into self.folder."""
        raise NotImplementedError

    def command(self):
        """(arguments, additional environment) of a process that stays in the foreground."""
        raise NotImplementedError

    def create_users(self, numbers):
        """Creates user1 ... as given; the server is stopped, and may be started meanwhile."""
        raise NotImplementedError

    def fill_archive(self, messages):
        """Gives user1 an archive of so many messages, and an index of their words; the server is stopped."""
        raise Cannot("no archive can be made for it to search in")

    # What is the same for all.
    def setup(self):
        os.makedirs(self.folder)
        self.configure()
        if self.runs_as():
            subprocess.run(["chown", "-R", self.runs_as(), self.folder], check=True, timeout=30)

    def add_users(self, count):
        """Makes sure that user1 to user<count> exist."""
        if count > self.users:
            self.create_users(range(self.users + 1, count + 1))
            self.users = count

    def runs_as(self):
        return self.account if os.geteuid() == 0 else None

    def port_for(self, tls):
        return self.tls_port if tls == "direct" else self.port

    def start(self):
        """Starts it, pinned to its core. Returns the seconds from exec until it accepted a connection."""
        arguments, environment = self.command()
        as_user = {}
        if self.runs_as():
            entry = pwd.getpwnam(self.runs_as())
            as_user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
            environment = {"HOME": self.folder, **environment}
        begin = time.monotonic()
        with open(os.path.join(self.folder, "output"), "ab") as output:
            self.process = subprocess.Popen(["taskset", "-c", str(self.core), *arguments], stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output, cwd=self.folder,
                                            env={**os.environ, **environment}, **as_user)
        while not accepts(self.port):
            if self.process.poll() is not None or time.monotonic() - begin > START_TIMEOUT:
                self.stop()
                raise BenchError(f"{self.name} does not start:\n{self.last_output()}")
            time.sleep(0.0005)
        return time.monotonic() - begin

    def stop(self):
        if self.process is None:
            return
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_TIMEOUT)

    def last_output(self):
        with open(os.path.join(self.folder, "output"), encoding="utf-8", errors="replace") as output:
            return "".join(output.readlines()[-15:])

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def package_version(package):
    command = ["dpkg-query", "-W", "-f", "${Version}", package]
    found = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return found.stdout.strip() or "unknown"


class Aldis(Server):
    name = "aldis"
    binary = filler = ""  # set from the command line

    CONFIG = """\
[server]
shards = 1
data_dir = "{folder}/data"

[[domain]]
name = "localhost"
certificate = "{certificate}"
key = "{key}"

[[listener]]
kind = "c2s"
address = "127.0.0.1"
port = {port}
tls = "starttls"

[[listener]]
kind = "c2s"
address = "127.0.0.1"
port = {tls_port}
tls = "direct"

[auth]
plain_without_tls = true

[limits]
enabled = false

[log]
level = "warn"
"""
    ARCHIVE_OFF = """
[modules]
disabled = ["mam"]
"""

    @classmethod
    def installed(cls):
        return os.access(cls.binary, os.X_OK)

    @classmethod
    def version(cls):
        shown = subprocess.run([cls.binary, "version"], capture_output=True, text=True, timeout=10)
        return (shown.stdout.strip().splitlines() or ["unknown"])[0]

    def configure(self):
        os.makedirs(os.path.join(self.folder, "data"))
        text = self.CONFIG.format(folder=self.folder, certificate=self.certificate, key=self.key, port=self.port,
                                  tls_port=self.tls_port)
        self.config = self.write("aldis.toml", text + ("" if self.archive else self.ARCHIVE_OFF))

    def command(self):
        return [self.binary, "serve", "--config", self.config], {}

    def create_users(self, numbers):
        for number in numbers:
            user = f"user{number}@{DOMAIN}"
            command = [self.binary, "user", "add", "--config", self.config, "--password-stdin", user]
            added = subprocess.run(command, input=PASSWORD + "\n", capture_output=True, text=True, timeout=60)
            if added.returncode != 0:
                raise BenchError(f"aldis user add: {added.stderr.strip()}")

    def fill_archive(self, messages):
        database = os.path.join(self.folder, "data", "aldis.db")
        command = [self.filler, database, f"user1@{DOMAIN}", str(messages)]
        filled = subprocess.run(command, capture_output=True, text=True, timeout=60 + messages / 1000)
        if filled.returncode != 0:
            raise BenchError(f"archive_fill: {filled.stderr.strip()}")


class Prosody(Server):
    name = "prosody"
    account = "prosody"

    CONFIG = """\
data_path = "{folder}/data"
plugin_paths = {{}}
network_backend = "epoll"
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_direct_tls_ports = {{ {tls_port} }}
s2s_ports = {{}}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_hashed"
password_hash = "SHA-256"
storage = {{ archive = "sql" }}
sql = {{ driver = "SQLite3", database = "{folder}/data/archive.sqlite" }}
default_archive_policy = true
max_archive_query_results = 250
modules_enabled = {{ "roster", "saslauth", "tls"{modules} }}
modules_disabled = {{ "s2s", "offline" }}
ssl = {{ certificate = "{certificate}", key = "{key}" }}
log = {{ warn = "*console" }}
VirtualHost "localhost"
    ssl = {{ certificate = "{certificate}", key = "{key}" }}
"""
    MODULES = {"lean": ["disco", "ping"],
               "usual": ["disco", "ping", "blocklist", "carbons", "csi_simple", "pep", "private", "register", "smacks",
                         "time", "uptime", "vcard4", "vcard_legacy", "version"]}
    ITERATIONS = 10000

    @classmethod
    def installed(cls):
        return shutil.which("prosody") is not None

    @classmethod
    def version(cls):
        return package_version("prosody")

    def configure(self):
        os.makedirs(os.path.join(self.folder, "data"))
        names = self.MODULES[self.modules] + (["mam"] if self.archive else [])
        text = self.CONFIG.format(folder=self.folder, certificate=self.certificate, key=self.key, port=self.port,
                                  tls_port=self.tls_port, modules="".join(f', "{name}"' for name in names))
        self.config = self.write("prosody.cfg.lua", text)

    def command(self):
        return ["prosody", "--config", self.config, "-F"], {}

    def create_users(self, numbers):
        """Writes the accounts as mod_auth_internal_hashed stores them: SCRAM keys, with one salt for all."""
        salt = "8ce5ab04-0fc4-4e2f-9d0f-benchmark"
        salted = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt.encode(), self.ITERATIONS)
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        account = (f'return {{\n\t["iteration_count"] = {self.ITERATIONS};\n\t["salt"] = "{salt}";\n'
                   f'\t["stored_key"] = "{hashlib.sha256(client_key).hexdigest()}";\n'
                   f'\t["server_key"] = "{hmac.digest(salted, b"Server Key", "sha256").hex()}";\n}};\n')
        for number in numbers:
            self.write(f"data/{DOMAIN}/accounts/user{number}.dat", account)
        if self.runs_as():
            subprocess.run(["chown", "-R", self.runs_as(), os.path.join(self.folder, "data")], check=True, timeout=60)


class Ejabberd(Server):
    name = "ejabberd"
    account = "ejabberd"

    CONFIG = """\
hosts: [localhost]
loglevel: warning
certfiles: ["{certificate}", "{key}"]
listen:
  - {{port: {port}, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144, access: all, shaper: none,
     backlog: 1024, starttls: true}}
  - {{port: {tls_port}, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144, access: all, shaper: none,
     backlog: 1024, tls: true}}
  - {{port: {admin_port}, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {{/api: mod_http_api}}}}
api_permissions:
  bench: {{from: [mod_http_api], who: {{ip: 127.0.0.1}}, what: [register]}}
auth_method: internal
auth_password_format: scram
auth_scram_hash: sha256
sql_type: sqlite
sql_database: "{folder}/archive.sqlite"
modules:
  mod_roster: {{}}
{modules}"""
    MODULES = {"lean": {"mod_disco": "{}", "mod_ping": "{}"},
               "usual": {"mod_adhoc": "{}", "mod_avatar": "{}", "mod_blocking": "{}", "mod_caps": "{}",
                         "mod_carboncopy": "{}", "mod_client_state": "{}", "mod_disco": "{}", "mod_last": "{}",
                         "mod_ping": "{}", "mod_privacy": "{}", "mod_private": "{}",
                         "mod_pubsub": "{plugins: [flat, pep]}", "mod_push": "{}", "mod_push_keepalive": "{}",
                         "mod_shared_roster": "{}", "mod_stream_mgmt": "{}", "mod_vcard": "{}",
                         "mod_vcard_xupdate": "{}", "mod_version": "{}"}}
    MAM = {"mod_mam": "{db_type: sql, default: always}"}

    @classmethod
    def installed(cls):
        return shutil.which("ejabberdctl", path=os.environ["PATH"] + ":/usr/sbin") is not None

    @classmethod
    def version(cls):
        return package_version("ejabberd")

    def configure(self):
        modules = {**self.MODULES[self.modules], **(self.MAM if self.archive else {})}
        text = self.CONFIG.format(folder=self.folder, certificate=self.certificate, key=self.key, port=self.port,
                                  tls_port=self.tls_port, admin_port=self.admin_port,
                                  modules="".join(f"  {name}: {options}\n" for name, options in modules.items()))
        self.config = self.write("ejabberd.yml", text)

    def command(self):
        """As `ejabberdctl foreground` does it, but without Erlang's distribution, whose epmd would stay behind."""
        libraries = "/usr/lib/x86_64-linux-gnu" if os.path.isdir("/usr/lib/x86_64-linux-gnu") else "/usr/lib"
        arguments = ["erl", "+S", "1:1", "+K", "true", "+P", "250000", "-noinput", "-mnesia", "dir",
                     f'"{self.folder}/mnesia"', "-s", "ejabberd"]
        environment = {"EJABBERD_CONFIG_PATH": self.config, "EJABBERD_LOG_PATH": f"{self.folder}/ejabberd.log",
                       "ERL_LIBS": libraries, "ERL_MAX_PORTS": "32000", "ERL_CRASH_DUMP": "/dev/null"}
        return arguments, environment

    def create_users(self, numbers):
        self.start()
        try:
            self.wait_for_admin_port()
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                list(pool.map(self.register, [numbers[i::4] for i in range(4)]))
        finally:
            self.stop()

    def wait_for_admin_port(self):
        end = time.monotonic() + START_TIMEOUT
        while not accepts(self.admin_port):
            if time.monotonic() > end:
                raise BenchError("ejabberd does not open its HTTP listener")
            time.sleep(0.05)

    def register(self, numbers):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=60)
        for number in numbers:
            user = json.dumps({"user": f"user{number}", "host": DOMAIN, "password": PASSWORD})
            connection.request("POST", "/api/register", user, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode()
            if answer.status != 200:
                raise BenchError(f"ejabberd does not register user{number}: {text}")
        connection.close()


ALL = {server.name: server for server in (Aldis, Prosody, Ejabberd)}
