#!/usr/bin/python3
"""Measures Aldis beside the servers that people run today.

Every server is pinned to one core and the load tool (xmpp_load) to another. The servers take turns within one run, so
that what else happens on the machine hits all of them. Servers that are not installed are left out; `./dev bench --peers`
installs Prosody and ejabberd from Debian's packages.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import report
import scenarios
import servers

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build", "release")


def common_arguments():
    """Anew for each scenario, which may have defaults of its own."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--servers", default=",".join(servers.ALL), help="which, and in which order (%(default)s)")
    common.add_argument("--modules", choices=["lean", "usual"], default="lean",
                        help="of the peers: roster, disco, ping only, or what their packages switch on (%(default)s)")
    common.add_argument("--rounds", type=int, default=1, help="how often everything is measured; medians are shown (1)")
    common.add_argument("--server-core", type=int, default=0, help="(0)")
    common.add_argument("--load-core", type=int, default=1, help="(1)")
    common.add_argument("--base-port", type=int, default=16100, help="first of the TCP ports to use (%(default)s)")
    common.add_argument("--temp", default=None, help="folder on the disk to be used (system's default)")
    common.add_argument("--aldis-binary", default=os.path.join(BUILD, "src", "aldis"))
    common.add_argument("--load-tool", default=os.path.join(BUILD, "tests", "bench", "xmpp_load"))
    common.add_argument("--archive-fill", default=os.path.join(BUILD, "tests", "db", "archive_fill"))
    common.add_argument("--json", metavar="FILE", help="writes all results there")
    return common


def parse(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="scenario", metavar="SCENARIO", title="scenarios (each has --help)")
    for name, scenario in scenarios.ALL.items():
        command = commands.add_parser(name, parents=[common_arguments()], help=scenario.help,
                                      description=scenario.__doc__)
        scenario.add_arguments(command)
    return parser.parse_args(arguments or ["chat"])


def choose(names):
    unknown = [name for name in names if name not in servers.ALL]
    if unknown:
        raise servers.BenchError(f"no server is called {', '.join(unknown)}; known: {', '.join(servers.ALL)}")
    chosen = []
    for name in names:
        if servers.ALL[name].installed():
            chosen.append(servers.ALL[name])
        else:
            hint = "" if name == "aldis" else "; ./dev bench --peers installs it"
            print(f"{name} is not there and left out{hint}", file=sys.stderr)
    if not chosen:
        raise servers.BenchError("there is no server to measure")
    return chosen


class Bench:
    """What scenarios measure with: servers in a temporary folder, and the load tool."""

    def __init__(self, args, folder):
        self.args = args
        self.folder = folder
        self.certificate = servers.make_certificate(folder)
        self.instances = {}

    def server(self, kind, archive):
        """The one instance of this kind with or without archive, ready to start."""
        key = (kind.name, archive)
        if key not in self.instances:
            port = self.args.base_port + 10 * len(self.instances)
            instance = kind(os.path.join(self.folder, f"{kind.name}-{'archive' if archive else 'plain'}"), port,
                            self.certificate, archive, self.args.modules, self.args.server_core)
            instance.setup()
            self.instances[key] = instance
        return self.instances[key]

    def load(self, scenario, server, timeout, **options):
        """Runs the load tool against a started server. Returns what it found."""
        options = {"port": server.port_for(options.get("tls", "none")), "domain": servers.DOMAIN,
                   "password": servers.PASSWORD, "pid": server.process.pid, **options}
        command = ["taskset", "-c", str(self.args.load_core), self.args.load_tool, scenario, "--json"]
        for name, value in options.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired as expired:
            raise servers.BenchError(f"{' '.join(command)}: not done in {timeout} s") from expired
        if ran.returncode == 3:
            raise servers.Cannot(ran.stderr.strip())
        if ran.returncode not in (0, 1) or not ran.stdout.startswith("{"):
            raise servers.BenchError(f"{' '.join(command)}: {ran.stderr.strip()}\n{server.last_output()}")
        return json.loads(ran.stdout)

    def stop_all(self):
        for instance in self.instances.values():
            instance.stop()


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return f"{models[0] if models else platform.machine()}, {len(models)} cores, Linux {platform.release()}"


def measure_all(bench, scenario, chosen):
    """All rounds, cases and servers, interleaved: the servers take turns within each case."""
    results = []
    for number in range(bench.args.rounds):
        for case in scenario.cases(bench.args):
            for kind in chosen:
                print(f"round {number + 1}: {case['label']}: {kind.name} ...", file=sys.stderr, flush=True)
                entry = {"scenario": scenario.name, "round": number + 1, "case": case["label"], "server": kind.name}
                try:
                    entry["values"] = scenario.measure(bench, kind, case)
                except servers.Cannot as reason:
                    print(f"  cannot: {reason}", file=sys.stderr)
                    entry["cannot"] = str(reason)
                except servers.BenchError as error:
                    print(f"  failed: {error}", file=sys.stderr)
                    entry["error"] = str(error)
                results.append(entry)
    return results


def run(args):
    servers.Aldis.binary = os.path.abspath(args.aldis_binary)
    servers.Aldis.filler = os.path.abspath(args.archive_fill)
    if not os.access(args.load_tool, os.X_OK):
        raise servers.BenchError(f"{args.load_tool} is not built")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.environ["PATH"] += ":/usr/sbin"
    chosen = choose(args.servers.split(","))
    scenario = scenarios.ALL[args.scenario]()
    folder = tempfile.mkdtemp(prefix="aldis-bench-", dir=args.temp)
    os.chmod(folder, 0o755)
    bench = Bench(args, folder)
    try:
        results = measure_all(bench, scenario, chosen)
    finally:
        bench.stop_all()
        shutil.rmtree(folder, ignore_errors=True)
    about = {"machine": machine(), "date": time.strftime("%Y-%m-%d %H:%M"), "modules": args.modules,
             "command": ["./dev", "bench", *sys.argv[1:]], "versions": {kind.name: kind.version() for kind in chosen}}
    print(report.tables(scenario, about, results))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({**about, "results": results}, file, indent=1)
    return 1 if any("error" in entry for entry in results) else 0


def main():
    try:
        return run(parse(sys.argv[1:]))
    except servers.BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
