#!/usr/bin/env python3
"""`siegel explain` on OpenPGP mail made with the real gpg: keys from files, in a home that is thrown away.

usage: explain_openpgp_test.py FOLDER_OF_PROGRAMS FOLDER_OF_SOURCES
"""

import fcntl
import pathlib
import subprocess
import sys
import tempfile
import unittest

from openpgp_test import Gpg
from program import DONE, NO, Siegel

ANNA, BAUAMT = "anna@buerger.example", "bauamt@stadt.example"
PROGRAMS = ""
TEXT = b"Content-Type: text/plain\r\n\r\nGuten Tag\r\n"


def mail(content_type, *parts, sender=ANNA):
    lines = [f"From: {sender}", f"To: {BAUAMT}", "Subject: Antrag", "Message-ID: <1@buerger.example>",
             "Date: Mon, 01 Jun 2026 12:00:00 +0000", "MIME-Version: 1.0",
             f"Content-Type: {content_type}; boundary=x", "", ""]
    body = b"".join(b"--x\r\n" + part + b"\r\n" for part in parts)
    return "\r\n".join(lines).encode() + body + b"--x--\r\n"


class Explain(unittest.TestCase):
    def setUp(self):
        self.gpg = Gpg(self)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="siegel-explain-"))
        self.addCleanup(subprocess.run, ["rm", "-rf", self.folder])
        self.gpg.makes(f"Anna <{ANNA}>")

    def file(self, name, octets):
        (self.folder / name).write_bytes(octets)
        return self.folder / name

    def anna(self):
        return self.file("anna.asc", self.gpg.public(ANNA))

    def signed(self, sender=ANNA):
        signature = self.gpg("--armor", "-u", ANNA, "--digest-algo", "SHA512", "--detach-sign", stdin=TEXT)
        part = b"Content-Type: application/pgp-signature\r\n\r\n" + signature.replace(b"\n", b"\r\n")
        return mail('multipart/signed; micalg=pgp-sha512; protocol="application/pgp-signature"', TEXT, part,
                    sender=sender)

    def encrypted(self):
        made = self.gpg("--armor", "-r", BAUAMT, "--encrypt", stdin=TEXT).replace(b"\n", b"\r\n")
        return mail('multipart/encrypted; protocol="application/pgp-encrypted"',
                    b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n",
                    b"Content-Type: application/octet-stream\r\n\r\n" + made)

    def run_siegel(self, octets, *options):
        return Siegel(PROGRAMS).run("explain", self.file("mail.eml", octets), "--to", BAUAMT, *options, "--json")

    def verdict(self, octets, *options):
        done = self.run_siegel(octets, *options)
        self.assertEqual(done.code, DONE, done)
        return done.json()["verdict"]

    def test_a_signature_by_a_key_that_is_believed(self):
        verdict = self.verdict(self.signed(), "--trust", self.anna())
        self.assertEqual(verdict["summary"], "good", verdict)
        self.assertTrue(verdict["signer_is_author"])
        self.assertEqual([layer["scheme"] for layer in verdict["layers"]], ["openpgp"])

    def test_a_binary_key_is_told_by_its_content(self):
        key = self.file("anna.pem", self.gpg("--export", ANNA))
        self.assertEqual(self.verdict(self.signed(), "--trust", key)["summary"], "good")

    def test_a_key_is_believed_for_its_own_addresses_only(self):
        verdict = self.verdict(self.signed(sender="chef@stadt.example"), "--trust", self.anna())
        self.assertNotEqual(verdict["summary"], "good")
        self.assertFalse(verdict["signer_is_author"])

    def test_an_altered_text_is_bad(self):
        octets = self.signed().replace(b"Guten Tag", b"Guten Rat")
        self.assertEqual(self.verdict(octets, "--trust", self.anna())["summary"], "bad")

    def test_a_key_that_came_along_and_cannot_be_read_is_said(self):
        octets = self.signed().replace(b"Subject:", f"Autocrypt: addr={ANNA}; keydata=AAAA\r\nSubject:".encode(), 1)
        said = "field Autocrypt: these octets are no OpenPGP key"
        self.assertIn(said, self.run_siegel(octets, "--trust", self.anna()).json()["keys_left_out"])
        self.assertEqual(self.run_siegel(self.signed(), "--trust", self.anna()).json()["keys_left_out"], "")
        words = Siegel(PROGRAMS).run("explain", self.file("mail.eml", octets), "--trust", self.anna())
        self.assertIn("keys that came along were left out: " + said, words.out)

    def test_our_key_without_passphrase(self):
        self.gpg.makes(f"Bauamt <{BAUAMT}>")
        key = self.file("secret.asc", self.gpg.secret(BAUAMT))
        octets = self.encrypted()
        self.assertTrue(self.verdict(octets, "--key", key)["decrypted"])
        self.assertFalse(self.verdict(octets, "--trust", self.anna())["decrypted"])

    def test_our_key_with_its_passphrase(self):
        self.gpg.makes(f"Bauamt <{BAUAMT}>", passphrase="ge:heim")
        key = self.file("secret.asc", self.gpg.secret(BAUAMT, passphrase="ge:heim"))
        octets = self.encrypted()
        self.assertTrue(self.verdict(octets, "--key", f"{key}:ge:heim")["decrypted"])
        password = self.file("password", b"ge:heim\n")
        password.chmod(0o600)
        self.assertTrue(self.verdict(octets, "--key", key, "--password-file", password)["decrypted"])
        for wrong in (f"{key}:falsch", f"{key}:", key):
            done = self.run_siegel(octets, "--key", wrong)
            self.assertEqual(done.code, NO, done)
            self.assertIn("passphrase", done.err)
            self.assertNotIn("falsch", done.err)

    def test_what_is_no_key_of_ours_is_refused(self):
        done = self.run_siegel(self.signed(), "--key", self.anna())
        self.assertEqual(done.code, NO, done)
        self.assertIn("secret part is missing", done.err)
        done = self.run_siegel(self.signed(), "--trust", self.file("secret.asc", self.gpg.secret(ANNA)))
        self.assertEqual(done.code, NO, done)
        self.assertIn("secret key", done.err)

    @staticmethod
    def is_abandoned(lock):
        """Other programs may work beside this one; each holds the lock of its own home."""
        try:
            with lock.open("r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock.exists()
        except (FileNotFoundError, BlockingIOError):
            return False

    def test_nothing_stays_behind(self):
        self.verdict(self.signed(), "--trust", self.anna())
        left = [lock for lock in pathlib.Path("/dev/shm").glob("siegel-*/home-*/lock") if self.is_abandoned(lock)]
        self.assertEqual(left, [])


if __name__ == "__main__":
    PROGRAMS = sys.argv[1]
    unittest.main(argv=sys.argv[:1], verbosity=2)
