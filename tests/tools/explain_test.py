#!/usr/bin/env python3
"""`siegel explain` on mail that OpenSSL's own command line has made: the verdict, the decision, the JSON's shape.

usage: explain_test.py FOLDER_OF_PROGRAMS FOLDER_OF_SOURCES
"""

import datetime
import functools
import pathlib
import sys
import unittest

from citizens import ANNA, BAUAMT, BODY, Person, World, crlf, head
from program import DONE, NO, USAGE, Siegel, openssl

PROGRAMS, SOURCES = "", pathlib.Path()
SUMMARIES = ("good", "bad", "untrusted", "expired", "revoked", "unchecked", "weak", "partial", "mismatch",
             "malformed", "none")
STATUSES = ("good", "bad", "no_certificate", "unknown_signer", "untrusted", "expired", "revoked",
            "unchecked_revocation", "weak", "no_key", "unsupported", "malformed")


@functools.cache
def world():
    """Made once, because keys take time."""
    return World(Siegel(PROGRAMS))


class Case(unittest.TestCase):
    def setUp(self):
        self.world = world()
        self.siegel = Siegel(PROGRAMS)

    def explained(self, octets, *options, trust=None, crl=None, stdin=None):
        """The explanation as JSON, its shape checked; by default with the test CA and its current list."""
        trust = trust if trust is not None else [self.world.ca.certificate]
        crl = crl if crl is not None else [self.world.crl]
        words = [word for file in trust for word in ("--trust", file)]
        words += [word for file in crl for word in ("--crl", file)]
        source = "-" if stdin else self.world.file(octets)
        done = self.siegel.run("explain", source, "--to", BAUAMT, *words, *options, "--json", stdin=stdin or b"")
        self.assertEqual(done.code, DONE, done)
        self.has_the_shape(done.json())
        return done.json()

    def has_the_shape(self, answer):
        """docs/CLI.md, and what scripts were promised."""
        self.assertEqual(set(answer), {"verdict", "keys_left_out", "decision", "annotations"})
        verdict = answer["verdict"]
        self.assertLessEqual({"summary", "layers", "signer_is_author", "covers_all", "encrypted", "decrypted"},
                             set(verdict))
        self.assertIn(verdict["summary"], SUMMARIES)
        for key in ("signer_is_author", "covers_all", "encrypted", "decrypted"):
            self.assertIsInstance(verdict[key], bool)
        for layer in verdict["layers"]:
            self.assertEqual(set(layer), {"scheme", "form", "status", "signer", "algorithm", "reason"})
            self.assertIn(layer["status"], STATUSES)
            if layer["status"] != "good":
                self.assertNotEqual(layer["reason"], "")
        self.assertIsInstance(answer["annotations"], dict)
        self.assertTrue(answer["decision"]["routes"])
        for route in answer["decision"]["routes"]:
            self.assertLessEqual({"action", "recipients", "treatment", "reason"}, set(route))
        if verdict["summary"] == "good":
            self.assertTrue(verdict["signer_is_author"] and verdict["covers_all"])

    def judged(self, summary, octets, *options, **more):
        answer = self.explained(octets, *options, **more)
        self.assertEqual(answer["verdict"]["summary"], summary, answer)
        return answer["verdict"]


