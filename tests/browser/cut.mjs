// A TCP proxy that is a bad line: slow towards the server, and cut at will.

import net from 'node:net';

export async function badLine(port, { bytesPerSecond }) {
  const sockets = new Set();
  let broken = false;
  let sent = 0;

  const proxy = net.createServer((client) => {
    if (broken) return client.destroy();
    const server = net.connect(port, '127.0.0.1');
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    server.pipe(client);
    client.on('data', (data) => {
      sent += data.length;
      client.pause();
      setTimeout(() => client.resume(), (1000 * data.length) / bytesPerSecond);
      server.write(data);
    });
    client.on('end', () => server.end());
  });
  await new Promise((done) => proxy.listen(0, '127.0.0.1', done));

  return {
    origin: `http://127.0.0.1:${proxy.address().port}`,
    sent: () => sent,
    cut() {
      broken = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      broken = false;
    },
    close() {
      this.cut();
      proxy.close();
    },
  };
}
