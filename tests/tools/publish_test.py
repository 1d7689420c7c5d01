#!/usr/bin/env python3
"""`siegel publish` and `siegel peer find`, beside the real gpg, a real slapd and a web server.

usage: publish_test.py FOLDER_OF_PROGRAMS FOLDER_OF_SOURCES
"""

import pathlib
import subprocess
import sys
import time
import unittest

import openpgp_test
from installation import ANNA, BAUAMT, Case, closed_port
from program import NO, openssl

import discovery_test

BASE = discovery_test.BASE


class Published(openpgp_test.OpenPgp):
    """What we give to others."""

    def hash_of(self, address):
        """The name of a key in a Web Key Directory, as gpg knows it."""
        listing = self.gpg("--with-wkd-hash", "--list-keys", address).decode()
        [name] = [line.strip().split("@")[0] for line in listing.splitlines()
                  if line.strip().endswith("@" + address.split("@")[1]) and "<" not in line]
        return name

    def ours(self):
        return "stadt.example, kreis.example"

    def setUp(self):
        super().setUp()
        self.config.write_text(self.config.read_text().replace("[stadt.example]", f"[{self.ours()}]"))
        self.tree = self.root / "openpgpkey"

    def test_gpg_finds_our_key_in_the_web_key_directory(self):
        made = self.made()
        done = self.does("--json", "publish", "wkd", self.tree).json()
        self.assertEqual((done["directory"], done["keys"]), (str(self.tree), 1))
        [file] = (self.tree / "stadt.example" / "hu").iterdir()
        self.gpg("--import", file)
        self.assertEqual(self.gpg.fingerprints(BAUAMT)[0], made)
        self.assertEqual(self.hash_of(BAUAMT), file.name)
        self.assertEqual((self.tree / "stadt.example" / "policy").read_bytes(), b"")
        self.assertEqual(list((self.tree / "kreis.example" / "hu").iterdir()), [])

    def test_a_folder_that_holds_something_else_leaves_all_as_it_was(self):
        self.made()
        self.does("publish", "wkd", self.tree)
        [file] = (self.tree / "stadt.example" / "hu").iterdir()
        file.write_bytes(b"as it was")
        page = self.tree / "kreis.example" / "index.html"
        page.write_text("Kreis Beispiel")
        self.refuses(NO, ["index.html", "folder of its own"], "publish", "wkd", self.tree)
        self.assertEqual(file.read_bytes(), b"as it was")
        self.assertEqual(page.read_text(), "Kreis Beispiel")
        page.unlink()
        self.does("publish", "wkd", self.tree)
        self.assertNotEqual(file.read_bytes(), b"as it was")

    def test_a_directory_takes_our_ldif_and_gives_the_certificate(self):
        self.authority()
        self.does("mailbox", "add", BAUAMT, "--name", "Bauamt der Stadt")
        p12 = self.p12()
        self.does("cert", "import", BAUAMT, p12, "--password-file", self.password)
        slapd = discovery_test.Slapd(self.root / "ldap")
        self.addCleanup(slapd.stop)
        file = self.root / "ours.ldif"
        self.assertEqual(self.does("--json", "publish", "ldif", file, "--base", BASE).json()["mailboxes"], 1)
        self.assertEqual(file.read_text(), self.does("publish", "ldif", "--base", BASE).out)
        slapd.add(file.read_text())
        subprocess.run(["ldapsearch", "-x", "-H", slapd.url, "-b", BASE, "-t", "-T", self.root, f"(mail={BAUAMT})",
                        "userCertificate;binary"], check=True, capture_output=True)
        [given] = self.root.glob("ldapsearch-userCertificate*")
        self.assertEqual(given.read_bytes(), openssl("x509", "-in", self.pem(p12), "-outform", "DER"))