class Good(Case):
    def test_clear_signed(self):
        answer = self.explained(head() + self.world.signed(self.world.anna))
        [layer] = answer["verdict"]["layers"]
        self.assertEqual((answer["verdict"]["summary"], layer["scheme"], layer["form"], layer["status"],
                          layer["signer"]), ("good", "smime", "signature", "good", ANNA))
        self.assertIn("SHA-256", layer["algorithm"])
        self.assertEqual(set(answer["annotations"]), {"Authentication-Results", "X-Siegel-Verdict", "Subject"})
        self.assertIn("smime=pass", answer["annotations"]["Authentication-Results"])

    def test_opaque(self):
        verdict = self.judged("good", head() + self.world.signed(self.world.anna, options=["-nodetach"]))
        self.assertTrue(verdict["covers_all"])

    def test_a_certificate_of_our_own_authority(self):
        person = self.world.ours.issue(ANNA)
        self.judged("good", head() + self.world.signed(person), trust=[self.world.ours.certificate],
                    crl=[self.world.ours.crl()])

    def test_key_types(self):
        for key in ("rsa-3072", "p-384"):
            person = self.world.ca.issue(ANNA, key)
            verdict = self.judged("good", head() + self.world.signed(person))
            self.assertIn("RSA-3072" if key == "rsa-3072" else "P-384", verdict["layers"][0]["algorithm"])

    def test_rsa_pss(self):
        person = self.world.ca.issue(ANNA, "rsa-3072")
        self.judged("good", head() + self.world.signed(person, options=["-keyopt", "rsa_padding_mode:pss"]))

    def test_line_ends_of_a_file_saved_on_unix(self):
        octets = (head() + self.world.signed(self.world.anna)).replace(b"\r\n", b"\n")
        self.judged("good", octets)

    def test_line_ends_of_both_kinds_as_openssl_writes_them(self):
        body = self.world.file(BODY.replace(b"\r\n", b"\n"))
        for program in ("cms", "smime"):
            for form in ([], ["-nodetach"], ["-crlfeol"], ["-text"]):
                made = openssl(program, "-sign", "-md", "sha256", "-in", body, "-signer", self.world.anna.pem, "-from",
                               ANNA, "-to", BAUAMT, "-subject", "Antrag", *form)
                self.judged("good", made)

    def test_forms_that_other_programs_write(self):
        for options in (["-md", "sha512"], ["-keyid"], ["-nosmimecap"], ["-certfile", self.world.ca.certificate]):
            self.judged("good", head() + self.world.signed(self.world.anna, options=options))

    def test_capital_letters_in_the_address_are_no_other_author(self):
        self.judged("good", head("Anna <ANNA@Buerger.Example>") + self.world.signed(self.world.anna))

    def test_R12_opaque_under_a_name_that_says_nothing(self):
        opaque = self.world.signed(self.world.anna, options=["-nodetach"])
        renamed = opaque.replace(b"application/pkcs7-mime; smime-type=signed-data;", b"application/octet-stream;")
        self.assertNotEqual(opaque, renamed)
        self.judged("good", head() + renamed)

    def test_signed_twice(self):
        inner = self.world.signed(self.world.anna)
        verdict = self.judged("good", head() + self.world.signed(self.world.anna, inner))
        self.assertEqual([layer["form"] for layer in verdict["layers"]], ["signature", "signature"])

    def test_from_standard_input(self):
        octets = head() + self.world.signed(self.world.anna)
        self.assertEqual(self.explained(None, stdin=octets)["verdict"]["summary"], "good")

    def test_a_person_reads_the_same(self):
        octets = head() + self.world.signed(self.world.anna)
        done = self.siegel.run("explain", self.world.file(octets), "--trust", self.world.ca.certificate, "--crl",
                               self.world.crl)
        self.assertEqual(done.code, DONE, done)
        self.assertIn("verdict: good", done.out)
        self.assertIn(ANNA, done.out)


