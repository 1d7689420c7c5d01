// Uppy and tus, set up for our server. The page talks to this and knows neither.

import Uppy from '@uppy/core';
import Tus from '@uppy/tus';
import { discard, uploadsId } from './unfinished.js';

// Some three minutes without any progress; then it is the user's turn.
const retryDelays = [0, 1000, 3000, 5000, 10000, 20000, 30000, 40000, 60000];

// A server that is starting or overloaded answers HEAD with these. tus-js-client would take any
// status but 2xx for "the upload is gone" and begin the file from its first octet.
function passing(status) {
  return status === 429 || status >= 500;
}

const reasons = {
  401: 'refused_session',
  403: 'refused_session',
  413: 'refused_large',
  429: 'refused_busy',
  503: 'refused_busy',
  507: 'refused_full',
};

async function readable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/**
 * events: progress(id, octets), retrying(id), complete(id, url), failed(id, word).
 */
export function makeEngine({ endpoint, token, events }) {
  const uppy = new Uppy({ id: uploadsId, autoProceed: true });
  const files = new WeakMap();
  // By file: what its last request was answered. An error no longer knows when it comes to its listeners.
  const statuses = new Map();

  // A file that was moved or changed can be told from a lost connection by reading it only.
  async function fail(id, word) {
    const file = uppy.getFile(id);
    if (!file) return;
    if (await readable(file.data)) {
      if (word) events.failed(id, word);
      return;
    }
    uppy.removeFile(id);
    events.failed(id, 'unreadable');
  }

  uppy.use(Tus, {
    endpoint,
    limit: 3,
    retryDelays,
    // Whom the files are for: the office whose page this is, or whoever has sent the invitation.
    headers: { 'X-Siegel-Token': token, 'X-Siegel-Page': location.pathname },
    allowedMetaFields: ['filename', 'filetype'],
    onBeforeRequest(request, file) {
      files.set(request, file.id);
      statuses.delete(file.id);
    },
    onAfterResponse(request, response) {
      statuses.set(files.get(request), response.getStatus());
      if (request.getMethod() === 'HEAD' && passing(response.getStatus())) throw new Error('The server is not ready');
    },
    onShouldRetry(error, attempt, options, usual) {
      // A full store does not empty within minutes.
      const again = error.originalResponse?.getStatus() !== 507 && usual(error);
      const id = files.get(error.originalRequest);
      if (again && id) {
        events.retrying(id);
        fail(id, null);
      }
      return again;
    },
  });

  uppy.on('upload-progress', (file, { bytesUploaded }) => file && events.progress(file.id, bytesUploaded));
  uppy.on('upload-success', (file, { uploadURL }) => events.complete(file.id, uploadURL));
  uppy.on('upload-error', (file) => fail(file.id, reasons[statuses.get(file.id)] ?? 'failed'));

  return {
    // The id that events speak of, or null where the same file is there already.
    add(file) {
      const type = file.type || 'application/octet-stream';
      try {
        return uppy.addFile({ name: file.name, type, data: file, meta: { filename: file.name, filetype: type } });
      } catch {
        return null;
      }
    },
    togglePause: (id) => uppy.pauseResume(id),
    retry: (id) => uppy.retryUpload(id),
    // Uppy tells the server only of uploads that still run.
    remove(id, url) {
      if (uppy.getFile(id)) uppy.removeFile(id);
      if (url) discard(url, token);
    },
  };
}
