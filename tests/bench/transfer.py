"""Large files, side by side: siegel-transfer (sealing at rest) and nginx (DAV PUT, static file), over HTTPS on loopback.

Prints a table of what both do in the same run: MB/s by the clock of the client, and the server's own CPU seconds. It
asserts that every octet arrived, and no time. `transfer.py PROGRAMS [GiB]`"""

import hashlib
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "interop"))
from transfer_site import Browser, TransferSite, free_port, link_in, wait_for  # noqa: E402

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")

NGINX = """\
worker_processes 2;
daemon off;
error_log {root}/error.log;
pid {root}/pid;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {root}/body;
  proxy_temp_path {root}/unused1; fastcgi_temp_path {root}/unused2; uwsgi_temp_path {root}/unused3;
  scgi_temp_path {root}/unused4;
  client_max_body_size 0;
  sendfile on;
  keepalive_timeout 300;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    root {root}/files;
    location / {{ dav_methods PUT; }}
  }}
}}
"""


class Server:
    """What is measured of a server: the CPU time and the memory of all its processes."""

    def __init__(self, pid):
        self.pid = pid

    def processes(self):
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]

    def cpu(self):
        total = 0
        for pid in self.processes():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / CLOCK_TICKS

    def memory(self, word):
        """VmRSS or VmHWM, in MB."""
        total = 0
        for pid in self.processes():
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith(word):
                    total += int(line.split()[1])
        return total / 1024


def curl(site, *words):
    """Seconds that it took."""
    begin = time.monotonic()
    subprocess.run(["curl", "--silent", "--show-error", "--fail", "--cacert", str(site.root / "portal.pem"),
                    *map(str, words)], check=True)
    return time.monotonic() - begin


