#!/usr/bin/env python3
"""550 mailboxes enrolled with a few commands: 500 by files, 20 by CMP, 20 by EST, 10 with keys in a token.

The whole story is told with the real programs, beside the openssl command line as every kind of authority: from the
manifest to mail that the relay signs. Then a smaller one again, in which every command is killed at random moments and
repeated until it ends by itself.

usage: enrol.py FOLDER_OF_PROGRAMS FOLDER_OF_SOURCES EST_SERVER [SEED]
"""

import os
import pathlib
import random
import smtplib
import sqlite3
import sys
import tempfile
import time

import mails
from enrol_authorities import Est, Issuer, RegistrationAuthority, Token, cmp_server, on_all_cores, openssl, pem
from enrol_site import Site, seconds_of, shuffled

RSA, STATUS = 20, 10_000
SOONEST_POLL = 31  # seconds: no authority is asked again sooner than half a minute


def address(kind, number):
    return f"{kind}-{number}@stadt.example"


class Story:
    """One site, and everybody whom it asks for certificates."""

    BATCH, CMP, EST, TOKEN = 500, 20, 20, 10

    def __init__(self, root, programs, est_server):
        self.site = Site(root / "site", programs)
        self.issuer = Issuer(self.site.authority, root / "issuer")
        self.registration = RegistrationAuthority(self.issuer)
        self.token = Token(root / "token")
        self.est = Est(est_server, self.site.authority, self.issuer.work)
        self.secret = root / "secret"
        self.secret.write_text("sehr geheim, und lang\n")
        self.secret.chmod(0o600)
        self.servers = []
        self.site.use_token(self.token)

    def told(self, *words, code=0):
        return self.site.told(*words, code=code)

    # --- set-up and start

    def set_up_profiles(self):
        self.site.profile("batch", "batch")
        self.site.profile("token", "local", token=self.token.LABEL, directory=self.site.authority)
        self.use_est("est-quick", wait=0)
        self.use_est("est-slow", wait=5)
        for number in range(self.CMP):
            self.use_cmp(number, port=1)  # its server cannot start before the key is made

    def use_est(self, name, wait):
        server = self.est.serve(name, wait)
        self.servers.append(server)
        self.site.profile(name, "est", url=f"https://127.0.0.1:{server.port}/.well-known/est",
                          authority=self.issuer.ca, certificate=self.est.certificate, key=self.est.key)

    def use_cmp(self, number, port):
        self.site.profile(f"cmp-{number}", "cmp", certificates="joint", url=f"http://127.0.0.1:{port}/pkix/",
                          reference="ra-1", secret=self.secret, authority=self.issuer.ca)

    def start(self):
        """One manifest for all. The same again changes nothing."""
        rows = [(address("batch", i), "batch") for i in range(self.BATCH)]
        rows += [(address("cmp", i), f"cmp-{i}") for i in range(self.CMP)]
        rows += [(address("est", i), "est-slow" if i % 2 else "est-quick") for i in range(self.EST)]
        rows += [(address("token", i), "token") for i in range(self.TOKEN)]
        self.manifest = self.site.manifest("manifest.csv", shuffled(rows, 1))
        self.count = 2 * (self.BATCH + self.EST + self.TOKEN) + self.CMP
        self.told("enrol", "start", "--from", self.manifest, "--ticket", "4711")
        assert self.site.states() == {"csr-ready": self.count}, self.site.states()
        assert self.told("enrol", "start", "--from", self.manifest)["moved"] == []
        assert self.token.objects() >= 2 * 2 * self.TOKEN, "the keys are not in the token"

    # --- authorities that answer by themselves

    def start_cmp_servers(self):
        for number in range(self.CMP):
            self.servers.append(self.start_cmp_server(number))

    def start_cmp_server(self, number):
        certificate = self.issuer.issue(self.site.request(address("cmp", number)))
        server = cmp_server(self.issuer, f"cmp-{number}", certificate, self.secret)
        self.use_cmp(number, server.port)
        return server

    def submit(self):
        """The token's and the quick ones are there at once; CMP and the slow EST server have to think."""
        self.told("enrol", "submit")
        self.asked = time.monotonic()
        states = {"checked": 2 * self.TOKEN + self.EST, "pending-ra": self.CMP + self.EST, "csr-ready": 2 * self.BATCH}
        assert self.site.states() == states, self.site.states()

    def submit_again(self):
        time.sleep(max(0, self.asked + SOONEST_POLL - time.monotonic()))
        answer = self.told("enrol", "submit", "--activate")
        assert "next_round" not in answer, answer

    # --- the authority that gets files

    def export(self):
        folder = pathlib.Path(self.told("enrol", "export", "--profile", "batch", "--to",
                                        self.site.root / "out")["folder"])
        rows = self.registration.read(folder)
        assert len(rows) == 2 * self.BATCH
        return rows

    def spoil(self, rows, folder):
        """For the first rows comes something else than what was asked for: file name → what the report says."""
        folder.mkdir()
        usage = {"sign": "digitalSignature", "encrypt": "keyAgreement"}[rows[0]["purpose"]]
        good = [self.issuer.issue(row["request"]) for row in rows[:2]]
        files = {"andere-adresse.crt": (self.issuer.issue_for_other_address(rows[0]["request"], usage), "anderswo"),
                 "abgelaufen.crt": (self.issuer.issue(rows[1]["request"], days=-1), "expired on"),
                 "anderer-schluessel.pem": (pem(self.issuer.issue_for_other_key(rows[2]["address"])), "no request has"),
                 "halb.pem": (pem(good[0])[:300], "PEM block 1"), "halb.cer": (good[1][:200], "none of PKCS#12"),
                 "Notiz.txt": ("Mit freundlichen Grüßen".encode(), "none of PKCS#12")}
        for name, (octets, _) in files.items():
            (folder / name).write_bytes(octets)
        return {str(folder / name): words for name, (_, words) in files.items()}

    def bring_back(self, rows):
        """First with three rows spoilt: each is named, the rest is taken. Then what was missing."""
        returned, spoilt = self.site.root / "returned", self.site.root / "spoilt"
        self.registration.send_back(self.registration.issue(rows[3:]), returned)
        expected = self.spoil(rows, spoilt)
        answers = []
        seconds = seconds_of(lambda: answers.append(
            self.told("enrol", "import", returned, spoilt, code=1)))
        told = {trouble["about"]: trouble["text"] for trouble in answers[0]["troubles"]}
        assert set(told) == set(expected), f"told: {told}"
        for file, words in expected.items():
            assert words in told[file], f"{file}: {told[file]}"
        states = self.site.states()
        assert (states["mismatch"], states["exported"]) == (2, 1), states
        print(f"enrol import: {len(rows) - 3} certificates in {seconds:.1f} s")
        late = self.site.root / "late"
        self.registration.send_back(self.registration.issue(rows[:3]), late)
        self.told("enrol", "import", late)
        seconds = seconds_of(lambda: self.told("enrol", "activate"))
        print(f"enrol activate: {seconds:.1f} s")

    # --- mail

    def relays_mail(self):
        """The relay signs for mailboxes of every kind, and opens what is encrypted to them."""
        senders = [address(kind, number) for kind, numbers in
                   {"batch": (0, 1, 2, self.BATCH - 1), "cmp": (0, self.CMP - 1), "est": (0, 1),
                    "token": (0, self.TOKEN - 1)}.items()
                   for number in numbers]
        signed_mail_verifies(self.site, senders)
        opens_mail(self.site, [address(kind, 0) for kind in ("batch", "cmp", "est", "token")])

    def play(self):
        self.set_up_profiles()
        self.start()
        self.start_cmp_servers()
        self.submit()
        self.bring_back(self.export())
        self.submit_again()
        entries = self.site.holds_together(self.count)
        print(f"{self.BATCH + self.CMP + self.EST + self.TOKEN} mailboxes, {self.count} certificates: all active, "
              f"{entries} entries of the audit verify")
        self.relays_mail()

    def stop(self):
        self.site.stop()
        for server in self.servers:
            server.stop()


