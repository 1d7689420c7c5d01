// One chosen file in the list: its state, and what can be done in that state.

import { button, element, name } from './dom.js';
import { size } from './format.js';
import { say } from './words.js';

const over = ['complete', 'failed'];

export class Item {
  /** acts: pause(), retry(), remove() */
  constructor(file, acts) {
    this.file = file;
    this.done = 0;
    this.state = 'waits';
    this.url = null;
    this.bar = element('progress', { max: file.size || 1, value: 0 });
    this.bar.setAttribute('aria-label', say('progress_of', { name: file.name }));
    this.text = element('p');
    this.pauseButton = button('', acts.pause);
    this.retryButton = button('', acts.retry);
    this.removeButton = button('', acts.remove);
    name(this.retryButton, say('retry'), file.name);
    name(this.removeButton, say('remove'), file.name);
    this.row = element(
      'li',
      {},
      element('p', { className: 'name' }, element('bdi', { textContent: file.name })),
      this.bar,
      this.text,
      element('div', { className: 'actions' }, this.pauseButton, this.retryButton, this.removeButton),
    );
    this.show();
  }

  is(...states) {
    return states.includes(this.state);
  }

  get unfinished() {
    return !this.is(...over);
  }

  progress(octets) {
    this.done = octets;
    if (!this.is('paused')) this.become('running');
  }

  /** word: why it failed */
  become(state, word) {
    this.state = state;
    this.word = word;
    if (state === 'complete') this.done = this.file.size;
    this.show();
  }

  show() {
    this.bar.value = this.is('complete') ? this.bar.max : this.done;
    this.bar.hidden = !this.unfinished;
    this.text.textContent = say(this.word ?? this.state, { done: size(this.done), size: size(this.file.size) });
    this.text.className = this.state;
    name(this.pauseButton, say(this.is('paused') ? 'resume' : 'pause'), this.file.name);
    this.pauseButton.hidden = !this.unfinished;
    this.retryButton.hidden =
      !this.is('failed') || ['unreadable', 'refused_large', 'refused_session'].includes(this.word);
  }
}
