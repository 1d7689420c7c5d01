#!/usr/bin/env python3
"""Every noun and verb of `siegel`, driven as an operator drives it: what it does, says and exits with.

usage: cli_test.py FOLDER_OF_PROGRAMS FOLDER_OF_SOURCES
"""

import os
import pathlib
import smtplib
import subprocess
import sys
import time
import unittest

from installation import ANNA, BAUAMT, Case, closed_port, mails
from program import DONE, NO, OURS, USAGE, WORLD, openssl

SOURCES = pathlib.Path()


class Usage(Case):
    def test_version(self):
        self.assertRegex(self.does("version").out, r"^siegel \d+\.\d+")
        self.assertEqual(list(self.does("version", "--json").json()), ["version"])

    def test_an_unknown_noun_or_verb_or_option_is_wrong_usage(self):
        for words in (["frobnicate"], ["mailbox", "frobnicate"], ["version", "--frobnicate"], [], ["queue"],
                      ["cert", "import"], ["peer", "forget", "seven"], ["explain"],
                      ["explain", "x", "--side", "middle"]):
            self.ends(USAGE, *words)

    def test_help_is_no_failure_and_names_every_noun(self):
        text = self.does("--help").out
        for noun in ("config", "mailbox", "cert", "trust", "peer", "queue", "explain", "ca", "key", "enrol", "audit",
                     "version"):
            self.assertIn(noun, text)

    def test_every_command_of_the_manual_exists(self):
        manual = (SOURCES / "docs" / "CLI.md").read_text()
        for noun, verbs in {"config": ["check", "example"], "mailbox": ["add", "list", "show"],
                            "cert": ["import", "list", "forecast", "renew", "reissue", "revoke"],
                            "enrol": ["start", "authorise", "export", "import", "submit", "activate", "run",
                                      "cancel", "retry", "status", "show", "stats"],
                            "key": ["list", "show", "destroy", "make", "import", "export", "retire", "revoke",
                                    "prolong"],
                            "audit": ["show", "verify"], "trust": ["add", "list", "remove", "pending", "approve"],
                            "peer": ["list", "show", "add", "approve", "forget"],
                            "queue": ["list", "show", "retry", "hold", "delete"],
                            "ca": ["init", "issue", "crl"]}.items():
            for verb in verbs:
                self.assertIn(f"`{noun} {verb}", manual)
                self.does(noun, verb, "--help")


class Output(Case):
    def test_an_answer_that_cannot_be_written_is_no_success(self):
        for words in (["version"], ["--json", "mailbox", "list"], ["--help"]):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([self.siegel.program, "--config", str(self.config), *words], stdout=full,
                                      stderr=subprocess.PIPE, timeout=60)
            self.assertEqual(done.returncode, WORLD, words)
            self.assertIn(b"could not be written", done.stderr)


class Config(Case):
    def test_a_good_file_is_ok(self):
        self.assertIn("ok", self.does("config", "check").out)
        answer = self.does("config", "check", "--json").json()
        self.assertEqual(answer, {"file": str(self.config), "ok": True, "problems": []})

    def test_a_typo_is_named_with_place_and_right_spelling(self):
        self.config.write_text(self.config.read_text().replace("domains:", "domans:"))
        self.refuses(USAGE, [f"{self.config}:2:1:", "domans", "domains"], "config", "check")
        answer = self.ends(USAGE, "--json", "config", "check").json()
        self.assertFalse(answer["ok"])
        self.assertEqual(list(answer["problems"][0]), ["line", "column", "text"])
        [typo] = [each for each in answer["problems"] if "domans" in each["text"]]
        self.assertEqual((typo["line"], typo["column"]), (2, 1))

    def test_every_other_command_says_the_same_about_a_bad_file(self):
        self.config.write_text(self.config.read_text().replace("domains:", "domans:"))
        for words in (["mailbox", "list"], ["queue", "list"], ["trust", "pending"]):
            self.refuses(USAGE, [f"{self.config}:2:1:", "domains"], *words)

    def test_a_missing_file_is_wrong_usage(self):
        self.config.unlink()
        for words in (["config", "check"], ["mailbox", "list"]):
            self.refuses(USAGE, [str(self.config)], *words)

    def test_hostile_octets_in_the_file_make_valid_json(self):
        self.config.write_bytes(b"name: \xff\xfe\x1b[31m\nna\xefve: 1\n")
        self.assertFalse(self.ends(USAGE, "--json", "config", "check").json()["ok"])
        self.ends(USAGE, "config", "check")

    def test_the_example_passes_its_own_check(self):
        self.config.write_text(self.does("config", "example").out)
        self.does("config", "check")


