// A TCP proxy that is a bad line: as slow towards the server as one likes, and cut at will.

import net from 'node:net';
import { Transform, pipeline } from 'node:stream';

/** From `listen` to `port`, both on loopback. */
export async function badLine(port, listen) {
  const clients = new Set();
  let broken = false;
  let sent = 0;
  let rate = Infinity;
  let end = Infinity;

  function cut() {
    broken = true;
    end = Infinity;
    for (const client of clients) client.destroy();
  }

  const counted = () =>
    new Transform({
      transform(data, _, done) {
        sent += data.length;
        if (sent >= end) cut();
        setTimeout(done, (1000 * data.length) / rate, null, data);
      },
    });

  // Half open: whoever has said all may still be told something, and none of it is lost.
  const proxy = net.createServer({ allowHalfOpen: true }, (client) => {
    if (broken) return client.destroy();
    clients.add(client);
    client.on('close', () => clients.delete(client));
    const server = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    // A line that breaks is no error here; pipeline() closes both ends.
    pipeline(client, counted(), server, () => {});
    pipeline(server, client, () => {});
  });
  await new Promise((done) => proxy.listen(listen, '127.0.0.1', done));

  return {
    /** Octets that went towards the server. */
    sent: () => sent,
    cut,
    /** It breaks by itself, so many octets from now. */
    cutAfter(octets) {
      end = sent + octets;
    },
    isCut: () => broken,
    mend() {
      broken = false;
    },
    slowDown(bytesPerSecond) {
      rate = bytesPerSecond;
    },
    close() {
      cut();
      proxy.close();
    },
  };
}
