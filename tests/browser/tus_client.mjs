// The real tus-js-client against siegel-transfer: what works, what is refused, and what a broken line
// or a killed server leaves. "node tus_client.mjs --programs FOLDER [WORD …]": words choose tests by
// their name.

import { createReadStream } from 'node:fs';
import path from 'node:path';
import tus from 'tus-js-client';
import { office, startSite } from './site.mjs';
import { MB, conclude, expect, makeFiles, programs, sha256, test, until } from './testing.mjs';
import { Visitor } from './visitor.mjs';

const retryDelays = [0, 200, 1000, 3000, 3000, 3000];

const site = await startSite(programs(), ', file: 64 MB');
const files = await makeFiles();
const visitor = new Visitor(site);
await visitor.open(`/upload/${office}`);

const headers = () => ({
  Cookie: visitor.cookie(),
  'X-Siegel-Token': visitor.token,
  'X-Siegel-Page': `/upload/${office}`,
});

// What the client asked for: [{method, status, from}], the last of a PATCH
function watch(options, seen) {
  return {
    ...options,
    onAfterResponse(request, response) {
      seen.push({
        method: request.getMethod(),
        status: response.getStatus(),
        from: Number(request.getHeader('Upload-Offset')),
      });
      return options.onAfterResponse?.(request, response);
    },
  };
}

// An upload of this file, not yet started; `finished` is fulfilled or broken when it ends.
function prepare(file, options = {}) {
  const seen = [];
  let upload = null;
  const finished = new Promise((done, failed) => {
    upload = new tus.Upload(options.source ?? createReadStream(file.path), {
      endpoint: `${site.url}/uploads`,
      httpStack: new tus.DefaultHttpStack({ ca: site.certificate, family: 4 }),
      headers: headers(),
      metadata: { filename: file.name, filetype: 'application/octet-stream' },
      retryDelays,
      ...watch(options, seen),
      onSuccess: done,
      onError: failed,
    });
  });
  // Some tests give an upload up; nobody waits for it then.
  finished.catch(() => {});
  return { upload, finished, seen };
}

async function run(file, options) {
  const prepared = prepare(file, options);
  prepared.upload.start();
  await prepared.finished;
  return prepared;
}

// The error that an upload must end with.
async function refusal(file, options) {
  const { upload, finished, seen } = prepare(file, options);
  upload.start();
  const error = await finished.then(
    () => null,
    (found) => found,
  );
  expect(error, 'it was not refused');
  return { error, upload, seen, status: error.originalResponse?.getStatus(), said: error.originalResponse?.getBody() };
}

const count = (seen, method) => seen.filter((one) => one.method === method).length;
const secretOf = (upload) => upload.url.split('/').pop();

// A request without the client's help.
const raw = (method, url, fields = {}, body = '') =>
  visitor.request(method, url, { headers: { 'Tus-Resumable': '1.0.0', ...fields }, body });

const part = (offset, fields = {}) => ({
  'Content-Type': 'application/offset+octet-stream',
  'Upload-Offset': String(offset),
  ...fields,
});

const head = async (url) => (await raw('HEAD', url)).headers;

let sendings = 0;

// What the office gets is what was sent.
async function expectArrived(uploads, ...sent) {
  sendings += 1;
  const link = await visitor.sendUploads(uploads.map(secretOf), `AZ-${sendings}-Tus`);
  const got = await visitor.fetchAll(link);
  expect(got.length === sent.length, `${got.length} files arrived instead of ${sent.length}`);
  for (const file of sent) {
    expect(
      got.some(({ name, sha }) => name === file.name && sha === file.sha),
      `${file.name} did not arrive as it was`,
    );
  }
}

// --- what works

async function inOne() {
  const file = await files.make('one.bin', 20 * MB);
  const { upload, seen } = await run(file);
  expect(count(seen, 'PATCH') === 1, `${count(seen, 'PATCH')} PATCH`);
  await expectArrived([upload], file);
}

async function inChunks() {
  const file = await files.make('chunks.bin', 5 * MB + 17);
  const { upload, seen } = await run(file, { chunkSize: MB });
  expect(count(seen, 'PATCH') === 6, `${count(seen, 'PATCH')} PATCH`);
  await expectArrived([upload], file);
}

async function withCreation() {
  const file = await files.make('creation.bin', 3 * MB);
  const { upload, seen } = await run(file, { uploadDataDuringCreation: true });
  expect(seen.length === 1 && seen[0].status === 201, `${seen.length} requests`);
  await expectArrived([upload], file);
}

async function emptyFile() {
  const file = await files.make('empty.txt', 0);
  const { upload } = await run(file);
  expect((await head(upload.url))['upload-offset'] === '0', 'no offset of an empty file');
  await expectArrived([upload], file);
}