class Mailboxes(Case):
    LIST = ["address", "display_name", "created", "signs", "note"]
    SHOW = ["use", "signs_now", "has_key", "not_before", "not_after", "issuer", "serial", "fingerprint"]

    def test_add_list_show(self):
        self.does("mailbox", "add", BAUAMT, "--name", "Bauamt der Stadt Übermut")
        [row] = self.rows(self.LIST, "mailbox", "list")
        self.assertEqual((row["address"], row["display_name"], row["signs"]),
                         (BAUAMT, "Bauamt der Stadt Übermut", False))
        self.assertNotEqual(row["note"], "")
        self.assertEqual(self.rows(self.SHOW, "mailbox", "show", BAUAMT), [])

    def test_adding_twice_is_no_failure(self):
        self.assertTrue(self.does("--json", "mailbox", "add", BAUAMT).json()["added"])
        self.assertFalse(self.does("--json", "mailbox", "add", BAUAMT).json()["added"])
        self.assertEqual(len(self.rows(self.LIST, "mailbox", "list")), 1)

    def test_what_is_no_address_of_ours_is_refused(self):
        self.refuses(USAGE, ["local@domain"], "mailbox", "add", "bauamt")
        self.refuses(USAGE, ["local@domain"], "mailbox", "add", "a@b\r\nc@stadt.example")
        self.refuses(NO, ["domains"], "mailbox", "add", ANNA)

    def test_an_unknown_mailbox_is_told_with_the_next_step(self):
        self.refuses(NO, ["siegel mailbox list"], "mailbox", "show", BAUAMT)


