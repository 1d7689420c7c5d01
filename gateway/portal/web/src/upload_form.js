// The form that files are sent with. Without this script it is a plain form; with it files travel
// while the form is still being filled in, and only the secrets of the uploads are posted.

import { button, element, name } from './dom.js';
import { makeEngine } from './engine.js';
import { size } from './format.js';
import { Item } from './item.js';
import { Sum } from './sum.js';
import { arrived, discard, findUnfinished, leaving } from './unfinished.js';
import { say } from './words.js';

class UploadForm {
  constructor(form) {
    this.form = form;
    this.token = document.querySelector('meta[name=csrf]').content;
    this.items = new Map();
    this.waiting = false;
    this.sending = false;
    this.quarter = 0;
    this.engine = makeEngine({
      endpoint: new URL(form.dataset.uploads, location.href).href,
      token: this.token,
      events: {
        progress: (id, octets) => this.progress(id, octets),
        retrying: (id) => this.retrying(id),
        complete: (id, url) => this.complete(id, url),
        failed: (id, word) => this.failed(id, word),
      },
    });
    this.build();
    this.listen();
    this.showUnfinished();
  }

  build() {
    const input = this.form.querySelector('input[type=file]');
    input.removeAttribute('name');
    input.hidden = true;
    // No file leaves with the form any more.
    this.form.enctype = 'application/x-www-form-urlencoded';
    this.input = input;
    this.drop = this.form.querySelector('#drop');
    this.choose = button(say('choose'), () => input.click(), 'button second');
    this.choose.setAttribute('aria-describedby', input.getAttribute('aria-describedby'));
    this.drop.append(this.choose, element('p', { className: 'quiet', textContent: say('or_drop') }));

    this.error = element('p', { className: 'error' });
    this.error.setAttribute('role', 'alert');
    this.status = element('p', { className: 'status' });
    this.status.setAttribute('role', 'status');
    this.rows = element('ul', { className: 'uploads' });
    this.sum = new Sum(() => this.pauseAll());
    this.queue = element(
      'section',
      { className: 'queue', hidden: true },
      element('h2', { textContent: say('list_title') }),
      this.rows,
      this.sum.box,
    );
    this.unfinished = element('section', { className: 'unfinished box', hidden: true });
    this.drop.before(this.unfinished, this.error);
    this.drop.after(this.queue);
    this.sendButton = this.form.querySelector('[data-send]');
    this.sendText = this.sendButton.textContent;
    this.sendButton.closest('p').before(this.status);
    this.secrets = element('div', { hidden: true });
    this.form.append(this.secrets);
  }

  listen() {
    this.input.addEventListener('change', () => {
      this.add([...this.input.files]);
      this.input.value = '';
    });
    // A file dropped beside the box would replace the page.
    window.addEventListener('dragover', (event) => event.preventDefault());
    window.addEventListener('drop', (event) => event.preventDefault());
    this.drop.addEventListener('dragover', () => this.drop.classList.add('over'));
    this.drop.addEventListener('dragleave', () => this.drop.classList.remove('over'));
    this.drop.addEventListener('drop', (event) => this.dropped(event));
    this.form.addEventListener('submit', (event) => this.submit(event));
    window.addEventListener('beforeunload', (event) => {
      if (!this.sending && this.all().some((item) => item.unfinished)) event.preventDefault();
    });
    window.addEventListener('offline', () => this.say('say_lost'));
    // Phones stop the page of a locked screen; whatever gave up meanwhile begins again.
    window.addEventListener('online', () => this.wake());
    document.addEventListener('visibilitychange', () => document.hidden || this.wake());
    // Back from the next page: the uploads shown here may be gone.
    window.addEventListener('pageshow', (event) => event.persisted && location.reload());
  }

  all() {
    return [...this.items.values()];
  }

  say(key, values) {
    this.status.textContent = say(key, values);
  }

  // Choosing

