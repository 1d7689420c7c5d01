#!/usr/bin/env python3
"""`siegel key` and `siegel peer` with OpenPGP keys, beside the real gpg.

usage: openpgp_test.py FOLDER_OF_PROGRAMS FOLDER_OF_SOURCES
"""

import subprocess
import sys
import tempfile
import unittest

import cli_test
import keys_test
from installation import ANNA, BAUAMT, Case
from program import NO, USAGE


class Gpg:
    """Somebody's own gpg, in a home whose path is short enough for the agent's socket."""

    def __init__(self, case):
        self.home = tempfile.mkdtemp(prefix="siegel-gpg-", dir="/tmp")
        case.addCleanup(subprocess.run, ["rm", "-rf", self.home])
        case.addCleanup(subprocess.run, ["gpgconf", "--homedir", self.home, "--kill", "all"], capture_output=True)

    def __call__(self, *words, stdin=None):
        done = subprocess.run(["gpg", "--homedir", self.home, "--batch", "--no-tty", "--trust-model", "always",
                               "--pinentry-mode", "loopback", *map(str, words)], input=stdin, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"gpg {' '.join(map(str, words))}: {done.stderr.decode()}")
        return done.stdout

    def makes(self, user, passphrase="", life="1y"):
        """The fingerprint of a new key."""
        self("--passphrase", passphrase, "--quick-gen-key", user, "future-default", "default", life)
        return self.fingerprints(user)[0]

    def fingerprints(self, user):
        listing = self("--with-colons", "--list-keys", user).decode()
        return [line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:")]

    def public(self, user):
        return self("--armor", "--export", user)

    def secret(self, user, passphrase=""):
        return self("--armor", "--passphrase", passphrase, "--export-secret-keys", user)


class OpenPgp(Case):
    def setUp(self):
        super().setUp()
        self.config.write_text(self.config.read_text() + f"\nopenpgp: {{directory: {self.root}/gnupg}}\n")
        self.gpg = Gpg(self)

    def mailbox(self):
        self.does("mailbox", "add", BAUAMT, "--name", "Bauamt der Stadt")

    def made(self, *options):
        self.mailbox()
        return self.does("--json", "key", "make", BAUAMT, *options).json()["made"]

    def row(self, fingerprint):
        [row] = [row for row in self.rows(keys_test.PrivateKeys.LIST, "key", "list") if row["id"] == fingerprint]
        return row

    def peers(self):
        return self.rows(cli_test.Peers.LIST, "peer", "list")

    def actions(self):
        return [event["action"] for event in self.does("--json", "audit", "show").json()]


class OwnKeys(OpenPgp):
    def test_gpg_reads_and_uses_the_key_that_we_export(self):
        made = self.made()
        self.gpg("--import", stdin=self.does("key", "export", BAUAMT).out.encode())
        self.assertEqual(self.gpg.fingerprints(BAUAMT)[0], made)
        self.assertIn(b"Bauamt der Stadt <" + BAUAMT.encode(), self.gpg("--list-keys", BAUAMT))
        self.assertIn(b"BEGIN PGP MESSAGE", self.gpg("--armor", "-e", "-r", BAUAMT, stdin=b"geheim"))

    def test_export_by_fingerprint_into_a_file(self):
        made = self.made("--name", "Amt")
        out = self.root / "bauamt.asc"
        for which in (made, made[-16:], made[:8].lower(), "0x" + made):
            self.assertEqual(self.does("--json", "key", "export", which, "--file", out).json(),
                             {"fingerprint": made, "file": str(out)})
        self.assertIn(b"Amt <" + BAUAMT.encode(), self.gpg("--show-keys", out))
        self.assertEqual(self.does("--json", "key", "export", made).json()["key"], out.read_text())

    def test_rsa_for_those_who_want_it(self):
        made = self.made("--kind", "rsa3072")
        self.assertEqual(self.row(made)["type"], "rsa3072")
        self.ends(USAGE, "key", "make", BAUAMT, "--kind", "dsa")

    def test_list_and_show(self):
        made = self.made()
        row = self.row(made)
        self.assertEqual((row["scheme"], row["type"], row["standing"], row["mailboxes"], row["used_for"]),
                         ("openpgp", "ed25519", "kept", [BAUAMT], ["decrypts", "signs"]))
        self.assertIn(made[:16] + " ", self.does("key", "list").out)
        [shown] = self.does("--json", "key", "show", made[:8]).json()
        self.assertEqual((shown["id"], shown["mailbox"], shown["scheme"]), (made, BAUAMT, "openpgp"))
        self.assertEqual(self.rows(keys_test.PrivateKeys.LIST, "key", "list", "--address", ANNA), [])

    def test_what_gpg_exports_is_imported_with_and_without_passphrase(self):
        self.mailbox()
        for user, passphrase in (("Bauamt <" + BAUAMT + ">", ""), (BAUAMT, "sehr geheim")):
            with self.subTest(passphrase=passphrase):
                fingerprint = self.gpg.makes(user, passphrase)
                file = self.write("secret.asc", self.gpg.secret(fingerprint, passphrase))
                options = ["--passphrase-file", self.write("pass", passphrase + "\n")] if passphrase else []
                answer = self.does("--json", "key", "import", BAUAMT, file, *options).json()
                self.assertEqual((answer["imported"], answer["state"]), (fingerprint, "in-use"))
                self.assertEqual(self.row(fingerprint)["used_for"], ["decrypts", "signs"])

    def test_a_wrong_passphrase_changes_nothing(self):
        self.mailbox()
        fingerprint = self.gpg.makes(BAUAMT, "sehr geheim")
        file = self.write("secret.asc", self.gpg.secret(fingerprint, "sehr geheim"))
        self.refuses(NO, ["secret.asc", "passphrase"], "key", "import", BAUAMT, file, "--passphrase-file",
                     self.write("pass", "falsch\n"))
        self.refuses(NO, ["secret.asc", "passphrase"], "key", "import", BAUAMT, file)
        self.assertEqual(self.rows(keys_test.PrivateKeys.LIST, "key", "list"), [])

    def test_what_cannot_be_imported_is_told_with_the_next_step(self):
        self.mailbox()
        fingerprint = self.gpg.makes(ANNA)
        secret = self.write("anna.asc", self.gpg.secret(fingerprint))
        self.refuses(NO, ["--quick-add-uid"], "key", "import", BAUAMT, secret)
        public = self.write("public.asc", self.gpg.public(fingerprint))
        self.refuses(NO, ["--export-secret-keys"], "key", "import", BAUAMT, public)
        self.refuses(NO, ["--export-secret-keys"], "key", "import", BAUAMT, self.write("junk", b"junk"))
        self.refuses(NO, ["siegel mailbox add"], "key", "import", "nobody@stadt.example", secret)
        self.refuses(NO, ["siegel mailbox add"], "key", "make", "nobody@stadt.example")
        self.refuses(NO, ["siegel key make"], "key", "export", BAUAMT)
        for verb in (["retire"], ["prolong"], ["export"], ["revoke", "--reason", "x"]):
            self.refuses(NO, ["siegel key list"], "key", *verb, "00" * 20)

    def test_retire_prolong_revoke(self):
        made = self.made()
        before = self.row(made)["expires"]
        self.assertEqual(self.does("--json", "key", "prolong", made).json()["prolonged"], made)
        self.assertGreaterEqual(self.row(made)["expires"], before)
        self.does("key", "retire", made)
        row = self.row(made)
        self.assertEqual((row["standing"], row["used_for"]), ("retired", ["decrypts"]))
        self.refuses(NO, ["siegel key make"], "key", "prolong", made)
        self.ends(USAGE, "key", "revoke", made)
        self.does("key", "revoke", made, "--reason", "verloren")
        self.assertEqual(self.row(made)["standing"], "revoked")
        self.gpg("--import", stdin=self.does("key", "export", made).out.encode())
        self.assertIn(b"pub:r:", self.gpg("--with-colons", "--list-keys", made))
        self.assertEqual([action for action in self.actions() if action.startswith("openpgp-")][::-1],
                         ["openpgp-key-made", "openpgp-key-prolonged", "openpgp-key-retired", "openpgp-key-revoked"])

    def test_destroying_one_wants_the_loss_accepted(self):
        made = self.made()
        destroy = "key", "destroy", made, "--reason", "retention is over"
        self.refuses(NO, ["--although-mail-becomes-unreadable", "siegel key retire"], *destroy)
        self.does(*destroy, "--although-mail-becomes-unreadable")
        self.assertEqual(self.rows(keys_test.PrivateKeys.LIST, "key", "list"), [])

    def test_the_secret_is_nowhere_in_the_open(self):
        self.mailbox()
        fingerprint = self.gpg.makes(BAUAMT)
        octets = self.gpg("--passphrase", "", "--export-secret-keys", fingerprint)
        self.does("key", "import", BAUAMT, self.write("secret", octets))
        (self.root / "secret").unlink()
        secret = octets[-40:]
        for file in self.root.rglob("*"):
            if file.is_file():
                self.assertNotIn(secret, file.read_bytes(), file)


class PeerKeys(OpenPgp):
    def annas(self, name="anna.asc"):
        return self.write(name, self.gpg.public(self.gpg.makes(f"Anna <{ANNA}>")))

    def test_add_list_show_forget(self):
        fingerprint = self.gpg.makes(f"Anna <{ANNA}>")
        for octets in (self.gpg.public(ANNA), self.gpg("--export", ANNA)):
            answer = self.does("--json", "peer", "add", ANNA, self.write("anna", octets)).json()
            self.assertEqual((answer["address"], answer["added"]), (ANNA, fingerprint))
        [row] = self.peers()
        self.assertEqual((row["scheme"], row["address"], row["state"], row["came"], row["issuer"]),
                         ("openpgp", ANNA, "in use", "admin", None))
        [shown] = self.rows(cli_test.Peers.SHOW, "peer", "show", ANNA)
        self.assertEqual((shown["id"], shown["fingerprint"]), (row["id"], fingerprint))
        self.assertEqual(self.does("--json", "peer", "approve", row["id"]).json(), {"approved": row["id"]})
        self.does("peer", "forget", row["id"])
        self.assertEqual(self.peers(), [])

    def test_both_schemes_stand_in_one_list_with_numbers_of_their_own(self):
        self.authority()
        certificate = cli_test.Peers.annas_certificate(self)
        self.does("peer", "add", ANNA, certificate)
        self.does("peer", "add", ANNA, self.annas())
        rows = {row["scheme"]: row["id"] for row in self.peers()}
        self.assertEqual(set(rows), {"smime", "openpgp"})
        self.assertEqual(len(set(rows.values())), 2)
        self.assertEqual({row["scheme"] for row in self.rows(cli_test.Peers.SHOW, "peer", "show", ANNA)}, set(rows))
        self.does("peer", "forget", rows["smime"])
        self.assertEqual([row["scheme"] for row in self.peers()], ["openpgp"])

    def test_a_key_of_somebody_else_or_none_is_refused(self):
        file = self.annas()
        self.refuses(NO, ["--any-address"], "peer", "add", "berta@buerger.example", file)
        self.does("peer", "add", "berta@buerger.example", file, "--any-address")
        both = self.gpg.public(ANNA) + self.gpg.public(self.gpg.makes("c@buerger.example"))
        self.ends(NO, "peer", "add", ANNA, self.write("both", both))
        self.refuses(NO, ["secret"], "peer", "add", ANNA, self.write("secret", self.gpg.secret(ANNA)))
        damaged = file.read_text().replace("\n", "\n!", 5)
        self.ends(NO, "peer", "add", ANNA, self.write("damaged", damaged))

    def test_a_key_for_a_whole_domain(self):
        self.does("peer", "add", "*@buerger.example", self.annas())
        self.assertEqual([row["address"] for row in self.peers()], ["*@buerger.example"])


class NotSetUp(Case):
    def test_every_verb_says_what_to_write(self):
        self.does("mailbox", "add", BAUAMT)
        gpg = Gpg(self)
        gpg.makes(ANNA)
        key = self.write("anna.asc", gpg.public(ANNA))
        for words in (["key", "make", BAUAMT], ["key", "import", BAUAMT, key], ["key", "export", BAUAMT],
                      ["key", "retire", "00" * 20], ["key", "prolong", "00" * 20],
                      ["key", "revoke", "00" * 20, "--reason", "x"], ["peer", "add", ANNA, key]):
            with self.subTest(words=words):
                self.refuses(USAGE, ["openpgp: {}"], *words)


if __name__ == "__main__":
    Case.programs = sys.argv[1]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