# --- mail through the relay

def send(site, side, octets, sender, recipient):
    with smtplib.SMTP("127.0.0.1", site.port(side), timeout=30) as client:
        client.sendmail(sender, [recipient], octets)


def arrived(folder, field):
    """The mail with this field, once it is in the maildir."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for file in (folder / "new").glob("*"):
            if field.encode() in file.read_bytes():
                return file
        time.sleep(0.05)
    raise AssertionError(f"no mail with {field} has arrived")


def signer_of(site, file):
    """The addresses of whoever has signed a mail that verifies."""
    signer = site.root / "signer.pem"
    openssl("cms", "-verify", "-in", file, "-CAfile", site.authority / "ca.pem", "-signer", signer, "-out", "/dev/null")
    return openssl("x509", "-in", signer, "-noout", "-email").decode().split()


def relaying(work):
    """Runs `work` while the site's relay runs."""
    def with_relay(site, *arguments):
        site.start()
        try:
            work(site, *arguments)
        finally:
            site.stop()
    return with_relay


@relaying
def signed_mail_verifies(site, senders):
    for sender in senders:
        octets = mails.head(f"von-{sender}", sender, mails.ANNA) + "Content-Type: text/plain\n\nBescheid\n"
        send(site, "inside", mails.crlf(octets), sender, mails.ANNA)
    for sender in senders:
        file = arrived(site.root / "world", f"X-Test-Name: von-{sender}")
        assert sender in signer_of(site, file), f"not {sender}'s own"
    print(f"mail from {len(senders)} mailboxes verifies: {', '.join(senders)}")


