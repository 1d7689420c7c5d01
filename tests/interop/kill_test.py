#!/usr/bin/env python3
"""kill -9 between DATA and delivered: after a 250 the mail is there, whole.

Clients send without a pause while the relay is killed and started again. Every mail that got its 250 must
arrive, signed and whole; what got no 250 may arrive too (the reply was lost), but whole as well.

usage: kill_test.py FOLDER_OF_PROGRAMS
"""

import pathlib
import random
import re
import smtplib
import sys
import tempfile
import threading
import time

import gateway
import mails

ROUNDS, CLIENTS = 12, 4


class Sender(threading.Thread):
    """Sends numbered mails until told to stop; remembers those that got their 250."""

    def __init__(self, number, port, stop):
        super().__init__()
        self.number, self.port, self.stop, self.queued, self.sent = number, port, stop, set(), 0

    def run(self):
        while not self.stop.is_set():
            try:
                with smtplib.SMTP("127.0.0.1", self.port(), timeout=10) as client:
                    while not self.stop.is_set():
                        self.send(client)
            except (OSError, smtplib.SMTPException):
                time.sleep(0.02)  # killed: its successor is about to listen

    def send(self, client):
        name = f"kill-{self.number}-{self.sent}"
        self.sent += 1
        body = f"Content-Type: text/plain\n\nbegin {name}\n" + "x" * 70 + f"\nend {name}\n"
        octets = mails.crlf(mails.head(name, mails.BAUAMT, "anna@buerger.example") + body)
        client.sendmail(mails.BAUAMT, ["anna@buerger.example"], octets)
        self.queued.add(name)


def arrived(folder):
    """Names of the mails in the maildir; fails for one that is not whole."""
    names = []
    for path in (folder / "new").glob("*"):
        octets = path.read_bytes()
        name = re.search(rb"X-Test-Name: (\S+)", octets).group(1).decode()
        whole = f"begin {name}".encode() in octets and f"end {name}".encode() in octets and b"smime.p7s" in octets
        assert whole and octets.rstrip().endswith(b"--"), f"{name} is torn"
        names.append(name)
    return names


def kill_again_and_again(relay, stop):
    dice = random.Random(4)
    for _ in range(ROUNDS):
        time.sleep(dice.uniform(0.1, 0.8))
        relay.stop(kill=True)
        relay.start()
    time.sleep(0.5)
    stop.set()


def main():
    with tempfile.TemporaryDirectory(prefix="siegel-kill-") as root:
        root = pathlib.Path(root)
        relay = gateway.Gateway(root / "gateway", sys.argv[1])
        relay.configure(f"maildir:{root}/inside", f"maildir:{root}/world")
        for name in ("authority", "citizens"):
            relay.make_authority(name)
        relay.enrol(mails.BAUAMT)
        relay.start()
        stop = threading.Event()
        senders = [Sender(i, lambda: relay.port("inside"), stop) for i in range(CLIENTS)]
        for sender in senders:
            sender.start()
        try:
            kill_again_and_again(relay, stop)
        finally:
            stop.set()
            for sender in senders:
                sender.join()
        queued = set().union(*(sender.queued for sender in senders))
        assert len(queued) > 50, f"only {len(queued)} mails got through: the test proves nothing"
        deadline = time.monotonic() + 90
        while not queued <= set(arrived(root / "world")) and time.monotonic() < deadline:
            time.sleep(0.5)
        relay.stop()
        there = arrived(root / "world")
        missing = queued - set(there)
        assert not missing, f"{len(missing)} of {len(queued)} mails were lost after their 250: {sorted(missing)[:5]}"
        print(f"{ROUNDS} kills, {len(queued)} mails with a 250: none lost, none torn, "
              f"{len(there) - len(set(there))} doubled")


if __name__ == "__main__":
    main()