class Certificates(Case):
    LIST = ["mailbox", "signs_now", "has_key", "not_after", "subject", "issuer", "serial", "fingerprint", "use",
            "days_left", "state"]

    def imports(self, *files, password=True, code=DONE, more=()):
        words = ["--password-file", self.password] if password else []
        return self.ends(code, "--json", "cert", "import", BAUAMT, *files, *words, *more).json()

    def signs(self):
        return [row["signs_now"] for row in self.rows(self.LIST, "cert", "list")]

    def test_what_ends_soon_is_an_exit_code(self):
        self.has_mailbox()
        self.imports(self.p12())
        self.assertEqual(self.ends(DONE, "--json", "cert", "list", "--expiring", "1h").json(), [])
        [row] = self.ends(NO, "--json", "cert", "list", "--expiring", "20000d").json()
        self.assertEqual((row["mailbox"], row["use"], row["state"]), (BAUAMT, "sign+encrypt", None))
        self.assertEqual(len(self.rows(["month", "certificates"], "cert", "forecast")), 36)
        self.refuses(USAGE, ["soon", "90d"], "cert", "list", "--expiring", "soon")

    def test_pkcs12(self):
        self.has_mailbox()
        answer = self.imports(self.p12())
        self.assertEqual(list(answer), ["installed", "already_installed", "chain", "remarks"])
        self.assertEqual(len(answer["installed"]), 1)
        [row] = self.rows(self.LIST, "cert", "list")
        self.assertEqual((row["mailbox"], row["signs_now"], row["has_key"], row["fingerprint"]),
                         (BAUAMT, True, True, answer["installed"][0]))
        [shown] = self.rows(Mailboxes.SHOW, "mailbox", "show", BAUAMT)
        self.assertEqual((shown["use"], shown["fingerprint"]), ("sign+encrypt", answer["installed"][0]))

    def test_separate_certificates_for_signing_and_encryption(self):
        self.has_mailbox()
        self.imports(self.p12(use="sign"))
        self.imports(self.p12(use="encrypt"))
        uses = {row["use"]: row["signs_now"] for row in self.rows(Mailboxes.SHOW, "mailbox", "show", BAUAMT)}
        self.assertEqual(uses, {"sign": True, "encrypt": False})

    def test_importing_twice_changes_nothing(self):
        self.has_mailbox()
        p12 = self.p12()
        first = self.imports(p12)
        again = self.imports(p12)
        self.assertEqual((again["installed"], again["already_installed"]), ([], first["installed"]))
        text = self.does("cert", "import", BAUAMT, p12, "--password-file", self.password).out
        self.assertIn("already installed", text)
        self.assertEqual(self.signs(), [True])

    def test_old_pkcs12_with_rc2(self):
        self.has_mailbox()
        pem = self.pem(self.p12())
        old = self.root / "old.p12"
        openssl("pkcs12", "-export", "-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-3DES",
                "-in", pem, "-passout", "pass:demo", "-out", old)
        self.imports(old)
        self.assertEqual(self.signs(), [True])

    def test_pem_certificate_and_key_in_two_files(self):
        self.has_mailbox()
        pem = self.pem(self.p12())
        certificate = self.write("certificate.pem", openssl("x509", "-in", pem))
        key = self.write("key.pem", openssl("pkey", "-in", pem))
        self.imports(certificate, key, password=False)
        self.assertEqual(self.signs(), [True])

    def test_pem_with_encrypted_key(self):
        self.has_mailbox()
        pem = self.pem(self.p12())
        key = self.write("key.pem", openssl("pkey", "-in", pem, "-aes256", "-passout", "pass:demo"))
        certificate = self.write("certificate.der", openssl("x509", "-in", pem, "-outform", "DER"))
        self.imports(certificate, key)
        self.assertEqual(self.signs(), [True])

    def imports_p7b(self, form):
        self.has_mailbox()
        pem = self.pem(self.p12())
        chain = self.write("chain", openssl("crl2pkcs7", "-nocrl", "-certfile", pem, "-outform", form))
        self.imports(chain, self.write("key.pem", openssl("pkey", "-in", pem)), password=False)
        self.assertEqual(self.signs(), [True])

    def test_p7b_chain_in_pem_with_key(self):
        self.imports_p7b("PEM")

    def test_p7b_chain_in_der_with_key(self):
        self.imports_p7b("DER")

    def test_a_wrong_password_is_told_with_the_next_step(self):
        self.has_mailbox()
        p12 = self.p12()
        self.password.write_text("wrong\n")
        self.refuses(NO, ["password"], "cert", "import", BAUAMT, p12, "--password-file", self.password)
        self.refuses(NO, ["--password-file"], "cert", "import", BAUAMT, p12)
        self.assertEqual(self.signs(), [])

    def test_a_certificate_of_another_address_is_not_installed(self):
        self.has_mailbox()
        answer = self.imports(self.p12(address="standesamt@stadt.example"), code=NO)
        self.assertEqual(answer["installed"], [])
        self.assertIn("standesamt@stadt.example", " ".join(answer["remarks"]))

    def test_a_certificate_without_its_key_is_not_installed(self):
        self.has_mailbox()
        certificate = self.write("c.pem", openssl("x509", "-in", self.pem(self.p12())))
        answer = self.imports(certificate, password=False, code=NO)
        self.assertIn("key", " ".join(answer["remarks"]))
        self.refuses(NO, ["key"], "cert", "import", BAUAMT, certificate)

    def test_an_unknown_authority_is_not_installed_unless_told(self):
        self.does("mailbox", "add", BAUAMT)
        self.stranger("stranger")
        p12 = self.p12(authority="stranger")
        self.assertTrue(self.imports(p12, code=NO)["remarks"])
        self.assertEqual(len(self.imports(p12, more=["--ignore-trust"])["installed"]), 1)

    def test_what_is_no_key_material_is_refused(self):
        self.has_mailbox()
        for octets in (b"", b"\0" * 100, b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                       b"\x30\x84\xff\xff\xff\xff"):
            self.ends(NO, "cert", "import", BAUAMT, self.write("junk", octets))
        self.refuses(NO, ["cannot read"], "cert", "import", BAUAMT, self.root / "not-there")
        self.refuses(NO, ["folder"], "cert", "import", BAUAMT, self.root)

    def test_without_a_mailbox_the_next_step_is_told(self):
        self.authority()
        self.refuses(NO, ["mailbox add"], "cert", "import", BAUAMT, self.p12(), "--password-file", self.password)