class LessThanGood(Case):
    def test_bad(self):
        octets = head() + self.world.signed(self.world.anna).replace(b"hier ist Anna", b"hier ist Egon")
        self.judged("bad", octets)

    def test_untrusted_without_anchor_with_another_and_self_signed(self):
        octets = head() + self.world.signed(self.world.anna)
        self.judged("untrusted", octets, trust=[], crl=[])
        self.judged("untrusted", octets, trust=[self.world.ours.certificate])
        self.judged("untrusted", head() + self.world.signed(self.self_signed()))

    def self_signed(self):
        pem = self.world.root / "self.pem"
        made = openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                       f"/CN={ANNA}", "-addext", f"subjectAltName=email:{ANNA}", "-keyout", "-", "-days", "30")
        pem.write_bytes(made)
        return Person(pem, None)

    def test_not_meant_for_mail(self):
        person = self.world.ca.issue(ANNA, usage="keyAgreement")
        self.judged("untrusted", head() + self.world.signed(person))

    def test_expired(self):
        octets = head() + self.world.signed(self.world.anna)
        later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=400)
        self.judged("expired", octets, "--at", later.strftime("%Y-%m-%dT%H:%M:%SZ"))

    def test_revoked(self):
        octets = head() + self.world.signed(self.world.revoked)
        self.judged("revoked", octets)
        self.judged("good", octets, crl=[self.world.empty_crl])

    def test_R66_a_list_that_revokes_is_not_outvoted(self):
        octets = head() + self.world.signed(self.world.revoked)
        for lists in ([self.world.empty_crl, self.world.crl], [self.world.crl, self.world.empty_crl]):
            self.judged("revoked", octets, crl=lists)

    def test_all_lists_of_a_file_count(self):
        octets = head() + self.world.signed(self.world.revoked)
        pem = self.world.ours.crl().with_suffix(".pem")
        pem.write_bytes(openssl("crl", "-inform", "DER", "-in", self.world.ours.crl(), "-outform", "PEM"))
        both = self.world.file(pem.read_bytes() + b"and\n" + self.world.crl.read_bytes())
        self.judged("revoked", octets, crl=[both])

    def test_unchecked_without_a_list_or_with_a_stale_one(self):
        octets = head() + self.world.signed(self.world.anna)
        self.judged("unchecked", octets, crl=[])
        self.judged("unchecked", octets, crl=[self.world.ours.crl()])

    def test_weak_keys_and_digests(self):
        self.judged("weak", head() + self.world.signed(self.world.ca.issue(ANNA, "rsa-2048")))
        for digest in ("sha1", "md5"):
            made = self.world.cms(BODY, "-sign", "-md", digest, "-signer", self.world.ca.issue(ANNA, "rsa-3072").pem)
            self.assertNotIn(self.explained(head() + made)["verdict"]["summary"], ("good", "unchecked", "none"))

    def test_R20_sha1_is_weak(self):
        made = self.world.cms(BODY, "-sign", "-md", "sha1", "-signer", self.world.anna.pem)
        self.judged("weak", head() + made)

    def test_a_signature_that_names_nobody_or_two_is_not_good(self):
        for options in (["-nocerts"], ["-noattr"], ["-signer", self.world.bauamt.pem]):
            answer = self.explained(head() + self.world.signed(self.world.anna, options=options))
            self.assertNotIn(answer["verdict"]["summary"], ("good", "unchecked", "none"), options)

    def test_another_kind_of_cms_is_malformed(self):
        self.judged("malformed", head() + self.world.cms(BODY, "-digest_create"))

    def test_R18_a_part_behind_the_signature_is_malformed_or_partial(self):
        signed = self.world.signed(self.world.anna)
        boundary = signed.split(b'boundary="')[1].split(b'"')[0]
        last = b"--" + boundary + b"--"
        extra = b"--" + boundary + b"\r\nContent-Type: text/plain\r\n\r\nnoch etwas\r\n" + last
        summary = self.explained(head() + signed.replace(last, extra))["verdict"]["summary"]
        self.assertIn(summary, ("malformed", "partial", "bad"))

    def test_partial(self):
        signed = self.world.signed(self.world.anna)
        mixed = (b"Content-Type: multipart/mixed; boundary=\"list\"\r\n\r\n--list\r\n" + signed +
                 b"\r\n--list\r\nContent-Type: text/plain\r\n\r\nListe: bitte hier abmelden\r\n--list--\r\n")
        verdict = self.judged("partial", head() + mixed)
        self.assertFalse(verdict["covers_all"])

    def test_mismatch(self):
        signed = self.world.signed(self.world.anna)
        self.assertFalse(self.judged("mismatch", head("egon@buerger.example") + signed)["signer_is_author"])
        self.judged("mismatch", head(extra=b"From: egon@buerger.example\n") + signed)
        self.judged("mismatch", head(f"{ANNA}, egon@buerger.example") + signed)
        self.judged("mismatch", head(f'"{ANNA}" <egon@buerger.example>') + signed)

    def test_malformed(self):
        signed = head() + self.world.signed(self.world.anna)
        place = signed.index(b"\r\nMI") + 2
        self.judged("malformed", signed[:place] + b"QUJD" * 20 + b"\r\n" + signed[place:])

    def test_none(self):
        self.judged("none", head() + BODY)
        self.assertEqual(self.judged("none", b"Subject: leer\r\n\r\n")["layers"], [])

    def test_a_signed_attachment_is_not_a_signed_message(self):
        forwarded = (b"Content-Type: multipart/mixed; boundary=\"fwd\"\r\n\r\n--fwd\r\nContent-Type: text/plain\r\n\r\n"
                     b"Siehe unten\r\n--fwd\r\nContent-Type: message/rfc822\r\n\r\n" + head() +
                     self.world.signed(self.world.anna) + b"\r\n--fwd--\r\n")
        self.assertNotEqual(self.explained(head() + forwarded)["verdict"]["summary"], "good")


