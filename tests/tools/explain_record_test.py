#!/usr/bin/env python3
"""`siegel explain --id` and `--recipient`: why mail that has passed a real relay was treated as it was.

usage: explain_record_test.py FOLDER_OF_PROGRAMS FOLDER_OF_SOURCES
"""

import hashlib
import smtplib
import sys
import time
import unittest

import installation
import mails
from installation import ANNA, BAUAMT
from program import DONE, NO, USAGE, openssl

DECISION = ["id", "message_id", "at", "side", "sender", "verdict", "routes"]
LIST = ["id", "at", "from", "action", "encrypted", "signed", "why"]


class Case(installation.Case):
    programs = sys.argv[1]

    def sends(self, name, recipients=(ANNA,), sender=BAUAMT, extra=""):
        """A mail from inside; gives the id that the relay's reply names."""
        octets = mails.crlf(mails.head(name, sender, recipients[0], extra) + "\nGeheimnis\n")
        with smtplib.SMTP("127.0.0.1", self.gateway.port("inside"), timeout=30) as client:
            client.ehlo()
            client.mail(sender)
            for recipient in recipients:
                client.rcpt(recipient)
            code, text = client.data(octets)
        return code, text.decode()

    def explained(self, *question):
        """The answer, as soon as it is written: mail does not wait for it."""
        for _ in range(200):
            done = self.siegel.run("explain", *question, "--json")
            if done.code == DONE:
                return done.json()
            time.sleep(0.05)
        raise AssertionError(f"nothing is known: {done}")

    def test_why_a_mail_was_not_encrypted(self):
        self.gateway.start()
        self.sends("antrag")
        found = self.explained("--id", "antrag@stadt.example")
        self.assertEqual(len(found), 1)
        self.assertEqual(list(found[0]), DECISION)
        recipient = found[0]["routes"][0]["recipients"][0]
        self.assertEqual(recipient["address"], ANNA)
        self.assertFalse(recipient["encrypted"])
        self.assertEqual(recipient["not_encrypted_because"], "no-key")
        for way in (f"<antrag@stadt.example>", found[0]["id"], found[0]["id"] + ".1"):
            self.assertEqual(self.explained("--id", way)[0]["id"], found[0]["id"])
        words = self.does("explain", "--id", "<antrag@stadt.example>").out.splitlines()
        self.assertIn(f"{ANNA}: not encrypted: no key of this recipient was known", words[1])
        self.assertNotIn("Geheimnis", "\n".join(words))
        self.assertNotIn("Vorgang", "\n".join(words))

    def test_with_which_keys_it_was_signed_and_encrypted(self):
        self.has_mailbox()
        self.does("cert", "import", BAUAMT, self.p12(), "--password-file", self.password)
        peer = self.pem(self.p12(ANNA))
        self.does("peer", "add", ANNA, peer)
        self.gateway.start()
        self.sends("vertraulich", (ANNA, "otto@buerger.example"))
        routes = self.explained("--id", "vertraulich@stadt.example")[0]["routes"]
        self.assertEqual(len(routes), 2)
        self.assertEqual([route["encrypted_by"] for route in routes], ["smime", None])
        der = openssl("x509", "-in", peer, "-outform", "DER")
        self.assertEqual(routes[0]["recipients"][0]["key"].replace(":", "").lower(),
                         hashlib.sha256(der).hexdigest())
        self.assertEqual(routes[1]["recipients"][0]["not_encrypted_because"], "no-key")
        for route in routes:
            self.assertEqual(route["signed_by"], "smime")

    def test_the_list_of_a_recipient(self):
        self.gateway.start()
        for name in ("eins", "zwei"):
            self.sends(name)
        self.explained("--id", "zwei@stadt.example")
        rows = self.rows(LIST, "explain", "--recipient", ANNA)
        self.assertEqual(len(rows), 2)
        self.assertEqual(len(self.does("explain", "--recipient", ANNA, "--since", "1d", "--json").json()), 2)
        self.refuses(NO, ["nothing is known of"], "explain", "--recipient", "eva@x.example")
        self.refuses(USAGE, ["7d"], "explain", "--recipient", ANNA, "--since", "yesterday")

    def test_refused_mail_is_explained_too(self):
        text = self.config.read_text().replace("encrypt: if-possible", "encrypt: required")
        self.config.write_text(text)
        self.gateway.start()
        code, _ = self.sends("refused")
        self.assertEqual(code // 100, 5)
        route = self.explained("--id", "refused@stadt.example")[0]["routes"][0]
        self.assertEqual(route["action"], "refuse")
        self.assertIn("refused, nothing was sent", route["recipients"][0]["in_words"])

    def test_it_is_known_after_a_restart(self):
        self.gateway.start()
        self.sends("antrag")
        self.explained("--id", "antrag@stadt.example")
        self.gateway.stop(kill=True)
        self.gateway.start()
        self.assertEqual(len(self.explained("--id", "antrag@stadt.example")), 1)

    def test_what_is_not_known(self):
        self.refuses(NO, ["nothing is known of", "keep_decisions"], "explain", "--id", "nobody@x.example")
        self.refuses(USAGE, [], "explain", "--id", "x", "mail.eml")
        self.refuses(USAGE, ["--id"], "explain")

    def test_mail_goes_on_where_decisions_cannot_be_kept(self):
        (self.gateway.root / "data" / "decisions.db").write_text("this is no database" * 100)
        self.gateway.start()
        self.assertEqual(self.sends("antrag")[0], 250)
        for _ in range(200):
            if "event=decisions_lost" in self.gateway.log():
                break
            time.sleep(0.05)
        self.assertIn("event=decisions_lost", self.gateway.log())
        self.assertEqual(self.sends("zweiter")[0], 250)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
