#!/usr/bin/env python3
"""`siegel key`, requests that are given up or tried again, and who is named in the audit.

usage: keys_test.py FOLDER_OF_PROGRAMS FOLDER_OF_SOURCES
"""

import getpass
import os
import pathlib
import subprocess
import sys
import unittest

from installation import ANNA, BAUAMT, Case
from program import NO, USAGE, openssl


class PrivateKeys(Case):
    LIST = ["id", "scheme", "type", "place", "standing", "mailboxes", "used_for", "request", "added", "expires"]
    SHOW = ["id", "scheme", "type", "place", "standing", "mailboxes", "used_for", "request", "request_id", "added",
            "label", "uri", "certificates"]

    def has_keys(self):
        """One key that signs, and one that opens mail."""
        self.has_mailbox()
        for use in ("sign", "encrypt"):
            self.does("cert", "import", BAUAMT, self.p12(use=use), "--password-file", self.password)

    def key_that(self, job):
        [row] = [row for row in self.rows(self.LIST, "key", "list") if row["used_for"] == [job]]
        return row

    def test_list_and_show(self):
        self.assertEqual(self.rows(self.LIST, "key", "list"), [])
        self.has_keys()
        row = self.key_that("signs")
        self.assertEqual((row["type"], row["place"], row["standing"], row["mailboxes"], row["request"]),
                         ("p-256", "sealed", "kept", [BAUAMT], None))
        self.assertEqual(len(row["id"]), 64)
        self.assertIn(row["id"][:16] + " ", self.does("key", "list").out)
        [shown] = self.rows(self.SHOW, "key", "show", row["id"][:8].upper())
        self.assertEqual((shown["id"], len(shown["certificates"]), shown["uri"]), (row["id"], 1, ""))
        self.assertEqual(len(self.rows(self.LIST, "key", "list", "--address", BAUAMT)), 2)
        self.assertEqual(self.rows(self.LIST, "key", "list", "--address", ANNA), [])

    def test_a_key_that_is_needed_stays_unless_told(self):
        self.has_keys()
        for job in ("signs", "decrypts"):
            key = self.key_that(job)["id"]
            destroy = "key", "destroy", key, "--reason", "retention is over"
            self.refuses(NO, [BAUAMT, "siegel cert revoke"], *destroy)
            self.assertEqual(self.key_that(job)["id"], key)
            answer = self.does("--json", *destroy, "--although-mail-becomes-unreadable").json()
            self.assertEqual(answer, {"destroyed": key})
            self.refuses(NO, ["siegel key list"], "key", "show", key)
        self.assertEqual(self.rows(self.LIST, "key", "list"), [])
        event = self.does("--json", "audit", "show", "--last", "1").json()[0]
        self.assertEqual(event["action"], "key-destroyed")
        self.assertIn("retention is over", event["detail"])

    def test_what_is_no_key_is_told(self):
        self.has_keys()
        self.refuses(NO, ["8 digits"], "key", "show", "12")
        self.refuses(NO, ["siegel key list"], "key", "destroy", "00" * 32, "--reason", "x")
        self.ends(USAGE, "key", "destroy", "00" * 32)