class Encrypted(Case):
    def test_with_and_without_the_key(self):
        octets = head() + self.world.encrypted(self.world.bauamt)
        verdict = self.judged("none", octets)
        self.assertEqual((verdict["encrypted"], verdict["decrypted"]), (True, False))
        self.assertEqual(verdict["layers"][0]["status"], "no_key")
        verdict = self.judged("none", octets, *self.world.bauamt.key())
        self.assertEqual((verdict["encrypted"], verdict["decrypted"]), (True, True))
        self.assertEqual(verdict["layers"][0]["form"], "encryption")

    def test_the_key_as_pem(self):
        verdict = self.judged("none", head() + self.world.encrypted(self.world.bauamt), "--key", self.world.bauamt.pem)
        self.assertTrue(verdict["decrypted"])

    def test_rsa_and_the_keys_of_our_own_authority(self):
        for person in (self.world.ca.issue(BAUAMT, "rsa-3072"), self.world.ours.issue(BAUAMT, "rsa-3072")):
            made = openssl("cms", "-encrypt", "-binary", "-aes256", "-in", self.world.file(BODY),
                           self.world.file(openssl("x509", "-in", person.pem)))
            verdict = self.judged("none", head() + crlf(made), *person.key())
            self.assertEqual((verdict["encrypted"], verdict["decrypted"]), (True, True))

    def test_authenticated_encryption(self):
        verdict = self.judged("none", head() + self.world.encrypted(self.world.bauamt, cipher="-aes-256-gcm"),
                              *self.world.bauamt.key())
        self.assertTrue(verdict["decrypted"])
        self.assertIn("GCM", verdict["layers"][0]["algorithm"])

    def test_signed_then_encrypted(self):
        inner = self.world.signed(self.world.anna)
        octets = head() + self.world.encrypted(self.world.bauamt, inner)
        verdict = self.judged("good", octets, *self.world.bauamt.key())
        self.assertEqual([layer["form"] for layer in verdict["layers"]], ["encryption", "signature"])
        self.assertTrue(verdict["decrypted"])
        self.judged("none", octets)

    def test_encrypted_then_signed(self):
        inner = self.world.encrypted(self.world.bauamt)
        octets = head() + self.world.signed(self.world.anna, inner)
        # Anybody can sign somebody else's sealed text: opened or not, it is the seal that is covered.
        verdict = self.judged("partial", octets, *self.world.bauamt.key())
        self.assertEqual([layer["form"] for layer in verdict["layers"]], ["signature", "encryption"])
        self.assertFalse(self.judged("partial", octets)["covers_all"])

    def test_a_forged_signature_inside_is_called_so(self):
        inner = self.world.signed(self.world.anna).replace(b"hier ist Anna", b"hier ist Egon")
        verdict = self.judged("bad", head() + self.world.encrypted(self.world.bauamt, inner),
                              *self.world.bauamt.key())
        self.assertTrue(verdict["decrypted"])

    def test_a_password_on_the_command_line_is_not_taken(self):
        octets = self.world.file(head() + self.world.encrypted(self.world.bauamt))
        done = self.siegel.run("explain", octets, "--key", f"{self.world.bauamt.p12}:ge:heim")
        self.assertEqual(done.code, NO, done)
        self.assertIn("cannot read", done.err)

    def test_a_broken_ciphertext_is_not_opened(self):
        octets = head() + self.world.encrypted(self.world.bauamt, cipher="-aes-256-gcm")
        place = octets.rindex(b"\r\n\r\n") if octets.endswith(b"\r\n\r\n") else len(octets) - 30
        broken = octets[:place - 40] + b"AAAAAAAA" + octets[place - 32:]
        self.assertFalse(self.explained(broken, *self.world.bauamt.key())["verdict"]["decrypted"])

    def test_a_wrong_password_is_told(self):
        octets = self.world.file(head() + self.world.encrypted(self.world.bauamt))
        done = self.siegel.run("explain", octets, "--key", self.world.bauamt.p12, "--password-file",
                               self.world.file(b"falsch\n"))
        self.assertEqual(done.code, NO, done)
        self.assertIn("password", done.err)
        self.assertNotIn("falsch", done.err)


