// A server that plays siegel-transfer: the pages of the fixtures under /view/VARIANT/LANGUAGE, the
// real headers, and a memory of what was posted.

import { createServer } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { render, webFolder } from './render.mjs';

const policy = [
  "default-src 'none'",
  ...['script', 'style', 'img', 'connect'].map((kind) => `${kind}-src 'self'`),
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
];

const headers = {
  'Content-Security-Policy': policy.join('; '),
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
};

const logo =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="40" height="40">' +
  '<path d="M4 4h32v18c0 8-7 12-16 15C11 34 4 30 4 22z" fill="#1d4f91"/>' +
  '<path d="M10 24h20v-8l-4 3v-5h-4v4h-4v-4h-4v5l-4-3z" fill="#fff"/></svg>';

async function assets() {
  const out = await mkdtemp(path.join(tmpdir(), 'siegel-portal-'));
  execFileSync(process.execPath, [path.join(webFolder, 'build.mjs'), out], { stdio: ['ignore', 'ignore', 'inherit'] });
  const found = {
    '/assets/portal.js': ['text/javascript', await readFile(path.join(out, 'portal.js'))],
    '/assets/portal.css': ['text/css', await readFile(path.join(out, 'portal.css'))],
    '/assets/look.css': ['text/css', ':root { --colour: #1d4f91; }\n'],
    '/assets/logo': ['image/svg+xml', logo],
  };
  await rm(out, { recursive: true });
  return found;
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

export async function serve() {
  const files = await assets();
  const posts = [];

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const answer = (status, type, content, more = {}) =>
      response.writeHead(status, { ...headers, 'Content-Type': `${type}; charset=utf-8`, ...more }).end(content);
    if (request.method === 'POST') {
      posts.push({ path: pathname, type: request.headers['content-type'], body: await body(request) });
      const saved = { 'Content-Disposition': 'attachment; filename="plan.pdf"' };
      if (pathname.startsWith('/view/download')) return answer(200, 'application/octet-stream', 'content', saved);
      return answer(200, 'text/html', render('uploaded', 'de'));
    }
    if (files[pathname]) return answer(200, ...files[pathname]);
    const view = /^\/view\/([\w.]+)\/(de|en)$/.exec(pathname);
    if (view) return answer(200, 'text/html', render(view[1], view[2]));
    return answer(pathname === '/favicon.ico' ? 204 : 404, 'text/plain', '');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    posts,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
