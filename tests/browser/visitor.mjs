// Somebody with cookies and without a browser.

import { createHash } from 'node:crypto';
import https from 'node:https';
import { linkIn, office } from './site.mjs';
import { expect } from './testing.mjs';

async function drain(response) {
  const parts = [];
  for await (const part of response) parts.push(part);
  return Buffer.concat(parts);
}

async function digest(response) {
  const hash = createHash('sha256');
  for await (const part of response) hash.update(part);
  return hash.digest('hex');
}

const nameIn = (disposition) => decodeURIComponent(/filename\*=UTF-8''([^;]+)/.exec(disposition)[1]);

export class Visitor {
  constructor(site) {
    this.site = site;
    this.cookies = new Map();
    this.token = null;
    // The site listens on IPv4 only; "localhost" may mean both.
    this.connection = { ca: site.certificate, family: 4 };
  }

  cookie() {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** The response, its body still to be read; redirects are not followed. */
  async request(method, path, { headers = {}, body = '' } = {}) {
    const url = new URL(path, this.site.url);
    const all = { Cookie: this.cookie(), 'Content-Length': Buffer.byteLength(body), ...headers };
    const response = await new Promise((done, failed) => {
      https
        .request(url, { method, headers: all, ...this.connection }, done)
        .on('error', failed)
        .end(body);
    });
    for (const line of response.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.cookies.set(name, value);
    }
    return response;
  }

  /** {status, headers, text}; the token of the page is kept. */
  async open(path, { form, ...more } = {}) {
    const posted = form && {
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams([['csrf', this.token], ...form]).toString(),
    };
    const response = await this.request(form ? 'POST' : 'GET', path, { ...more, ...posted });
    const text = (await drain(response)).toString('utf8');
    this.token = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? this.token;
    return { status: response.statusCode, headers: response.headers, text };
  }

  /** Sends off uploads to the office; gives the link that the office gets by mail. */
  async sendUploads(secrets, reference) {
    const uploads = secrets.map((secret) => ['upload', secret]);
    const form = [...uploads, ['name', 'Berta Maier'], ['reference', reference]];
    const { status, text } = await this.open(`/upload/${office}`, { form });
    expect(status === 200 && /id="code"/.test(text), `not taken: ${status}`);
    return linkIn(await this.site.mail('inside', reference, '/d/'), 'd');
  }

  /** What a link gives: [{name, sha}] */
  async fetchAll(link) {
    const { text } = await this.open(link);
    const ids = [...text.matchAll(/name="file" value="(\d+)"/g)].map(([, id]) => id);
    const files = [];
    for (const id of ids) {
      const { status, headers } = await this.open(link, { form: [['file', id]] });
      expect(status === 303, `file ${id} is refused: ${status}`);
      const response = await this.request('GET', headers.location);
      files.push({ name: nameIn(response.headers['content-disposition']), sha: await digest(response) });
    }
    return files;
  }
}