class Trust(Case):
    LIST = ["subject", "label", "revocation", "not_after", "fingerprint"]
    PENDING = ["subject", "issuer", "not_after", "seen_from", "first_seen", "last_seen", "count", "fingerprint"]

    def test_add_list_remove(self):
        file = self.stranger("authority")
        [added] = self.does("--json", "trust", "add", file, "--label", "Unsere", "--soft-fail").json()
        self.assertEqual(list(added), ["subject", "fingerprint"])
        [row] = self.rows(self.LIST, "trust", "list")
        self.assertEqual((row["label"], row["revocation"], row["fingerprint"]),
                         ("Unsere", "soft-fail", added["fingerprint"]))
        self.does("--json", "trust", "remove", row["fingerprint"][:16]).json()
        self.assertEqual(self.rows(self.LIST, "trust", "list"), [])

    def test_what_was_never_there_cannot_be_removed_or_approved(self):
        self.refuses(NO, ["siegel trust list"], "trust", "remove", "00" * 32)
        self.refuses(NO, ["siegel trust pending"], "trust", "approve", "00" * 32)

    def test_a_persons_certificate_is_no_anchor(self):
        self.authority()
        person = self.write("p.pem", openssl("x509", "-in", self.pem(self.p12())))
        self.refuses(NO, ["no authority"], "trust", "add", person)
        self.assertEqual(len(self.rows(self.LIST, "trust", "list")), 1)

    def test_a_file_that_is_half_right_is_not_taken_at_all(self):
        file = self.stranger("authority")
        person = openssl("x509", "-in", self.pem(self.p12()))
        self.ends(NO, "trust", "add", self.write("both.pem", file.read_bytes() + person))
        self.assertEqual(self.rows(self.LIST, "trust", "list"), [])

    def test_a_path_helper_is_no_anchor(self):
        self.does("trust", "add", self.stranger("authority"), "--intermediate")
        self.assertEqual(self.rows(self.LIST, "trust", "list"), [])

    def test_the_unknown_root_of_a_citizens_mail_is_pending_until_approved(self):
        self.has_mailbox()
        root = self.stranger("citizens")
        self.gateway.start()
        self.comes_in("pending", self.pem(self.p12(ANNA, authority="citizens")), "-certfile", root)
        [row] = self.rows(self.PENDING, "trust", "pending")
        self.assertEqual((row["seen_from"], row["count"]), (ANNA, 1))
        self.assertEqual(self.rows(Peers.LIST, "peer", "list"), [])
        self.does("--json", "trust", "approve", row["fingerprint"][:16]).json()
        self.assertEqual(self.rows(self.PENDING, "trust", "pending"), [])
        self.assertEqual(len(self.rows(self.LIST, "trust", "list")), 2)


class Peers(Case):
    LIST = ["id", "scheme", "address", "state", "came", "not_after", "last_seen", "issuer"]
    SHOW = ["id", "scheme", "state", "came", "why", "message", "first_seen", "last_seen", "signing_time", "subject",
            "issuer", "serial", "not_after", "fingerprint"]

    def annas_certificate(self, authority="authority"):
        certificate = openssl("x509", "-in", self.pem(self.p12(ANNA, authority=authority)))
        return self.write(f"anna-{authority}.pem", certificate)

    def test_add_list_show_forget(self):
        self.authority()
        self.does("--json", "peer", "add", ANNA, self.annas_certificate()).json()
        [row] = self.rows(self.LIST, "peer", "list")
        self.assertEqual((row["address"], row["state"], row["came"]), (ANNA, "in use", "admin"))
        [shown] = self.rows(self.SHOW, "peer", "show", ANNA)
        self.assertEqual(shown["id"], row["id"])
        self.assertEqual(self.does("--json", "peer", "forget", row["id"]).json(), {"forgotten": row["id"]})
        self.assertEqual(self.rows(self.LIST, "peer", "list"), [])

    def test_a_chain_in_any_order_is_a_certificate_of_a_person(self):
        ca = self.authority()
        self.does("peer", "add", ANNA, self.write("chain.pem", ca.read_bytes() + self.annas_certificate().read_bytes()))
        self.assertEqual(len(self.rows(self.LIST, "peer", "list")), 1)
        self.ends(NO, "peer", "add", ANNA, ca)

    def test_a_certificate_of_somebody_else_or_only_for_signing_is_refused(self):
        self.authority()
        certificate = self.annas_certificate()
        self.refuses(NO, [ANNA, "--any-address"], "peer", "add", "berta@buerger.example", certificate)
        signing = self.write("s.pem", openssl("x509", "-in", self.pem(self.p12(ANNA, use="sign"))))
        self.ends(NO, "peer", "add", ANNA, signing)
        self.assertEqual(self.rows(self.LIST, "peer", "list"), [])
        self.does("peer", "add", "berta@buerger.example", certificate, "--any-address")

    def test_what_is_not_known_is_told_with_the_next_step(self):
        self.refuses(NO, [ANNA], "peer", "show", ANNA)
        self.refuses(NO, ["siegel peer list"], "peer", "forget", 77)
        self.refuses(NO, ["siegel peer list"], "peer", "approve", 77)

    def test_another_issuer_waits_until_it_is_approved(self):
        self.has_mailbox()
        self.authority("citizens")
        self.gateway.start()
        for name in ("citizens", "authority"):
            self.comes_in(name, self.pem(self.p12(ANNA, authority=name)))
        rows = {row["state"]: row for row in self.rows(self.LIST, "peer", "list")}
        self.assertEqual(set(rows), {"in use", "pending"})
        self.assertEqual(self.does("--json", "peer", "approve", rows["pending"]["id"]).json(),
                         {"approved": rows["pending"]["id"]})
        self.assertNotIn("pending", [row["state"] for row in self.rows(self.LIST, "peer", "list")])