async function unicodeNames() {
  const names = ['Grundriß Müller – Aufmaß №3.pdf', '計画 🏛.txt', 'e\u0301.bin'];
  const made = await Promise.all(names.map((name) => files.make(name, 1000)));
  const uploads = [];
  for (const file of made) {
    const { upload } = await run(file);
    const { 'upload-metadata': said } = await head(upload.url);
    expect(said.includes(Buffer.from(file.name).toString('base64')), `Upload-Metadata: ${said}`);
    uploads.push(upload);
  }
  await expectArrived(uploads, ...made);
}

async function atOnce() {
  const made = await Promise.all(
    [...Array(8).keys()].map((number) => files.make(`parallel ${number}.bin`, 3 * MB + number)),
  );
  const all = await Promise.all(made.map((file) => run(file, { chunkSize: MB })));
  await expectArrived(
    all.map(({ upload }) => upload),
    ...made,
  );
}

// --- what breaks

async function brokenLine() {
  const file = await files.make('broken.bin', 24 * MB);
  const before = site.line.sent();
  site.line.cutAfter(0.3 * file.octets);
  const { upload, finished, seen } = prepare(file);
  upload.start();
  for (const next of [0.4 * file.octets, null]) {
    await until('the cut', () => site.line.isCut());
    if (next) site.line.cutAfter(next);
    site.line.mend();
  }
  await finished;
  const sent = site.line.sent() - before;
  expect(sent < 1.5 * file.octets, `${sent} octets were sent for ${file.octets}`);
  expect(seen.at(-1).from > 0.5 * file.octets, `it went on at ${seen.at(-1).from}, though 70 % had been sent`);
  expect(count(seen, 'POST') === 1 && count(seen, 'HEAD') >= 2, `it began anew: ${JSON.stringify(seen)}`);
  await expectArrived([upload], file);
}

async function previousUploads() {
  const file = await files.make('previous.bin', 16 * MB);
  const urlStorage = new tus.FileUrlStorage(path.join(files.folder, 'urls.json'));
  const first = prepare(file, { urlStorage, retryDelays: null });
  site.line.cutAfter(0.5 * file.octets);
  first.upload.start();
  await first.finished.then(
    () => expect(false, 'nothing broke'),
    () => {},
  );
  site.line.mend();

  const { upload, finished, seen } = prepare(file, { urlStorage, removeFingerprintOnSuccess: true });
  const [found, ...more] = await upload.findPreviousUploads();
  expect(found && more.length === 0, 'the upload that broke off is not remembered');
  upload.resumeFromPreviousUpload(found);
  upload.start();
  await finished;
  expect(seen[0].method === 'HEAD' && count(seen, 'POST') === 0, `it began anew: ${JSON.stringify(seen)}`);
  await expectArrived([upload], file);
}

async function killedServer() {
  const file = await files.make('killed.bin', 24 * MB);
  let acknowledged = 0;
  const { upload, finished, seen } = prepare(file, {
    chunkSize: MB,
    retryDelays: Array(60).fill(500),
    onChunkComplete(size, accepted) {
      acknowledged = accepted;
    },
  });
  site.line.slowDown(8 * MB);
  upload.start();
  await until('some chunks', () => acknowledged > 0.3 * file.octets);
  const safe = acknowledged;
  const posts = count(seen, 'POST');
  await site.restartPortal();
  const offset = Number((await head(upload.url))['upload-offset']);
  expect(offset >= safe, `${safe} octets were acknowledged, ${offset} are left`);
  site.line.slowDown(Infinity);
  await finished;
  expect(acknowledged === file.octets && count(seen, 'POST') === posts, 'it began anew');
  await expectArrived([upload], file);
}

// --- what is refused

async function wrongOffset() {
  const file = await files.make('offset.bin', MB);
  const { upload } = await run(file, { chunkSize: MB });
  for (const offset of [0, MB - 1, MB + 1, -1, 'x']) {
    const { statusCode } = await raw('PATCH', upload.url, part(offset), 'x');
    expect(statusCode === 409, `offset ${offset}: ${statusCode}`);
  }
  await expectArrived([upload], file);
}

async function wrongChecksum() {
  const file = await files.make('checksum.bin', 2 * MB);
  let digest = sha256('something else');
  const onBeforeRequest = (request) => {
    const value = Buffer.from(digest, 'hex').toString('base64');
    if (request.getMethod() === 'PATCH') request.setHeader('Upload-Checksum', `sha256 ${value}`);
  };
  const { status, upload } = await refusal(file, { onBeforeRequest });
  expect(status === 460, `answered by ${status}`);
  expect((await head(upload.url))['upload-offset'] === '0', 'the wrong part was kept');
  digest = file.sha;
  const { upload: again, seen } = await run(file, { onBeforeRequest, uploadUrl: upload.url });
  expect(count(seen, 'POST') === 0, 'it began anew');
  await expectArrived([again], file);
}

