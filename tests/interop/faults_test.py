#!/usr/bin/env python3
"""What goes wrong around a relay: a bad configuration, a locked database, a full disk, a stop in the middle.

For each: a clear answer, nothing lost, and the daemon lives on.

usage: faults_test.py FOLDER_OF_PROGRAMS
"""

import pathlib
import smtplib
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

import gateway
import mails


class Scene:
    def __init__(self, root, programs):
        self.root = pathlib.Path(root)
        self.relay = gateway.Gateway(self.root / "gateway", programs)
        self.relay.configure(f"maildir:{root}/inside", f"maildir:{root}/world")
        for name in ("authority", "citizens"):
            self.relay.make_authority(name)
        self.relay.enrol(mails.BAUAMT)
        self.anna = self.relay.issue("citizens", mails.ANNA, "both")
        self.relay.start()

    def send(self, side, octets, sender, recipient):
        """The reply to the end of DATA: code and text."""
        with smtplib.SMTP("127.0.0.1", self.relay.port(side), timeout=60) as client:
            client.ehlo()
            assert client.mail(sender)[0] == 250
            assert client.rcpt(recipient)[0] == 250
            return client.data(octets)

    def send_out(self, name, body="x\n"):
        octets = mails.crlf(mails.head(name, mails.BAUAMT, mails.ANNA) + "Content-Type: text/plain\n\n" + body)
        return self.send("inside", octets, mails.BAUAMT, mails.ANNA)

    def send_in(self, name):
        crypto = mails.Crypto(self.anna, self.anna, self.root)
        signed = crypto.sign(b"Content-Type: text/plain\r\n\r\nvon Anna\r\n")
        octets = mails.crlf(mails.head(name, mails.ANNA, mails.BAUAMT).encode() + signed)
        return self.send("world", octets, mails.ANNA, mails.BAUAMT)


def wait_for(text, log, seconds=10):
    deadline = time.monotonic() + seconds
    while text not in log():
        assert time.monotonic() < deadline, f"{text} never came: {log()[-1500:]}"
        time.sleep(0.05)


def wait_for_arrival(scene, folder, name):
    deadline = time.monotonic() + 20
    while not any(name.encode() in path.read_bytes() for path in (scene.root / folder / "new").glob("*")):
        assert time.monotonic() < deadline, f"{name} never arrived"
        time.sleep(0.05)


def a_bad_configuration_leaves_the_old_one_in_force(scene):
    file = scene.relay.root / "siegel.yaml"
    good = file.read_text()
    file.write_text(good.replace("domains:", "domans:"))
    scene.relay.process.send_signal(1)
    wait_for("event=reload_refused", scene.relay.log)
    assert "domains" in scene.relay.log().split("reload_refused")[1], "the log does not name the right spelling"
    assert scene.send_out("after-bad-config")[0] == 250
    file.write_text(good)
    scene.relay.process.send_signal(1)
    wait_for("event=reloaded", scene.relay.log)


def a_locked_database_is_a_temporary_failure(scene):
    database = sqlite3.connect(scene.relay.root / "data" / "siegel.db", isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    code, text = scene.send_in("while-locked")
    assert code == 451, (code, text)
    database.execute("ROLLBACK")
    database.close()
    assert scene.send_in("after-the-lock")[0] == 250
    wait_for_arrival(scene, "inside", "after-the-lock")


def a_full_disk_is_a_temporary_failure(scene):
    data = scene.relay.root / "data"
    filler = data / "filler"
    subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=64k"], check=False, capture_output=True)
    code, text = scene.send_out("while-full")
    assert code in (451, 452), (code, text)
    filler.unlink()
    assert scene.send_out("after-full")[0] == 250
    wait_for_arrival(scene, "world", "after-full")
    assert not any(b"while-full" in path.read_bytes() for path in (scene.root / "world" / "new").glob("*"))


def a_stop_lets_a_running_transaction_end(scene):
    client = smtplib.SMTP("127.0.0.1", scene.relay.port("inside"), timeout=30)
    client.ehlo()
    client.mail(mails.BAUAMT)
    client.rcpt(mails.ANNA)
    client.docmd("DATA")
    scene.relay.process.terminate()
    time.sleep(0.3)
    octets = mails.crlf(mails.head("while-stopping", mails.BAUAMT, mails.ANNA) + "\nx\n")
    client.send(octets + b".\r\n")
    code, text = client.getreply()
    assert code == 250, (code, text)
    code, text = client.getreply()  # RFC 5321 §3.8: and then it says goodbye
    assert code == 421, (code, text)
    client.close()
    assert scene.relay.process.wait(timeout=30) == 0
    scene.relay.process = None
    scene.relay.start()
    wait_for_arrival(scene, "world", "while-stopping")


def a_stop_does_not_wait_for_a_next_hop_that_hangs(scene):
    file = scene.relay.root / "siegel.yaml"
    good = file.read_text()
    with socket.create_server(("127.0.0.1", 0)) as hop:  # takes connections and never says a word
        file.write_text(good.replace(f"maildir:{scene.root}/world", f"smtp://127.0.0.1:{hop.getsockname()[1]}"))
        reloads = scene.relay.log().count("event=reloaded")
        scene.relay.process.send_signal(1)
        while scene.relay.log().count("event=reloaded") == reloads:
            time.sleep(0.05)
        assert scene.send_out("while-hanging")[0] == 250
        hop.settimeout(20)
        with hop.accept()[0]:
            scene.relay.process.terminate()
            assert scene.relay.process.wait(timeout=40) == 0
    scene.relay.process = None
    file.write_text(good)
    scene.relay.start()
    wait_for_arrival(scene, "world", "while-hanging")


def nobody_is_an_open_relay(scene):
    with smtplib.SMTP("127.0.0.1", scene.relay.port("world"), timeout=10) as client:
        client.ehlo()
        client.mail("mallory@evil.example")
        code, _ = client.rcpt("victim@elsewhere.example")
        assert code == 550, code


def garbage_does_not_hurt(scene):
    for octets in (b"\0" * 5000, b"EHLO " + b"x" * 100000, b"\xff\xfe\r\n" * 1000):
        with socket.create_connection(("127.0.0.1", scene.relay.port("world")), timeout=10) as peer:
            try:
                peer.sendall(octets)
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(4096):
                    pass
            except OSError:
                pass  # the relay may hang up on it
    assert scene.send_out("after-garbage")[0] == 250


CASES = [a_bad_configuration_leaves_the_old_one_in_force, a_locked_database_is_a_temporary_failure,
         nobody_is_an_open_relay, garbage_does_not_hurt, a_stop_lets_a_running_transaction_end,
         a_stop_does_not_wait_for_a_next_hop_that_hangs]


def play(programs, root, cases):
    scene = Scene(root, programs)
    try:
        for case in cases:
            case(scene)
            assert scene.relay.process.poll() is None, "the daemon has ended"
            print("held:", case.__name__.replace("_", " "))
    finally:
        scene.relay.stop()


def main():
    with tempfile.TemporaryDirectory(prefix="siegel-faults-") as root:
        play(sys.argv[1], root, CASES)
    with tempfile.TemporaryDirectory(prefix="siegel-full-") as root:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", root], check=True)
        try:
            play(sys.argv[1], root, [a_full_disk_is_a_temporary_failure])
        finally:
            subprocess.run(["umount", root], check=True)


if __name__ == "__main__":
    main()