class Queue(Case):
    LIST = ["id", "state", "arrived", "attempts", "next_attempt", "from", "to", "last_answer"]
    SHOW = ["id", "state", "from", "to", "towards", "reason", "confidential", "octets", "arrived", "attempts",
            "next_attempt", "last_answer"]

    def setUp(self):
        super().setUp()
        self.gateway.configure(f"maildir:{self.root}/inside", f"smtp://127.0.0.1:{closed_port()}")

    def fill(self, count=1):
        """Mail that cannot get out, left behind by a relay that has tried."""
        self.gateway.start()
        with smtplib.SMTP("127.0.0.1", self.gateway.port("inside"), timeout=30) as client:
            for i in range(count):
                client.sendmail(BAUAMT, [ANNA], mails.crlf(mails.head(f"q{i}", BAUAMT, ANNA) + "\nGuten Tag\n"))
        deadline = time.monotonic() + 30
        while any(row["attempts"] == 0 or not row["last_answer"] for row in self.queue()):
            self.assertLess(time.monotonic(), deadline, "the relay never tried")
            time.sleep(0.1)

    def queue(self):
        return self.does("--json", "queue", "list").json()

    def test_an_empty_queue(self):
        self.assertEqual(self.rows(self.LIST, "queue", "list"), [])

    def test_list_and_show(self):
        self.fill(2)
        rows = self.rows(self.LIST, "queue", "list")
        self.assertEqual([(row["state"], row["from"], row["to"]) for row in rows], [("waiting", BAUAMT, [ANNA])] * 2)
        shown = self.does("--json", "queue", "show", rows[0]["id"]).json()
        self.assertEqual(list(shown), self.SHOW)
        self.assertEqual((shown["id"], shown["towards"], shown["to"]), (rows[0]["id"], "world", [ANNA]))
        self.assertGreater(shown["octets"], 100)
        self.assertIn(rows[0]["id"], self.does("queue", "show", rows[0]["id"]).out)

    def test_hold_retry_delete(self):
        self.fill()
        self.gateway.stop()
        [before] = self.queue()
        self.does("--json", "queue", "hold", before["id"]).json()
        [held] = self.queue()
        self.assertEqual((held["state"], held["next_attempt"]), ("held", None))
        self.does("--json", "queue", "retry", before["id"]).json()
        [again] = self.queue()
        self.assertEqual(again["state"], "waiting")
        self.assertLess(again["next_attempt"], before["next_attempt"])
        self.does("--json", "queue", "delete", before["id"]).json()
        self.assertEqual(self.queue(), [])
        self.refuses(NO, ["siegel queue list"], "queue", "show", before["id"])

    def test_a_running_relay_obeys(self):
        self.fill()
        [row] = self.queue()
        self.does("queue", "hold", row["id"])
        self.assertEqual(self.queue()[0]["state"], "held")
        self.does("queue", "retry", row["id"])
        deadline = time.monotonic() + 60
        while self.queue()[0]["attempts"] <= row["attempts"]:
            self.assertLess(time.monotonic(), deadline, "the relay never tried again")
            time.sleep(0.2)

    def test_an_id_is_never_a_path(self):
        self.fill()
        self.gateway.stop()
        [row] = self.queue()
        for hostile in ("../" + row["id"], ".", "..", "/", "../../siegel.yaml", "x" * 5000, "\x1b[31m", "-"):
            for verb in ("show", "hold", "retry", "delete"):
                self.refuses(NO, ["siegel queue list"], "queue", verb, "--", hostile)
        self.assertEqual(self.queue(), [row])
        self.assertTrue(self.config.exists())


