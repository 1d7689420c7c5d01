#!/usr/bin/env python3
"""One confidential mail to four people: one has S/MIME, one OpenPGP, one a certificate that only a directory knows, one
nothing at all. It leaves in four right ways, and explain says why.

usage: four_ways_test.py FOLDER_OF_PROGRAMS
"""

import email
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import discovery_test
import mails
import openpgp_test
import transfer_site

BAUAMT, ID = "bauamt@stadt.example", "vier-wege@stadt.example"
SMIME, PGP, LDAP, NONE = "anna@firma.example", "bert@verein.example", "carla@justiz.example", "dora@nirgends.example"
SECRET = "geheimes Wort 4711"


class Scene:
    def __init__(self, root, programs):
        self.slapd = discovery_test.Slapd(root / "ldap")
        self.site = transfer_site.TransferSite(root / "site", programs)
        self.bert = openpgp_test.Gpg(f"Bert <{PGP}>")
        self.configure_keys()
        self.site.make_authority("citizens")
        self.pem = {address: self.site.issue("citizens", address, "both") for address in (SMIME, LDAP)}
        self.introduce()
        self.site.start_all()

    def configure_keys(self):
        file = self.site.root / "siegel.yaml"
        lists = f"lists: [{self.site.root}/citizens.crl, "
        file.write_text(file.read_text().replace("lists: [", lists) +
                        f"openpgp: {{directory: {self.site.root}/gnupg}}\ndiscovery:\n"
                        f"  ldap: [{{url: \"{self.slapd.url}\", base: \"{discovery_test.BASE}\", domains: [justiz.example]}}]\n"
                        "  patience: 20s\n  wait: 60s\n")

    def introduce(self):
        site = self.site
        site.siegel("key", "make", BAUAMT, "--name", "Bauamt")
        self.bert("--import", stdin=site.siegel("key", "export", BAUAMT).encode())
        site.siegel("peer", "add", SMIME, self.pem[SMIME])
        (site.root / "bert.asc").write_bytes(self.bert("--armor", "--export", PGP))
        site.siegel("peer", "add", PGP, site.root / "bert.asc")
        discovery_test.publish(self.slapd, "Carla", LDAP, self.pem[LDAP])

    def send(self):
        site, everybody = self.site, (SMIME, PGP, LDAP, NONE)
        octets = mails.crlf((f"From: Bauamt <{BAUAMT}>\nTo: {', '.join(everybody)}\nSubject: [vertraulich] Bescheid\n"
                             f"Message-ID: <{ID}>\nContent-Type: text/plain\n\n{SECRET}\n").encode())
        (site.root / "mail.eml").write_bytes(octets)
        site.send_mail(octets, BAUAMT, *everybody)
        self.notice = site.mail("world", f"To: {NONE}", "/m/")[1]
        self.told = site.mail("inside", f"To: {BAUAMT}", NONE)[1]
        transfer_site.wait_for(lambda: len(self.sealed()) >= 2, "the sealed mails")

    def sealed(self):
        """What left for those who have a key: content type → octets."""
        found = {}
        for file in self.site.mails("world"):
            octets = mails.crlf(file.read_bytes())
            if ID.encode() in octets:
                found.setdefault(email.message_from_bytes(octets).get_content_type(), []).append(octets)
        return found

    def close(self):
        self.site.stop_all()
        self.bert.close()
        self.slapd.stop()


def opened_by(scene, octets, address):
    file = scene.site.root / "sealed.eml"
    file.write_bytes(octets)
    return subprocess.run(["openssl", "cms", "-decrypt", "-in", file, "-recip", scene.pem[address]], capture_output=True,
                          check=True).stdout


def each_can_read_it(scene):
    sealed = scene.sealed()
    assert set(sealed) == {"application/pkcs7-mime", "multipart/encrypted"}, set(sealed)
    assert all(SECRET.encode() not in octets for kind in sealed.values() for octets in kind)
    for address in (SMIME, LDAP):
        assert any(SECRET.encode() in opened_by(scene, octets, address) for octets in sealed["application/pkcs7-mime"])
    _, _, content = openpgp_test.split(sealed["multipart/encrypted"][0])
    assert SECRET.encode() in scene.bert("--decrypt", stdin=content.get_payload(decode=True))


def who_has_no_key_picks_it_up(scene):
    assert SECRET not in scene.notice
    password = re.search(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", scene.told).group(0)
    browser = transfer_site.Browser(scene.site)
    link = transfer_site.link_in(scene.notice, "m")
    assert browser.open(link).status == 200
    assert SECRET.encode() in browser.open(link, form={"password": password}).octets


def explain_says_why(scene):
    """In the words for people, and with every recipient in those for programs."""
    plain = scene.site.siegel("explain", "--id", ID)
    why = {}
    for line in plain.splitlines():
        for address in (SMIME, PGP, LDAP, NONE):
            if line.strip().startswith(address + ":"):
                why[address] = line.strip()[len(address) + 2:]
    assert why[SMIME].startswith("encrypted by S/MIME with the key"), plain
    assert why[LDAP].startswith("encrypted by S/MIME with the key") and why[LDAP] != why[SMIME], plain
    assert why[PGP] == f"encrypted by OpenPGP with the key {scene.bert.fingerprint(PGP)}", plain
    assert "left for pickup: no key of this recipient was known" in why[NONE], plain
    record = scene.site.siegel("--json", "explain", "--id", ID)
    assert all(address in record for address in why) and json.loads(record), record


def main():
    # A short path: gpg-agent's socket must fit into 108 octets.
    with tempfile.TemporaryDirectory(prefix="s4-") as root:
        scene = Scene(pathlib.Path(root), sys.argv[1])
        try:
            scene.send()
            transfer_site.hold([each_can_read_it, who_has_no_key_picks_it_up, explain_says_why], scene)
        finally:
            scene.close()


if __name__ == "__main__":
    main()