def measured(server, work):
    before = server.cpu()
    seconds = work()
    return seconds, server.cpu() - before


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Bench:
    def __init__(self, root, programs, octets):
        self.root, self.octets = root, octets
        self.site = TransferSite(root / "site", programs,
                                 limits=", connections_per_client: 3000, downloads: 100000")
        config = self.site.root / "siegel.yaml"
        config.write_text("\n".join(line for line in config.read_text().split("\n") if "clamd:" not in line))
        self.big, self.small = root / "big", root / "small"
        for path, size in ((self.big, octets), (self.small, 20_000_000)):
            with path.open("wb") as file:
                for at in range(0, size, 1 << 24):
                    file.write(os.urandom(min(1 << 24, size - at)))
        self.sums = {path: sha256(path) for path in (self.big, self.small)}

    def start(self):
        self.site.start()
        self.site.start_portal()
        self.browser = Browser(self.site)
        self.browser.sign_in("bauamt@stadt.example")
        folder = self.root / "nginx"
        (folder / "files").mkdir(parents=True)
        self.nginx_port = free_port()
        (folder / "conf").write_text(NGINX.format(root=folder, port=self.nginx_port,
                                                  certificate=self.site.root / "portal.pem",
                                                  key=self.site.root / "portal.key"))
        os.chmod(self.root, 0o755)  # nginx's workers are another user where root starts it
        subprocess.run(["chmod", "-R", "a+rwX", str(folder)], check=True)
        self.nginx_process = subprocess.Popen(["nginx", "-c", str(folder / "conf")], stderr=subprocess.DEVNULL)
        self.nginx_url = f"https://localhost:{self.nginx_port}"
        wait_for(lambda: answers(self.nginx_port), "nginx")
        self.siegel, self.nginx = Server(self.site.portal.pid), Server(self.nginx_process.pid)

    def stop(self):
        self.site.stop_all()
        self.nginx_process.terminate()
        self.nginx_process.wait()

    def upload_to_siegel(self, path, name):
        """One PATCH; then a parcel of it: (seconds of the PATCH, its link)."""
        status, head, _ = self.browser.open("/uploads", method="POST", data=b"", headers={
            "Tus-Resumable": "1.0.0", "Upload-Length": str(path.stat().st_size), "X-Siegel-Token": self.browser.token})
        assert status == 201, status
        seconds = curl(self.site, "--request", "PATCH", "--upload-file", path, "--header", "Tus-Resumable: 1.0.0",
                       "--header", "Upload-Offset: 0", "--header", "Content-Type: application/offset+octet-stream",
                       "--header", "Expect:", self.site.url + head["Location"])
        status, _, page = self.browser.post("/transfers", upload=head["Location"].rsplit("/", 1)[1], days="14",
                                            recipients=f"{name}@buerger.example")
        assert status == 200, page.decode()
        _, text = self.site.mail("world", f"To: {name}@buerger.example")
        return seconds, link_in(text, "d")

    def ticket(self, link):
        """The URL behind which the file lies for a day."""
        done = subprocess.run(["curl", "--silent", "--fail", "--cacert", str(self.site.root / "portal.pem"), "--data",
                               "file=0", "--output", "/dev/null", "--write-out", "%{redirect_url}", link],
                              capture_output=True, text=True, check=True)
        return done.stdout

    def download(self, url, of):
        out = self.root / "out"
        seconds = curl(self.site, "--output", out, url)
        assert sha256(out) == self.sums[of], f"{url} gave other octets"
        out.unlink()
        return seconds

    def one_file(self):
        link = None

        def to_siegel():
            nonlocal link
            seconds, link = self.upload_to_siegel(self.big, "anna")
            return seconds

        siegel_up = measured(self.siegel, to_siegel)
        nginx_up = measured(self.nginx, lambda: curl(self.site, "--upload-file", self.big, "--header", "Expect:",
                                                     self.nginx_url + "/big"))
        url = self.ticket(link)
        siegel_down = measured(self.siegel, lambda: self.download(url, self.big))
        nginx_down = measured(self.nginx, lambda: self.download(self.nginx_url + "/big", self.big))
        self.row(f"upload, {self.octets >> 20} MiB", siegel_up, nginx_up)
        self.row(f"download, {self.octets >> 20} MiB", siegel_down, nginx_down)

    def row(self, what, siegel, nginx, octets=None):
        octets = octets or self.octets
        speed = [octets / 1e6 / one[0] for one in (siegel, nginx)]
        cpu = [one[1] * (1 << 30) / octets for one in (siegel, nginx)]
        print(f"| {what} | {speed[0]:.0f} | {speed[1]:.0f} | {speed[0] / speed[1]:.2f} | {cpu[0]:.2f} | {cpu[1]:.2f} |")

    def many_downloads(self, count=200):
        _, link = self.upload_to_siegel(self.small, "ben")
        curl(self.site, "--upload-file", self.small, self.nginx_url + "/small")
        url = self.ticket(link)
        size = self.small.stat().st_size

        def fetch(one):
            begin = time.monotonic()
            running = [subprocess.Popen(["curl", "--silent", "--fail", "--cacert", str(self.site.root / "portal.pem"),
                                         "--output", "/dev/null", "--write-out", "%{size_download}", one],
                                        stdout=subprocess.PIPE, text=True) for _ in range(count)]
            assert all(int(each.communicate()[0]) == size and each.returncode == 0 for each in running)
            return time.monotonic() - begin

        siegel = measured(self.siegel, lambda: fetch(url))
        nginx = measured(self.nginx, lambda: fetch(self.nginx_url + "/small"))
        self.row(f"{count} downloads of 20 MB at once", siegel, nginx, octets=count * size)
        print(f"\npeak memory (VmHWM): siegel-transfer {self.siegel.memory('VmHWM'):.0f} MB, "
              f"nginx {self.nginx.memory('VmHWM'):.0f} MB")

    def idle_connections(self, count=2000):
        trust = ssl.create_default_context(cafile=str(self.site.root / "portal.pem"))
        held = []
        for _ in range(count):
            line = socket.create_connection(("127.0.0.1", self.site.portal_port), timeout=60)
            held.append(trust.wrap_socket(line, server_hostname="localhost"))
        status, _, _ = self.browser.open("/")
        assert status == 200
        print(f"{count} idle TLS connections: {self.siegel.memory('VmRSS'):.0f} MB in all, "
              f"and the next visitor is served")
        for one in held:
            one.close()


def answers(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def main():
    sys.stdout.reconfigure(line_buffering=True)
    programs = sys.argv[1]
    octets = int(float(sys.argv[2] if len(sys.argv) > 2 else 1) * (1 << 30))
    with tempfile.TemporaryDirectory(prefix="siegel-bench-") as root:
        bench = Bench(pathlib.Path(root), programs, octets)
        try:
            bench.start()
            print("| what | Siegel MB/s | nginx MB/s | ratio | Siegel CPU s/GiB | nginx CPU s/GiB |")
            print("|---|---|---|---|---|---|")
            bench.one_file()
            bench.many_downloads()
            bench.idle_connections()
        finally:
            bench.stop()


if __name__ == "__main__":
    main()
