"""Reads every #include and says which ones point the wrong way. The table below is the whole rule (docs/architecture.md).

Usage: layers.py [ROOT]      prints one line per wrong include; exits 1 if there is any
       layers.py --self-test
"""

import pathlib
import re
import sys

# What the files of a folder may include, besides their own folder. "*" allows every folder of the repository.
MAY_INCLUDE = {
    "src/base": "",
    "src/jid": "base",
    "src/text": "base",
    "src/xml": "base jid",
    "src/stanza": "base jid xml",
    "xep": "base jid xml stanza",
    "src/sasl": "base jid",
    "src/config": "base jid",
    "db": "base jid",
    "src/net": "base tls",
    "src/tls": "base net",
    "src/stream": "base jid xml stanza xep sasl net tls",
    "src/router": "base jid xml stanza xep net",
    "src/session": "base jid xml stanza xep sasl net stream router mod db",
    "src/mod": "base jid xml stanza xep config net stream router session db",
    "src/http": "base net tls config",
    "modules": "base jid text xml stanza xep config router session mod http db",
    "src/cli": "*",
    "src/server": "*",
    "src/main.cpp": "*",
    "tests": "*",
}

# Headers of other people's libraries that stay behind a few files. A file elsewhere must use what those offer.
ONLY_IN = {
    r"boost/asio": "src/net src/tls src/http src/server src/cli tests",
    r"boost/beast": "src/http tests",
    r"sqlite3\.h": "db/sqlite tests",
    r"libpq": "db/postgres tests",
    r"openssl/": "src/tls src/sasl src/config xep/xep0300_hashes.cpp src/server src/cli tests",
    r"sys/socket\.h|sys/epoll\.h|netinet/": "src/net src/tls src/http src/server src/cli tests",
    r"expat\.h": "src/xml tests",
    r"unicode/": "src/jid src/text tests",
    r"toml": "src/config tests",
    r"spdlog/": "src/base tests",
    r"db/sqlite/": "db/sqlite src/server src/cli tests",
    r"db/postgres/": "db/postgres src/server src/cli tests",
    r"gtest/|gmock/": "tests",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def under(path, folder):
    return path == folder or path.startswith(folder + "/")


def layer_of(path):
    """The entry of MAY_INCLUDE that a file belongs to, or None."""
    return max((layer for layer in MAY_INCLUDE if under(path, layer)), key=len, default=None)


def short_name(layer):
    return layer.removeprefix("src/")


def resolve(name, files):
    """The file of ours that an include names: includes are written from src/ or from the root."""
    return next((path for path in ("src/" + name, name) if path in files), None)


def wrong_layer(path, name, files):
    target = resolve(name, files)
    here = layer_of(path)
    if here is None:
        return "stands in no folder of the table in tests/layers/layers.py"
    if target is None or MAY_INCLUDE[here] == "*":
        return None
    there = layer_of(target)
    if there == here or short_name(there) in MAY_INCLUDE[here].split():
        return None
    return f"{short_name(here)} may include: {MAY_INCLUDE[here] or 'nothing of ours'}"


def wrong_library(path, name):
    for pattern, folders in ONLY_IN.items():
        if re.match(pattern, name) and not any(under(path, folder) for folder in folders.split()):
            return f"only for {folders}"
    return None


def complaints(files):
    """`files` maps paths to their text. Yields one line for each include that is not allowed."""
    for path, text in sorted(files.items()):
        for match in INCLUDE.finditer(text):
            name = match[2]
            why = wrong_layer(path, name, files) or wrong_library(path, name)
            if why:
                line = text.count("\n", 0, match.start(1)) + 1
                yield f'{path}:{line}: "{name}" is not allowed here: {why}'
            elif match[1] == '"' and resolve(name, files) is None and layer_of(path) != "tests":
                yield f'{path}: "{name}" is no file of ours: write it from src/ or from the root, or in <>'


def read_tree(root):
    files = {}
    for top in ("src", "xep", "modules", "db", "tests"):
        for path in (root / top).rglob("*"):
            if path.suffix in (".h", ".cpp"):
                files[path.relative_to(root).as_posix()] = path.read_text()
    return files


def self_test():
    """The test must be able to fail: each of these is wrong, or right, for the reason beside it."""
    headers = {"src/base/task.h": "", "src/net/transport.h": "", "src/session/account.h": "", "db/archive.h": "",
               "db/sqlite/engine.h": "", "src/xml/element.h": "", "xep/xep0313_mam.h": "", "src/config/config.h": "",
               "src/server/server.h": ""}
    wrong = {
        "src/base/a.cpp": '#include "xml/element.h"',             # upwards
        "src/session/b.cpp": '#include "server/server.h"',        # upwards
        "modules/c.cpp": '#include "net/transport.h"',            # a module touches no socket
        "modules/d.cpp": "#include <sqlite3.h>",                  # ... and no SQL
        "modules/e.cpp": '#include "db/sqlite/engine.h"',
        "xep/f.h": "#include <boost/asio/awaitable.hpp>",         # vocabulary never sees Asio
        "db/g.cpp": "  #  include <sqlite3.h>",
        "db/h.h": '#include "stanza/message.h"\n#include "session/account.h"',
        "src/nowhere/i.cpp": "#include <vector>\n#include \"base/task.h\"",
    }
    right = {
        "modules/mam/mam.cpp": '#include "db/archive.h"\n#include "session/account.h"\n#include "xep/xep0313_mam.h"',
        "db/sqlite/engine.cpp": '#include <sqlite3.h>\n#include "db/sqlite/engine.h"',
        "src/server/server.cpp": '#include "net/transport.h"\n#include "db/archive.h"',
        "tests/xml/xml_test.cpp": '#include <gtest/gtest.h>\n#include "xml/element.h"',
    }
    for path, text in wrong.items():
        assert list(complaints({**headers, path: text})), f"should have complained about {path}: {text}"
    assert not list(complaints({**headers, **right})), list(complaints({**headers, **right}))
    print("ok - the self-test")


def main(arguments):
    self_test()
    if arguments == ["--self-test"]:
        return 0
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parents[2]
    files = read_tree(root)
    found = list(complaints(files))
    for line in found:
        print(line)
    print("not ok" if found else "ok", f"- the includes of {len(files)} files point one way")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
