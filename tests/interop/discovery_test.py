#!/usr/bin/env python3
"""A recipient whose certificate only a directory knows: a running siegel-relay, a real slapd, openssl as the reader.

usage: discovery_test.py FOLDER_OF_PROGRAMS
"""

import base64
import pathlib
import smtplib
import socket
import subprocess
import sys
import tempfile
import time

import gateway

BAUAMT, ANNA, BERT = "bauamt@stadt.example", "anna@buerger.example", "bert@buerger.example"
BASE = "o=Bund,c=DE"
SECRET = "geheimes Wort 4711"


class Slapd:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.root.mkdir()
        (self.root / "data").mkdir()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.url = f"ldap://127.0.0.1:{probe.getsockname()[1]}"
        schemas = "".join(f"include /etc/ldap/schema/{name}.schema\n" for name in ("core", "cosine", "inetorgperson"))
        (self.root / "slapd.conf").write_text(
            f"{schemas}moduleload /usr/lib/ldap/back_mdb.so\npidfile {root}/pid\nargsfile {root}/args\n"
            f"database mdb\nsuffix \"{BASE}\"\nrootdn \"cn=admin,{BASE}\"\nrootpw geheim\ndirectory {root}/data\n")
        self.process = subprocess.Popen(["/usr/sbin/slapd", "-f", self.root / "slapd.conf", "-h", self.url, "-d", "0"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while subprocess.run(["ldapsearch", "-x", "-H", self.url, "-b", "", "-s", "base"], capture_output=True,
                             check=False).returncode != 0:
            assert time.monotonic() < deadline, "slapd does not start"
            time.sleep(0.1)
        self.add(f"dn: {BASE}\nobjectClass: organization\no: Bund\n")

    def add(self, ldif):
        subprocess.run(["ldapadd", "-x", "-H", self.url, "-D", f"cn=admin,{BASE}", "-w", "geheim"],
                       input=ldif, text=True, check=True, capture_output=True)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def configure(site, slapd):
    file = site.root / "siegel.yaml"
    text = file.read_text().replace(
        "  outgoing:\n", f"  outgoing:\n    - {{to: \"*@buerger.example\", sign: if-possible, encrypt: required}}\n")
    file.write_text(text + f"discovery:\n  ldap:\n    - {{url: \"{slapd.url}\", base: \"{BASE}\"}}\n"
                    "  patience: 20s\n  wait: 60s\n")


def send(site, to):
    with smtplib.SMTP("127.0.0.1", site.port("inside"), timeout=120) as client:
        client.sendmail(BAUAMT, [to], f"From: <{BAUAMT}>\r\nTo: <{to}>\r\nSubject: Antrag\r\n\r\n{SECRET}\r\n")


def arrived(site):
    deadline = time.monotonic() + 60
    while True:
        files = list((site.root / "world" / "new").glob("*")) if (site.root / "world" / "new").exists() else []
        if files:
            return files[0].read_bytes()
        assert time.monotonic() < deadline, site.log()
        time.sleep(0.1)


def story(root, programs):
    slapd = Slapd(root / "ldap")
    site = gateway.Gateway(root / "gateway", programs)
    try:
        site.configure(f"maildir:{site.root}/inside", f"maildir:{site.root}/world")
        configure(site, slapd)
        for authority in ("authority", "citizens"):
            site.make_authority(authority)
        site.enrol(BAUAMT)
        pem = site.issue("citizens", ANNA, "both")
        publish(slapd, "Anna", ANNA, pem)
        site.start()

        send(site, ANNA)
        mail = arrived(site)
        assert SECRET.encode() not in mail, "the mail left in clear"
        (root / "mail.eml").write_bytes(mail)
        opened = subprocess.run(["openssl", "cms", "-decrypt", "-in", root / "mail.eml", "-recip", pem],
                                capture_output=True, check=True).stdout
        assert SECRET.encode() in opened, opened

        try:
            send(site, BERT)
            raise AssertionError("a mail to somebody without a key was taken")
        except smtplib.SMTPDataError as refusal:
            assert refusal.smtp_code == 550, refusal
        asked = site.siegel("peer", "find", ANNA)
        assert slapd.url in asked and "found" in asked, asked
        ours = site.siegel("publish", "ldif", "--base", BASE)
        slapd.add(ours)
        found = subprocess.run(["ldapsearch", "-x", "-H", slapd.url, "-b", BASE, f"(mail={BAUAMT})"],
                               capture_output=True, text=True, check=True).stdout
        assert "userCertificate;binary::" in found, found
    finally:
        site.stop()
        slapd.stop()


def publish(slapd, name, address, pem):
    der = subprocess.run(["openssl", "x509", "-in", pem, "-outform", "DER"], capture_output=True, check=True).stdout
    slapd.add(f"dn: cn={name},{BASE}\nobjectClass: inetOrgPerson\ncn: {name}\nsn: {name}\nmail: {address}\n"
              f"userCertificate;binary:: {base64.b64encode(der).decode()}\n")


def main():
    with tempfile.TemporaryDirectory(prefix="siegel-discovery-") as folder:
        story(pathlib.Path(folder), sys.argv[1])
    print("discovery: fine")


if __name__ == "__main__":
    main()