@relaying
def opens_mail(site, recipients):
    for recipient in recipients:
        certificate, letter = site.root / "recipient.pem", site.root / "letter"
        certificate.write_text(site.encrypted_to(recipient))
        letter.write_bytes(b"Content-Type: text/plain\r\n\r\nein Antrag\r\n")
        sealed = openssl("cms", "-encrypt", "-binary", "-aes-256-gcm", "-in", letter, certificate)
        octets = mails.head(f"an-{recipient}", mails.ANNA, recipient).encode() + \
            sealed.replace(b"MIME-Version: 1.0\n", b"", 1)
        send(site, "world", mails.crlf(octets), mails.ANNA, recipient)
    for recipient in recipients:
        opened = arrived(site.root / "inside", f"X-Test-Name: an-{recipient}").read_bytes()
        assert b"ein Antrag" in opened, f"mail to {recipient} was not opened"
    print(f"mail encrypted to {len(recipients)} mailboxes is opened")


# --- what ends soon

class EndingStory:
    """A certificate ends in five days, and its successor waits for a person: the relay says so by signed mail."""

    def __init__(self, root, programs):
        self.site = Site(root / "ending", programs)
        self.registration = RegistrationAuthority(Issuer(self.site.authority, root / "ending-issuer"))
        with (self.site.root / "siegel.yaml").open("a") as config:
            config.write(f"  sender: {address('local', 0)}\n  escalate_to: pki-team@stadt.example\n")

    def enrol(self):
        self.site.profile("batch", "batch", certificates="joint")
        self.site.profile("local", "local", directory=self.site.authority)
        rows = [(address("batch", 0), "batch"), (address("local", 0), "local")]
        self.site.told("enrol", "start", "--from", self.site.manifest("manifest.csv", rows))
        batch = self.site.told("enrol", "export", "--profile", "batch", "--to", self.site.root / "out")["folder"]
        [row] = self.registration.read(pathlib.Path(batch))
        (self.site.root / "returned.cer").write_bytes(self.registration.issuer.issue(row["request"], days=5))
        self.site.told("enrol", "import", self.site.root / "returned.cer")
        self.site.told("enrol", "submit", "--activate")
        self.site.told("enrol", "activate")
        self.site.told("cert", "renew", "--address", address("batch", 0))

    def play(self):
        self.enrol()
        reminds(self.site, ["chef@stadt.example", "pki-team@stadt.example"])
        assert self.site.states() == {"active": 2, "renewal-due": 1, "csr-ready": 1}, self.site.states()
        sent = self.site.told("audit", "show", "--last", "50")
        assert sum(entry["action"] == "reminder-sent" for entry in sent) == 2, sent


@relaying
def reminds(site, people):
    for person in people:
        file = arrived(site.root / "inside", f"To: {person}")
        assert signer_of(site, file) == [address("local", 0)], f"the reminder to {person} is not signed"
        assert b"siegel enrol export --profile batch" in file.read_bytes()
    print(f"{' and '.join(people)} are reminded by signed mail of what ends soon")


# --- killed at random