class BrokenInstallation(Case):
    def test_a_missing_or_open_key_encryption_key_is_told_with_the_next_step(self):
        kek = self.gateway.root / "kek"
        kek.chmod(0o644)
        self.refuses(OURS, ["chmod 600", str(kek)], "mailbox", "list")
        kek.chmod(0o600)
        kek.write_text("short\n")
        self.refuses(OURS, [str(kek)], "mailbox", "list")
        kek.unlink()
        self.does("queue", "list")  # needs no key

    def test_a_missing_key_encryption_key_beside_a_full_database_is_never_made_anew(self):
        self.has_mailbox()
        self.does("cert", "import", BAUAMT, self.p12(), "--password-file", self.password)
        (self.gateway.root / "kek").unlink()
        self.refuses(OURS, [str(self.gateway.root / "kek")], "mailbox", "list")

    def test_a_database_that_is_none_is_the_worlds_fault(self):
        self.does("mailbox", "add", BAUAMT)
        database = self.gateway.root / "data" / "siegel.db"
        for leftover in database.parent.glob("siegel.db-*"):
            leftover.unlink()
        database.write_bytes(os.urandom(8192))
        self.refuses(WORLD, ["database"], "mailbox", "list")

    def test_no_stack_traces(self):
        (self.gateway.root / "data").rename(self.root / "gone")
        (self.gateway.root / "data").write_text("a file where a folder was")
        for words in (["mailbox", "list"], ["queue", "list"]):
            done = self.siegel.run(*words)
            self.assertIn(done.code, (WORLD, OURS), done)
            self.assertNotIn("internal error", done.err)
            self.assertTrue(done.err.startswith("siegel: "), done)


class Authority(Case):
    def test_init_issue_crl_are_told_as_json_too(self):
        folder = self.root / "ca"
        self.does("--json", "ca", "init", folder, "--key-type", "p-256").json()
        out = self.root / "x.p12"
        issued = self.does("--json", "ca", "issue", folder, "--address", ANNA, "--key-type", "p-256",
                           "--password-file", self.password, "--out", out).json()
        self.assertEqual(issued["address"], ANNA)
        person = self.write("x.pem", openssl("pkcs12", "-in", out, "-passin", "pass:demo", "-clcerts", "-nokeys"))
        crl = self.root / "x.crl"
        self.assertEqual(self.does("--json", "ca", "crl", folder, "--revoke", person, "--out", crl).json(),
                         {"revoked": 1})
        self.assertIn(b"Revoked Certificates:", openssl("crl", "-inform", "DER", "-in", crl, "-noout", "-text"))

    def test_what_cannot_be_done_is_told(self):
        out = self.root / "x.p12"
        self.ends(NO, "ca", "issue", self.root / "no-ca", "--address", ANNA, "--password-file", self.password,
                  "--out", out)
        folder = self.root / "ca"
        self.does("ca", "init", folder)
        self.refuses(USAGE, ["rsa-3072"], "ca", "issue", folder, "--address", ANNA, "--key-type", "rsa-512",
                     "--password-file", self.password, "--out", out)
        self.assertFalse(out.exists())

    def test_nothing_that_exists_is_overwritten(self):
        folder = self.root / "ca"
        self.does("ca", "init", folder)
        key = (folder / "ca.key").read_bytes()
        self.refuses(NO, ["exists already"], "ca", "init", folder)
        self.assertEqual((folder / "ca.key").read_bytes(), key)


if __name__ == "__main__":
    Case.programs, SOURCES = sys.argv[1], pathlib.Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
