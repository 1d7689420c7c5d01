"""A Postfix of its own, in a temporary folder: real programs, free ports, loopback only."""

import pathlib
import re
import shutil
import socket
import subprocess
import time

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

MAIN = """\
compatibility_level = 3.6
myhostname = {name}
inet_interfaces = loopback-only
inet_protocols = ipv4
queue_directory = {root}/queue
data_directory = {root}/data
maillog_file_prefixes = {root}
maillog_file = {root}/maillog
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
local_recipient_maps =
smtp_dns_support_level = disabled
smtp_host_lookup = native
message_size_limit = 60000000
mailbox_size_limit = 0
virtual_mailbox_limit = 0
virtual_mailbox_base = {root}
virtual_mailbox_maps = regexp:{root}/mailboxes
virtual_mailbox_domains = {domains}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
minimal_backoff_time = 1s
queue_run_delay = 1s
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens on port {port}")


class Postfix:
    """Final mail for `domains` ends in the maildir `root/mail`."""

    def __init__(self, root, name, domains):
        import pwd

        self.root = pathlib.Path(root)
        self.port = free_port()
        user = pwd.getpwnam("postfix")
        for folder in ("", "conf", "queue", "data"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        shutil.chown(self.root / "data", "postfix")
        (self.root / "mail").mkdir()
        shutil.chown(self.root / "mail", "postfix", "postfix")
        (self.root / "mailboxes").write_text("/./ mail/\n")
        self.main = MAIN.format(root=self.root, name=name, domains=" ".join(domains), uid=user.pw_uid,
                                gid=user.pw_gid)
        self.master = MASTER.format(port=self.port)

    def configure(self, main="", master=""):
        self.main += main
        self.master += master

    def _run(self, word):
        return subprocess.run(["postfix", "-c", str(self.root / "conf"), word], capture_output=True, text=True)

    def start(self):
        (self.root / "conf" / "main.cf").write_text(self.main)
        (self.root / "conf" / "master.cf").write_text(self.master)
        started = self._run("start")
        if started.returncode != 0:
            raise RuntimeError(f"postfix does not start: {started.stderr}")
        wait_for_port(self.port)

    def stop(self):
        self._run("stop")

    def log(self):
        path = self.root / "maillog"
        return path.read_text(errors="replace") if path.exists() else ""

    def waiting(self):
        """Messages that are still in one of the queues."""
        folders = ("maildrop", "incoming", "active", "deferred", "hold")
        return sum(1 for folder in folders for path in (self.root / "queue" / folder).rglob("*") if path.is_file())

    def mails(self):
        return [path.read_bytes() for path in sorted((self.root / "mail" / "new").glob("*"))]


def connector(path, **values):
    """A connector file of deploy/ with the parameters it asks for set above it."""
    lines = [f"{name} = {value}" for name, value in values.items()]
    return "\n".join(lines) + "\n" + pathlib.Path(path).read_text()


def on_port(text, port):
    return re.sub(r"127\.0\.0\.1:\d+ inet", f"127.0.0.1:{port} inet", text)