class KilledStory(Story):
    """A smaller one, in which every command is killed at random moments and repeated until it ends by itself."""

    BATCH, CMP, EST, TOKEN = 40, 3, 6, 4

    def __init__(self, root, programs, est_server, seed):
        (root / "killed").mkdir()
        super().__init__(root / "killed", programs, est_server)
        self.dice, self.kills, self.cmp_servers = random.Random(seed), 0, {}

    def told(self, *words, code=0):
        """Kills whatever changes something; what is told then is about what the last run still had to do."""
        if words[:2] in (("enrol", "stats"), ("enrol", "status")):
            return super().told(*words, code=code)
        answer, kills = self.site.killed(self.dice, *words, between=self.renew)
        self.kills += kills
        return answer

    def start_cmp_servers(self):
        super().start_cmp_servers()
        self.cmp_servers = dict(enumerate(self.servers[-self.CMP:]))

    def renew(self):
        """What a kill must not take along."""
        self.token.outlive_a_kill()
        self.renew_cmp_servers()

    def renew_cmp_servers(self):
        """OpenSSL's server knows one transaction, and would not begin a second one for whom it answered in vain."""
        for number, server in self.cmp_servers.items():
            if self.site.state(address("cmp", number)) in ("csr-ready", "submitted", "retry"):
                server.stop()
                self.servers.remove(server)
                self.cmp_servers[number] = self.start_cmp_server(number)
                self.servers.append(self.cmp_servers[number])

    def submit(self):
        self.told("enrol", "submit")
        self.asked = time.monotonic()

    def submit_again(self):
        """Whom a CMP server has given its certificate it tells nothing more, so that the rest of CMP is not killed."""
        self.cmp_servers = {}
        time.sleep(max(0, self.asked + SOONEST_POLL - time.monotonic()))
        for number in range(self.CMP):
            self.site.told("enrol", "submit", "--profile", f"cmp-{number}")
        self.told("enrol", "run")

    def bring_back(self, rows):
        returned = self.site.root / "returned"
        self.registration.send_back(self.registration.issue(rows), returned)
        self.told("enrol", "import", returned)
        self.told("enrol", "activate")

    def export(self):
        self.told("enrol", "export", "--profile", "batch", "--to", self.site.root / "out")
        [folder] = (self.site.root / "out").iterdir()  # nothing half-written is left beside it
        rows = self.registration.read(folder)
        assert len(rows) == 2 * self.BATCH
        return rows

    def relays_mail(self):
        print(f"{self.kills} kills: all {self.count} requests are active, as without")
        signed_mail_verifies(self.site, [address(kind, 0) for kind in ("batch", "cmp", "est", "token")])


# --- figures: printed, never asserted

def key_speed(root, programs):
    site = Site(root / "keys", programs)
    site.profile("rsa", "batch", certificates="joint", types="rsa-3072")
    manifest = site.manifest("manifest.csv", [(address("rsa", i), "rsa") for i in range(RSA)])
    ours = seconds_of(lambda: site.told("enrol", "start", "--from", manifest))
    theirs = seconds_of(lambda: on_all_cores(lambda _: openssl(
        "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"), range(RSA)))
    print(f"RSA-3072 keys per second: enrol start {RSA / ours:.1f}, openssl genpkey on all cores {RSA / theirs:.1f}")


def status_speed(site):
    """The finished story's requests, copied under other names until there are 10,000; the audit does not fit them."""
    with sqlite3.connect(site.root / "data" / "siegel.db") as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(enrol_request)")]
        others = ", ".join(columns).replace("mailbox", "'x' || n || '-' || mailbox").replace("id", "id + n * 10000", 1)
        [count] = database.execute("SELECT COUNT(*) FROM enrol_request").fetchone()
        database.execute(f"WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < "
                         f"{STATUS // count}) INSERT INTO enrol_request SELECT {others} FROM enrol_request, copy")
        [count] = database.execute("SELECT COUNT(*) FROM enrol_request").fetchone()
    for words in (["status"], ["status", "--state", "pending-ra"], ["stats"]):
        seconds = min(seconds_of(lambda: site.told("enrol", *words)) for _ in range(3))
        print(f"enrol {' '.join(words)}: {1000 * seconds:.0f} ms with {count} requests")


def main():
    sys.stdout.reconfigure(line_buffering=True)
    programs, _, est_server = sys.argv[1:4]
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    os.umask(0o077)
    with tempfile.TemporaryDirectory(prefix="siegel-enrol-") as root:
        root = pathlib.Path(root)
        story = Story(root, programs, est_server)
        try:
            story.play()
        finally:
            story.stop()
        print(f"seed of the kills: {seed}", flush=True)
        EndingStory(root, programs).play()
        killed = KilledStory(root, programs, est_server, seed)
        try:
            killed.play()
        finally:
            killed.stop()
        key_speed(root, programs)
        status_speed(story.site)


if __name__ == "__main__":
    main()
