// Uploads that this browser began and did not send off yet. tus-js-client keeps their addresses in
// localStorage, so that the same file, chosen again, goes on where it stopped.

export const uploadsId = 'siegel';

const prefix = `tus::tus-${uploadsId}-`;
const sentKey = 'siegel.sent';

// A browser may forbid storage: then uploads work as well, but none survives its page.
function storage(name) {
  try {
    return window[name];
  } catch {
    return null;
  }
}

const local = storage('localStorage');
const session = storage('sessionStorage');

function entries() {
  if (!local) return [];
  const keys = Object.keys(local).filter((key) => key.startsWith(prefix));
  return keys.flatMap((key) => {
    try {
      const { uploadUrl, size, metadata } = JSON.parse(local.getItem(key));
      return uploadUrl ? [{ key, url: uploadUrl, size, name: metadata.filename }] : [];
    } catch {
      return [];
    }
  });
}

function request(method, url, token) {
  return fetch(url, { method, headers: { 'Tus-Resumable': '1.0.0', 'X-Siegel-Token': token } });
}

// Those that the server still has, with how much of each. What it has no longer is forgotten.
export async function findUnfinished(token) {
  const found = await Promise.all(
    entries().map(async (entry) => {
      const answer = await request('HEAD', entry.url, token).catch(() => null);
      if (answer?.status === 404 || answer?.status === 410) local.removeItem(entry.key);
      return answer?.ok && { ...entry, done: Number(answer.headers.get('Upload-Offset')) };
    }),
  );
  return found.filter(Boolean);
}

function forget(url) {
  for (const entry of entries()) {
    if (entry.url === url) local.removeItem(entry.key);
  }
}

// Nobody waits for the answer: what the server does not hear of now it sweeps later.
export function discard(url, token) {
  forget(url);
  request('DELETE', url, token).catch(() => {});
}

// The form leaves this page now. Whether it was taken is known on the next page only: until then a
// refused form must find its uploads again.
export function leaving(urls) {
  session?.setItem(sentKey, JSON.stringify(urls));
}

export function arrived() {
  JSON.parse(session?.getItem(sentKey) ?? '[]').forEach(forget);
  session?.removeItem(sentKey);
}
