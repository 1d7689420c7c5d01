"""A Siegel that enrols: its configuration, its CA profiles, and what `siegel enrol` says in JSON."""

import base64
import json
import random
import sqlite3
import subprocess
import time

import gateway

CONFIG = """\
name: gateway.stadt.example
domains: [stadt.example]
relay:
  listen:
    - {{at: "127.0.0.1:0", side: world}}
    - {{at: "127.0.0.1:0", side: inside, clients: [127.0.0.0/8]}}
  deliver:
    inside: maildir:{root}/inside
    world: maildir:{root}/world
storage:
  directory: {root}/data
  key_encryption_key: {root}/kek
revocation:
  lists: [{root}/authority.crl]
rules:
  outgoing:
    - {{from: "*@stadt.example", sign: always, encrypt: if-possible}}
enrolment:
  profiles: [{root}/profiles]
"""

PROFILE = """\
connector: {connector}
naming: {{organisation: Stadt Beispiel}}
keys: {{types: [{types}], certificates: {certificates}{token}}}
"""


class Site(gateway.Gateway):
    """An installation with one CA in the folder `authority`, and CA profiles that lead to it."""

    def __init__(self, root, programs):
        super().__init__(root, programs)
        self.authority = self.root / "authority"
        (self.root / "profiles").mkdir()
        (self.root / "siegel.yaml").write_text(CONFIG.format(root=self.root))
        self.siegel("ca", "init", self.authority, "--name", "Amt CA", "--key-type", "p-256")
        self.siegel("ca", "crl", self.authority, "--out", self.root / "authority.crl")
        self.siegel("trust", "add", self.authority / "ca.pem")

    def use_token(self, token):
        """What `siegel.yaml` says of a PKCS#11 token."""
        with (self.root / "siegel.yaml").open("a") as config:
            config.write(f"token: {{module: {token.MODULE}, pin: {token.pin}, label: {token.LABEL}}}\n")

    def profile(self, name, connector, certificates="separate", types="p-256", token=None, **settings):
        text = PROFILE.format(connector=connector, types=types, certificates=certificates,
                              token=f', token: "pkcs11:token={token}"' if token else "")
        if settings:
            text += f"{connector}: " + json.dumps({key: str(value) for key, value in settings.items()}) + "\n"
        (self.root / "profiles" / f"{name}.yaml").write_text(text)

    def manifest(self, name, rows):
        """A manifest as a spreadsheet writes it. Each row: (address, CA profile)."""
        lines = ["address;display_name;department;owner;profile"]
        for number, (address, profile) in enumerate(rows):
            lines.append(f"{address};Poststelle {number};Amt für Ordnung;chef@stadt.example;{profile}")
        file = self.root / name
        file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines + [""]).encode())
        return file

    def command(self, *words):
        return [str(word) for word in (self.programs / "siegel", "--config", self.root / "siegel.yaml",
                                       "--json", *words)]

    def told(self, *words, code=0):
        """What the command tells as JSON. It must end with `code`."""
        return self._judged(words, subprocess.run(self.command(*words), capture_output=True, text=True), code)

    def killed(self, dice, *words, between):
        """The command, killed at random moments and repeated until it ends by itself: (JSON, number of kills).

        After each kill `between` is called."""
        kills, patience = 0, 0.25
        while True:
            process = subprocess.Popen(self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            try:
                out, err = process.communicate(timeout=dice.uniform(0.005, patience))
                done = subprocess.CompletedProcess(words, process.returncode, out, err)
                return self._judged(words, done, 0), kills
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                between()
                kills, patience = kills + 1, patience * 1.05

    @staticmethod
    def _judged(words, done, code):
        answer = json.loads(done.stdout) if done.stdout else {}
        troubles = answer.get("troubles", []) if isinstance(answer, dict) else []
        assert done.returncode == code, f"siegel {' '.join(map(str, words))}: exit {done.returncode}\n" \
                                        f"{troubles}\n{done.stderr[-2000:]}"
        return answer

    def states(self):
        """How many requests are in each state."""
        return {row["state"]: row["requests"] for row in self.told("enrol", "stats")}

    def request(self, address):
        """The PKCS#10 of the mailbox's request, as its authority gets to see it."""
        return base64.b64decode(self._column("csr", address, "both"))

    def state(self, address):
        """Of the mailbox's one request."""
        return self._column("state", address, "both")

    def encrypted_to(self, address):
        """The certificate (PEM) with which others write to the mailbox."""
        return self._column("pem", address, "encrypt", "both")

    def _column(self, column, address, *purposes):
        with sqlite3.connect(f"file:{self.root}/data/siegel.db?mode=ro", uri=True) as database:
            [(value,)] = database.execute(f"SELECT {column} FROM enrol_request WHERE mailbox = ? AND purpose IN "
                                          f"({', '.join('?' * len(purposes))})", (address, *purposes))
        return value

    def holds_together(self, count):
        """All `count` requests are in service, none twice, each with a certificate whose key is in the store."""
        rows = self.told("enrol", "status")
        others = [row for row in rows if row["state"] != "active"]
        assert not others, f"{len(others)} are not active, such as {others[0]}"
        pairs = {(row["address"], row["purpose"]) for row in rows}
        assert len(pairs) == len(rows) == count, "a mailbox has two requests for one purpose"
        certificates = self.told("cert", "list")
        assert len(certificates) == count, f"{len(certificates)} certificates for {count} requests"
        assert all(row["has_key"] for row in certificates), "a certificate without its key"
        return self.told("audit", "verify")["entries"]


def seconds_of(work):
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


def shuffled(things, seed):
    things = list(things)
    random.Random(seed).shuffle(things)
    return things