class Found(openpgp_test.OpenPgp):
    """What others give to us."""

    COLUMNS = ["asked", "came", "outcome", "keys", "learned", "note"]

    def discovers(self, text):
        self.config.write_text(self.config.read_text() + f"discovery:\n  patience: 20s\n{text}")

    def trusts(self):
        """An authority whose list a relay has loaded: what is learned has to be good beyond doubt."""
        self.authority()
        self.gateway.start()

    def find(self, *options):
        done = self.does("--json", "peer", "find", ANNA, *options).json()
        for row in done:
            self.assertEqual(list(row), self.COLUMNS)
        return done

    def test_a_certificate_of_a_directory_is_kept_only_if_it_is_to_be_learned(self):
        self.trusts()
        slapd = discovery_test.Slapd(self.root / "ldap")
        self.addCleanup(slapd.stop)
        discovery_test.publish(slapd, "Anna", ANNA, self.pem(self.p12(ANNA)))
        self.discovers(f"  ldap:\n    - {{url: \"{slapd.url}\", base: \"{BASE}\"}}\n")
        [row] = self.find()
        self.assertEqual((row["outcome"], len(row["keys"]), row["learned"]), ("found", 1, []))
        self.assertEqual(self.peers(), [])
        [row] = self.find("--learn")
        self.assertEqual(row["learned"], ["added"])
        [peer] = self.peers()
        self.assertEqual((peer["address"], peer["state"], peer["came"]), (ANNA, "in use", row["came"]))
        [row] = self.find("--learn")
        self.assertEqual(row["learned"], ["unchanged"])

    def test_a_certificate_that_nobody_trusts_is_shown_and_not_learned(self):
        self.trusts()
        self.stranger("fremd")
        slapd = discovery_test.Slapd(self.root / "ldap")
        self.addCleanup(slapd.stop)
        discovery_test.publish(slapd, "Anna", ANNA, self.pem(self.p12(ANNA, authority="fremd")))
        self.discovers(f"  ldap:\n    - {{url: \"{slapd.url}\", base: \"{BASE}\"}}\n")
        [row] = self.find("--learn")
        self.assertEqual((row["outcome"], row["learned"]), ("found", ["ignored"]))
        self.assertEqual(self.peers(), [])

    def web_server(self, host):
        """The ports of a web server with a certificate for `host`, and of the proxy that leads to it."""
        tls = self.root / "tls"
        tls.mkdir()
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-keyout", tls / "key.pem", "-out",
                tls / "certificate.pem")
        (self.root / "web").mkdir()
        port, proxy = closed_port(), closed_port()
        script = pathlib.Path(__file__).resolve().parent.parent / "pki" / "discovery" / "web_server.py"
        server = subprocess.Popen([sys.executable, script, str(port), str(proxy), tls / "certificate.pem",
                                   tls / "key.pem", self.root / "web"], stdout=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        self.listens(port)
        self.listens(proxy)
        return proxy

    def listens(self, port):
        deadline = time.monotonic() + 30
        while True:
            try:
                discovery_test.socket.create_connection(("127.0.0.1", port)).close()
                return
            except OSError:
                self.assertLess(time.monotonic(), deadline, "the web server does not start")
                time.sleep(0.1)

    def test_an_openpgp_key_of_a_web_key_directory_is_learned(self):
        domain = ANNA.split("@")[1]
        made = self.gpg.makes(f"Anna <{ANNA}>")
        proxy = self.web_server(f"openpgpkey.{domain}")
        folder = self.root / "web" / ".well-known" / "openpgpkey" / domain / "hu"
        folder.mkdir(parents=True)
        (folder / Published.hash_of(self, ANNA)).write_bytes(self.gpg("--export", ANNA))
        self.discovers(f"  wkd: {{enabled: true, proxy: \"127.0.0.1:{proxy}\", "
                       f"ca_file: {self.root}/tls/certificate.pem}}\n")
        [row] = self.find("--learn")
        self.assertEqual((row["asked"], row["outcome"], row["keys"], row["learned"]),
                         (f"wkd of {domain}", "found", [made], ["added"]), row)
        [peer] = self.peers()
        self.assertEqual((peer["scheme"], peer["address"], peer["state"]), ("openpgp", ANNA, "in use"))

    def test_who_asks_nobody_is_told_so(self):
        self.refuses(NO, ["discovery:"], "peer", "find", ANNA)


class NotSetUp(Case):
    def test_a_web_key_directory_needs_openpgp(self):
        self.refuses(NO, ["openpgp:"], "publish", "wkd", self.root / "tree")


if __name__ == "__main__":
    Case.programs = sys.argv[1]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