  dropped(event) {
    this.drop.classList.remove('over');
    const entries = [...event.dataTransfer.items].filter((item) => item.kind === 'file');
    const folders = entries.map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry?.isDirectory);
    const names = new Set(folders.map((folder) => folder.name));
    const files = [...event.dataTransfer.files].filter((file) => !names.has(file.name));
    this.add(
      files,
      folders.map((folder) => say('folder', { name: folder.name })),
    );
  }

  add(files, problems = []) {
    const before = this.items.size;
    for (const file of files) {
      const problem = this.refusal(file) ?? this.take(file);
      if (problem) problems.push(problem);
    }
    this.error.textContent = problems.join(' ');
    const added = this.items.size - before;
    if (!added) return;
    this.quarter = 0;
    this.sum.restart(this.done());
    this.say(added === 1 ? 'say_added_one' : 'say_added', { n: added });
    this.show();
  }

  refusal(file) {
    const { fileMax, transferMax, filesMax } = this.form.dataset;
    const total = this.all().reduce((sum, item) => sum + item.file.size, file.size);
    if (file.size > fileMax) return say('too_large', { name: file.name, size: size(file.size), max: size(fileMax) });
    if (total > transferMax) return say('sum_too_large', { name: file.name, max: size(transferMax) });
    if (this.items.size + this.kept().length >= filesMax) return say('too_many', { name: file.name, max: filesMax });
    return null;
  }

  take(file) {
    const id = this.engine.add(file);
    if (!id || this.items.has(id)) return say('twice', { name: file.name });
    const item = new Item(file, {
      pause: () => this.pause(id),
      retry: () => this.retry(id),
      remove: () => this.remove(id),
    });
    this.items.set(id, item);
    this.rows.append(item.row);
    this.unfinishedRows?.get(`${file.name}/${file.size}`)?.remove();
    this.hideUnfinishedIfEmpty();
    return null;
  }

  kept() {
    return [...this.form.querySelectorAll('#kept input:checked')];
  }

  // What the engine tells. An item that was removed meanwhile is no longer there.

  progress(id, octets) {
    const item = this.items.get(id);
    if (!item) return;
    if (item.is('retrying')) {
      this.sum.restart(this.done());
      this.say('say_back');
    }
    item.progress(octets);
    this.show();
  }

  retrying(id) {
    const item = this.items.get(id);
    if (!item?.unfinished || item.is('paused')) return;
    if (!this.all().some((other) => other.is('retrying'))) this.say('say_lost');
    item.become('retrying');
    this.show();
  }

  complete(id, url) {
    const item = this.items.get(id);
    if (!item) return;
    item.url = url;
    item.become('complete');
    const left = this.all().some((other) => !other.is('complete'));
    this.say(left || this.waiting ? 'say_done' : 'say_all_done', { name: item.file.name });
    this.show();
    this.sendIfWaiting();
  }

  failed(id, word) {
    const item = this.items.get(id);
    if (!item) return;
    item.become('failed', word);
    this.say(this.waiting ? 'say_not_sent' : 'say_failed', { name: item.file.name });
    this.wait(false);
    this.show();
  }

  // What the user does

  pause(id) {
    const item = this.items.get(id);
    const pausing = !item.is('paused');
    this.engine.togglePause(id);
    item.become(pausing ? 'paused' : 'waits');
    this.say(pausing ? 'say_paused' : 'say_resumed');
    this.sum.restart(this.done());
    if (pausing) this.wait(false);
    this.show();
  }

  pauseAll() {
    const resuming = this.all().some((item) => item.is('paused'));
    for (const [id, item] of this.items) {
      if (item.unfinished && item.is('paused') === resuming) this.pause(id);
    }
  }

  retry(id) {
    const item = this.items.get(id);
    item.become('waits');
    this.engine.retry(id);
    // The button that was pressed is gone.
    item.pauseButton.focus();
    this.show();
  }

  wake() {
    for (const [id, item] of this.items) {
      if (item.is('failed') && item.word === 'failed') {
        item.become('waits');
        this.engine.retry(id);
      }
    }
  }

  remove(id) {
    const item = this.items.get(id);
    const neighbour = item.row.nextElementSibling ?? item.row.previousElementSibling;
    this.items.delete(id);
    this.engine.remove(id, item.url);
    item.row.remove();
    // The button that had the focus is gone: a keyboard goes on beside it.
    (neighbour?.querySelector('button:not([hidden])') ?? this.choose).focus();
    this.sum.restart(this.done());
    this.say('say_removed', { name: item.file.name });
    this.show();
    this.sendIfWaiting();
  }

  // Showing

  done() {
    return this.all().reduce((sum, item) => sum + item.done, 0);
  }

  show() {
    const share = this.sum.show(this.all());
    this.queue.hidden = this.items.size === 0;
    const quarter = Math.floor(share * 4);
    if (quarter > this.quarter && quarter < 4 && this.all().some((item) => item.is('running'))) {
      this.say('say_percent', { n: quarter * 25 });
    }
    this.quarter = quarter;
  }

  async showUnfinished() {
    const found = await findUnfinished(this.token);
    const chosen = new Set(this.all().map((item) => `${item.file.name}/${item.file.size}`));
    const kept = new Set([...this.form.querySelectorAll('#kept input')].map((box) => box.value));
    const open = found.filter((entry) => !chosen.has(`${entry.name}/${entry.size}`) && !kept.has(secretOf(entry.url)));
    this.unfinishedRows = new Map(open.map((entry) => [`${entry.name}/${entry.size}`, this.unfinishedRow(entry)]));
    this.unfinished.append(
      element('h2', { textContent: say('unfinished_title') }),
      element('p', { textContent: say('unfinished_text') }),
      element('ul', { className: 'uploads' }, ...this.unfinishedRows.values()),
    );
    this.hideUnfinishedIfEmpty();
  }

  unfinishedRow(entry) {
    const forget = button('', () => {
      discard(entry.url, this.token);
      row.remove();
      this.hideUnfinishedIfEmpty();
      this.choose.focus();
      this.say('say_forgotten', { name: entry.name });
    });
    name(forget, say('forget'), entry.name);
    const row = element(
      'li',
      {},
      element('p', { className: 'name' }, element('bdi', { textContent: entry.name })),
      element('p', { textContent: say('sum', { done: size(entry.done), size: size(entry.size) }) }),
      element('div', { className: 'actions' }, forget),
    );
    return row;
  }

  hideUnfinishedIfEmpty() {
    this.unfinished.hidden = !this.unfinished.querySelector('li');
  }

  // Sending

  wait(waiting) {
    this.waiting = waiting;
    this.sendButton.textContent = waiting ? say('waiting_button') : this.sendText;
  }

  sendIfWaiting() {
    if (this.waiting && this.all().every((item) => item.is('complete'))) this.form.requestSubmit(this.sendButton);
  }

  submit(event) {
    if (this.sending || !this.ready()) {
      event.preventDefault();
      return;
    }
    this.sending = true;
    this.sendButton.textContent = say('sending_button');
    const urls = this.all().map((item) => item.url);
    this.secrets.replaceChildren(
      ...urls.map((url) => element('input', { type: 'hidden', name: 'upload', value: secretOf(url) })),
    );
    leaving([
      ...urls,
      ...this.kept().map((box) => new URL(`${this.form.dataset.uploads}/${box.value}`, location.href).href),
    ]);
  }

  ready() {
    this.error.textContent = '';
    const isOptional = 'filesOptional' in this.form.dataset;
    if (!isOptional && !this.items.size && !this.kept().length) {
      this.error.textContent = say('no_files');
      this.choose.focus();
      return false;
    }
    // The server would say the same, but only after the last octet has arrived.
    if (!this.form.reportValidity()) return false;
    const stuck = this.all().find((item) => item.is('failed', 'paused'));
    if (stuck) {
      this.say(stuck.is('failed') ? 'say_not_sent' : 'not_sent_paused');
      return false;
    }
    if (this.all().every((item) => item.is('complete'))) return true;
    this.wait(true);
    this.say('say_waiting');
    return false;
  }
}

function secretOf(url) {
  return new URL(url, location.href).pathname.split('/').pop();
}

export function enhanceUploadForm() {
  const form = document.querySelector('form[data-uploads]');
  if (form) new UploadForm(form);
  if (document.querySelector('[data-sent]')) arrived();
}