class Token(Case):
    """Keys in a PKCS#11 token: SoftHSM."""

    def setUp(self):
        super().setUp()
        tokens = self.root / "tokens"
        tokens.mkdir()
        conf = self.write("softhsm2.conf", f"directories.tokendir = {tokens}\nlog.level = ERROR\n")
        previous = os.environ.get("SOFTHSM2_CONF")
        os.environ["SOFTHSM2_CONF"] = str(conf)
        self.addCleanup(lambda: os.environ.__setitem__("SOFTHSM2_CONF", previous) if previous
                        else os.environ.pop("SOFTHSM2_CONF"))
        self.tool("--init-token", "--free", "--label", "siegel", "--so-pin", "12345678", "--pin", "4711")
        pin = self.write("pin", "4711\n")
        pin.chmod(0o400)
        profiles = self.root / "profiles"
        profiles.mkdir()
        (profiles / "amt.yaml").write_text(
            "connector: batch\nnaming: {subject: 'O=Stadt, CN=GRP: {name}'}\n"
            f"keys: {{types: [p-256], certificates: joint, token: 'pkcs11:token=siegel?pin-source=file:{pin}'}}\n")
        self.config.write_text(self.config.read_text() +
                               f"\ntoken: {{module: /usr/lib/softhsm/libsofthsm2.so, pin: {pin}, label: siegel}}\n"
                               f"enrolment: {{profiles: [{profiles}]}}\n")

    def tool(self, *words):
        subprocess.run(["softhsm2-util", *words], check=True, capture_output=True)

    def starts(self):
        manifest = self.write("m.csv", f"address;display_name;owner\n{BAUAMT};Bauamt;chef@stadt.example\n")
        self.does("enrol", "start", "--from", manifest)

    def keys(self):
        return self.rows(PrivateKeys.LIST, "key", "list")

    def test_a_cancelled_request_leaves_nothing_in_the_token(self):
        self.starts()
        [key] = self.keys()
        self.assertEqual((key["type"], key["place"], key["mailboxes"], key["request"]),
                         ("p-256", "token", [BAUAMT], "csr-ready"))
        self.refuses(NO, ["siegel enrol cancel --id 1"], "key", "destroy", key["id"], "--reason", "x",
                     "--although-mail-becomes-unreadable")
        self.does("enrol", "cancel", "--id", "1")
        self.assertEqual(self.keys(), [])

    def test_an_orphan_is_shown_and_can_be_destroyed(self):
        self.starts()
        der = self.write("stray.p8", openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"))
        self.tool("--import", str(der), "--token", "siegel", "--label", BAUAMT, "--id", "A1B2C3D4E5", "--pin", "4711")
        [orphan] = [key for key in self.keys() if key["standing"] == "orphan"]
        self.assertEqual((orphan["id"], orphan["type"], orphan["place"]), ("a1b2c3d4e5", "rsa-3072", "token"))
        self.assertEqual(len(self.rows(PrivateKeys.LIST, "key", "list", "--address", BAUAMT)), 2)
        self.does("key", "destroy", "a1b2c3d4", "--reason", "left over")
        self.assertEqual([key["standing"] for key in self.keys()], ["kept"])

    def test_a_token_that_is_away_is_told_and_cleared_later(self):
        self.starts()
        (self.root / "tokens").rename(self.root / "away")
        (self.root / "tokens").mkdir()
        self.refuses(NO, ["token"], "key", "list")
        self.refuses(NO, ["siegel enrol run"], "enrol", "cancel", "--address", BAUAMT)
        (self.root / "tokens").rmdir()
        (self.root / "away").rename(self.root / "tokens")
        self.assertEqual([key["standing"] for key in self.keys()], ["doomed"])
        self.does("enrol", "run")
        self.assertEqual(self.keys(), [])


class EnrolmentAgain(Case):
    def setUp(self):
        super().setUp()
        profiles = self.root / "profiles"
        profiles.mkdir()
        self.profile = profiles / "amt.yaml"
        self.profile.write_text("connector: batch\nnaming: {subject: 'O=Stadt, CN=GRP: {name}'}\n"
                                "keys: {types: [p-256], certificates: joint}\n")
        self.config.write_text(self.config.read_text() + f"\nenrolment: {{profiles: [{profiles}]}}\n")
        manifest = self.write("m.csv", f"address;display_name;owner\n{BAUAMT};Bauamt;chef@stadt.example\n")
        self.does("enrol", "start", "--from", manifest)

    def states(self):
        return [row["state"] for row in self.does("--json", "enrol", "status").json()]

    def test_cancel_and_retry_want_to_know_which(self):
        for verb in ("cancel", "retry"):
            self.refuses(USAGE, ["--id"], "enrol", verb)
        self.does("enrol", "cancel", "--id", "1", "--reason", "wrong mailbox")
        self.assertEqual(self.states(), ["cancelled"])
        self.assertEqual(self.rows(PrivateKeys.LIST, "key", "list"), [])

    def test_retry_leaves_alone_what_has_not_failed(self):
        self.assertEqual(self.does("--json", "enrol", "retry", "--address", BAUAMT).json(),
                         {"moved": [], "troubles": []})
        self.assertEqual(self.states(), ["csr-ready"])

    def test_export_as_zip(self):
        answer = self.does("--json", "enrol", "export", "--profile", "amt", "--to", self.root / "out", "--zip").json()
        file = pathlib.Path(answer["file"])
        self.assertEqual(file.parent, self.root / "out")
        names = subprocess.run(["unzip", "-Z1", str(file)], check=True, capture_output=True).stdout.decode().split()
        self.assertEqual(sorted(pathlib.Path(name).name for name in names),
                         ["1.p10", "SHA256SUMS", "cover.html", "manifest.csv"])
        subprocess.run(["unzip", "-q", str(file), "-d", str(self.root)], check=True)
        subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], check=True, cwd=self.root / file.stem)


class Audit(Case):
    def test_the_user_is_named_for_whatever_he_orders(self):
        self.has_mailbox()
        self.does("cert", "import", BAUAMT, self.p12(), "--password-file", self.password)
        person = self.write("p.pem", openssl("x509", "-in", self.pem(self.p12(ANNA))))
        self.does("peer", "add", ANNA, person)
        root = self.does("--json", "trust", "list").json()[0]["fingerprint"]
        self.does("trust", "remove", root)
        events = {row["action"]: row["actor"] for row in self.does("--json", "audit", "show").json()}
        user = os.environ.get("SUDO_USER") if os.getuid() == 0 else None
        self.assertEqual(events, dict.fromkeys(["mailbox-added", "anchor-added", "key-stored", "certificate-installed",
                                                "peer-added", "anchor-removed"], user or getpass.getuser()))


if __name__ == "__main__":
    Case.programs = sys.argv[1]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
