"""Starts the real server for a test: its own folder, ports, certificate and accounts, and nothing left behind."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

from tap import poll

CONFIG = """
[server]
data_dir = "{folder}"

[[listener]]
address = "127.0.0.1"
port = {starttls}
tls = "{mode}"

[[listener]]
address = "127.0.0.1"
port = {direct}
tls = "direct"
{more}"""
PLAIN = """
[auth]
plain_without_tls = true
"""


def free_ports(count):
    """Ports that nobody listens on now. All are held open until the last is found, so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """`with Server(binary, {"romeo": "secret"}, checks) as server:` - accounts are on localhost, and so is the server.

    If a check failed meanwhile, the end of the server's log is shown.
    `more` is TOML that ends its configuration; `plain` allows logins without TLS.
    ALDIS_E2E_SERVER="STARTTLS_PORT DIRECT_TLS_PORT CERTIFICATE" takes a server that already runs, with such accounts, instead.
    """

    def __init__(self, binary, passwords, checks, more="", plain=False):
        self.binary = binary
        self.passwords = passwords
        self.checks = checks
        self.more = (PLAIN if plain else "") + more
        self.plain = plain
        self.process = None
        self.folder = None
        self.environment = {}  # of the next start, beside the test's own

    def __enter__(self):
        running = os.environ.get("ALDIS_E2E_SERVER")
        if running:
            starttls, direct, certificate = running.split()
            self.starttls_port, self.direct_tls_port, self.certificate = int(starttls), int(direct), certificate
            return self
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="aldis-e2e-"))
        try:
            self.prepare()
            self.start()
        except BaseException as error:
            self.__exit__(type(error))
            raise
        return self

    def __exit__(self, fault=None, *_):
        if self.folder is None:
            return
        self.stop()
        if (fault or self.checks.failed) and self.log.exists():
            print("# The server's log ends:\n" + self.log.read_text()[-8000:], flush=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def prepare(self):
        self.starttls_port, self.direct_tls_port = free_ports(2)
        self.certificate = str(self.folder / "certs" / "localhost.pem")
        self.config = self.folder / "aldis.toml"
        self.log = self.folder / "log"
        self.configure(self.more)
        self.run("cert", "make-dev")
        for name, password in self.passwords.items():
            self.run("user", "add", f"{name}@localhost", "--password-stdin", standard_input=password + "\n")

    def configure(self, more):
        """Writes the configuration; `more` may speak of the server's {folder}."""
        mode = "starttls" if self.plain else "required-starttls"
        text = CONFIG.format(folder=self.folder, starttls=self.starttls_port, direct=self.direct_tls_port, mode=mode,
                             more=more.replace("{folder}", str(self.folder)))
        self.config.write_text(text)

    def run(self, *arguments, standard_input=""):
        """A subcommand of `aldis`, which must succeed."""
        done = subprocess.run([self.binary, *arguments, "--config", str(self.config)], input=standard_input,
                              text=True, capture_output=True, timeout=30)
        if done.returncode:
            raise RuntimeError(f"aldis {' '.join(arguments)}: {done.stderr}{done.stdout}")
        return done.stdout

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([self.binary, "serve", "--config", str(self.config)], stderr=log, stdout=log,
                                            stdin=subprocess.DEVNULL, cwd=self.folder,
                                            env=os.environ | self.environment)
        ports = (self.starttls_port, self.direct_tls_port)
        if not poll(lambda: self.process.poll() is not None or all(map(accepts, ports)), 10) or self.process.poll() is not None:
            raise RuntimeError("the server did not start")

    def kill(self):
        """SIGKILL, as the kernel would."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def says(self, text, seconds=5):
        """Whether the log has these words, or gets them within the time."""
        return poll(lambda: text in self.log.read_text(errors="replace"), seconds)

    def stop(self):
        """SIGTERM, as an operator would; returns the exit status."""
        if self.process is None:
            return None
        self.process.terminate()
        try:
            status = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.process = None
        return status