class Outgoing(Case):
    def outgoing(self, *options, octets=None):
        octets = octets or head(BAUAMT) + BODY
        answer = self.explained(octets, "--side", "inside", "--from", BAUAMT, *options)
        self.assertEqual(answer["annotations"], {})
        return answer["decision"]["routes"]

    def test_with_a_key_it_is_signed_and_without_it_is_not(self):
        [route] = self.outgoing(*self.world.bauamt.key())
        self.assertEqual((route["action"], route["treatment"]["sign"]), ("relay", BAUAMT))
        [route] = self.outgoing()
        self.assertIsNone(route["treatment"]["sign"])

    def test_each_recipient_stands_in_exactly_one_route(self):
        more = [word for i in range(5) for word in ("--to", f"p{i}@buerger.example")]
        routes = self.outgoing(*self.world.bauamt.key(), *more)
        found = sorted(each for route in routes for each in route["recipients"])
        self.assertEqual(found, sorted([BAUAMT] + [f"p{i}@buerger.example" for i in range(5)]))

    def test_a_configuration_gives_the_rules(self):
        config = self.world.root / "siegel.yaml"
        config.write_text("name: gw.stadt.example\ndomains: [stadt.example]\nrelay:\n  listen:\n"
                          "    - {at: '127.0.0.1:0', side: inside, clients: [127.0.0.0/8]}\n  deliver:\n"
                          "    inside: maildir:/nowhere/in\n    world: maildir:/nowhere/out\n"
                          "rules:\n  outgoing:\n    - {from: '*@stadt.example', sign: always, encrypt: required}\n")
        octets = self.world.file(head(BAUAMT) + BODY)
        done = Siegel(PROGRAMS, config).run("explain", octets, "--side", "inside", "--from", BAUAMT, "--to", ANNA,
                                            "--json")
        self.assertEqual(done.code, DONE, done)
        [route] = done.json()["decision"]["routes"]
        self.assertEqual(route["action"], "refuse")
        self.assertEqual(set(route["advice"]), {"de", "en"})