async function tooLarge() {
  const {
    headers: { 'tus-max-size': most },
  } = await raw('OPTIONS', '/uploads');
  const file = { name: 'large.bin' };
  const { status, said } = await refusal(file, { source: Buffer.alloc(0), uploadSize: Number(most) + 1 });
  expect(status === 413 && /larger/.test(said), `answered by ${status}: ${said}`);
}

async function beyondTheEnd() {
  const file = await files.make('beyond.bin', 1000);
  const creation = { 'Upload-Length': '1000', ...headers() };
  const {
    statusCode,
    headers: { location },
  } = await raw('POST', '/uploads', creation);
  expect(statusCode === 201, `not created: ${statusCode}`);
  const { statusCode: refused } = await raw('PATCH', location, part(0), Buffer.alloc(1001));
  expect(refused === 413, `answered by ${refused}`);
  expect((await head(location))['upload-offset'] === '0', 'something of it was kept');
  const { upload } = await run(file, { uploadUrl: new URL(location, site.url).href });
  await expectArrived([upload], { ...file, name: 'file' });
}

async function terminated() {
  const file = await files.make('terminated.bin', 16 * MB);
  site.line.slowDown(8 * MB);
  const { upload } = prepare(file, { chunkSize: MB });
  const begun = new Promise((done) => {
    upload.options.onChunkComplete = done;
  });
  upload.start();
  await begun;
  await upload.abort(true);
  const { statusCode } = await raw('HEAD', upload.url);
  expect(statusCode === 404, `still there: ${statusCode}`);
}

async function expired() {
  const file = await files.make('expired.bin', 4 * MB);
  site.line.slowDown(8 * MB);
  const { upload } = prepare(file, { chunkSize: MB });
  const begun = new Promise((done) => {
    upload.options.onChunkComplete = done;
  });
  upload.start();
  await begun;
  await upload.abort();
  await site.expireUploads();
  const { statusCode } = await raw('HEAD', upload.url);
  expect([404, 410].includes(statusCode), `still there: ${statusCode}`);
  site.line.slowDown(Infinity);
  // The client begins anew by itself, as tus asks of it.
  const { upload: again, seen } = await run(file, { uploadUrl: upload.url });
  expect(seen[0].method === 'HEAD' && count(seen, 'POST') === 1, JSON.stringify(seen));
  await expectArrived([again], file);
}

async function parts() {
  const file = await files.make('parts.bin', 4 * MB);
  const { status, said, seen } = await refusal(file, { parallelUploads: 2 });
  expect(status === 400 && /oncatenation/.test(said), `answered by ${status}: ${said}`);
  expect(count(seen, 'PATCH') === 0, 'all was sent before it was refused');
}

async function unknownLength() {
  const file = await files.make('unknown.bin', MB);
  const { status, said } = await refusal(file, { uploadLengthDeferred: true, chunkSize: MB });
  expect(status === 400 && /Upload-Length/.test(said), `answered by ${status}: ${said}`);
}

async function stranger() {
  const file = await files.make('stranger.bin', 1000);
  const { status, said } = await refusal(file, { headers: { 'X-Siegel-Page': `/upload/${office}` } });
  expect(status === 401 && /Sign in/.test(said), `answered by ${status}: ${said}`);
}

const tests = {
  'a file in one request': inOne,
  'a file in chunks': inChunks,
  'octets that come with the creation': withCreation,
  'an empty file': emptyFile,
  'names in many scripts': unicodeNames,
  'eight files at once': atOnce,
  'a line that is cut twice: the client goes on by itself': brokenLine,
  'a client that begins anew finds its previous upload': previousUploads,
  'kill -9 of the server: nothing acknowledged is lost, the client goes on': killedServer,
  'a wrong offset: 409': wrongOffset,
  'a wrong checksum: 460, and the right one is taken': wrongChecksum,
  'a file above the limit: 413': tooLarge,
  'octets beyond the end: 413, and none is kept': beyondTheEnd,
  'a terminated upload is gone': terminated,
  'an expired upload: 404, the client begins anew': expired,
  'parallelUploads: concatenation is not offered, and the answer says so': parts,
  'a length that is told later is not offered, and the answer says so': unknownLength,
  'somebody without a token: 401': stranger,
};

try {
  for (const [name, play] of Object.entries(tests)) {
    site.line.mend();
    site.line.slowDown(Infinity);
    await test(name, play);
  }
} finally {
  await site.close();
  await files.close();
}
conclude();