class Hostile(Case):
    def test_no_octets_break_the_json(self):
        signed = self.world.signed(self.world.anna)
        for octets in (b"\xff\xfe\0\0" * 1000, b"Subject: \xff\x1b[31m\xe4\0\r\n\r\nx", b"From: \xe4@\xff\r\n\r\n",
                       b":\r\n" * 5000, b"\r\n\r\n", b"Subject: =?utf-8?B?//79?=\r\nFrom: a@b.example\r\n\r\n",
                       b"From: " + b"a@b.example, " * 20000 + b"\r\n\r\n",
                       head(extra=b"Subject: [signiert] \xe2\x80\xae\xf0\x9f\n") + signed,
                       head().replace(b"Antrag", b"\xff" * 900) + signed,
                       head() + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n" * 20000):
            self.assertIn(self.explained(octets)["verdict"]["summary"], SUMMARIES)

    def test_a_terminal_is_safe(self):
        octets = head().replace(b"Antrag", b"\x1b]0;gehackt\x07 \xc2\x9b31m") + BODY
        done = self.siegel.run("explain", self.world.file(octets), "--to", BAUAMT)
        self.assertEqual(done.code, DONE, done)
        for sign in ("\x1b", "\x07", "\x9b"):
            self.assertNotIn(sign, done.out)

    def test_forged_marks_are_no_input(self):
        forged = b"X-Siegel-Verdict: good\nAuthentication-Results: siegel.invalid; smime=pass\n"
        answer = self.explained(head(extra=forged).replace(b"Antrag", b"[signiert] Antrag") + BODY)
        self.assertEqual(answer["verdict"]["summary"], "none")
        self.assertNotIn("pass", answer["annotations"]["Authentication-Results"])
        self.assertNotIn("signiert]", answer["annotations"]["Subject"])


class Arguments(Case):
    def refused(self, code, word, *arguments):
        done = self.siegel.run("explain", *arguments)
        self.assertEqual(done.code, code, done)
        self.assertIn(word, done.err)
        self.assertEqual(done.out, "")

    def test_what_cannot_be_read_is_told(self):
        mail = self.world.file(head() + BODY)
        self.refused(NO, "folder", self.world.root)
        self.refused(NO, "cannot read", self.world.root / "not-there.eml")
        self.refused(NO, "cannot read", mail, "--trust", self.world.root / "not-there.pem")
        self.refused(NO, "revocation list", mail, "--crl", mail)
        self.refused(NO, "cannot read", mail, "--key", self.world.root / "not-there.p12")
        self.refused(NO, "is empty", self.world.file(b""))

    def test_wrong_usage(self):
        mail = self.world.file(head() + BODY)
        self.refused(USAGE, "side", mail, "--side", "outside")
        for time in ("yesterday", "", "2026-11-22", "2026-11-22 10:00:00Z"):
            self.refused(USAGE, "RFC 3339", mail, "--at", time)
        self.refused(USAGE, "local@domain", mail, "--from", "nobody")
        self.refused(USAGE, "local@domain", mail, "--from", "")
        self.refused(USAGE, "local@domain", mail, "--to", "nobody")
        self.refused(USAGE, "not expected", mail, "--to", ANNA, BAUAMT)

    def test_a_damaged_file_is_told_with_its_name_and_the_block(self):
        mail = self.world.file(head() + BODY)
        root, crl = self.world.ca.certificate.read_bytes(), self.world.crl.read_bytes()
        for option, octets in (("--trust", root + root[:200]), ("--crl", crl + crl[:100])):
            broken = self.world.file(octets)
            self.refused(NO, f"{broken}: PEM block 2", mail, option, broken)
        for option in ("--trust", "--key"):
            self.refused(NO, f"{mail}: ", mail, option, mail)

    def test_a_key_file_without_key_or_certificate_is_refused(self):
        mail = self.world.file(head() + BODY)
        key = self.world.file(openssl("pkey", "-in", self.world.bauamt.pem))
        for file in (self.world.ca.certificate, key):
            self.refused(NO, "together with its certificate", mail, "--key", file)


class Saved(Case):
    """Mail as programs save it."""

    def noted(self, octets, word, *options):
        done = self.siegel.run("explain", self.world.file(octets), "--to", BAUAMT, *options, "--json")
        self.assertEqual(done.code, DONE, done)
        self.assertIn(word, done.err)
        return done.json()

    def test_what_stands_before_the_message_is_left_out(self):
        mail = head() + self.world.signed(self.world.anna)
        for before in (b"From anna@buerger.example Sun Nov 22 02:00:00 2026\r\n", b"From - Sun Nov 22\n",
                       b"\xef\xbb\xbf", b"\xef\xbb\xbfFrom - Sun Nov 22\n"):
            answer = self.noted(before + mail, "left out", "--trust", self.world.ca.certificate, "--crl",
                                self.world.crl)
            self.assertEqual(answer["verdict"]["summary"], "good")

    def test_what_is_no_message_is_noted(self):
        self.noted(b"garbage\n", "no header field")

    def test_the_null_sender(self):
        self.noted(head(extra=b"From: egon@buerger.example\n") + BODY, "taken as null", "--side", "inside")
        done = self.siegel.run("explain", self.world.file(head() + BODY), "--from", "<>", "--to", BAUAMT)
        self.assertEqual((done.code, done.err), (DONE, ""))

    def test_no_configuration_is_needed_but_a_named_one_must_be_right(self):
        mail = self.world.file(head() + BODY)
        done = Siegel(PROGRAMS, self.world.root / "not-there.yaml").run("explain", mail)
        self.assertEqual(done.code, USAGE, done)


class Golden(Case):
    """The frozen table of tests/data/inspect, seen through the program."""

    def test_the_table(self):
        folder = SOURCES / "tests" / "data" / "inspect"
        cases = sorted(folder.glob("*.eml"))
        self.assertTrue(cases)
        for case in cases:
            with self.subTest(case.name):
                expected = case.with_suffix(".expect").read_text().split("\n")[0].strip()
                self.judged(expected, case.read_bytes(), "--at", "2027-01-01T00:00:00Z",
                            trust=[folder / "anchor.pem"], crl=[folder / "crl.pem"])


if __name__ == "__main__":
    PROGRAMS, SOURCES = sys.argv[1], pathlib.Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
