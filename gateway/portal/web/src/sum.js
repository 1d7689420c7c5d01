// Progress of all files together, and when it will be over.

import { button, element } from './dom.js';
import { duration, size } from './format.js';
import { say } from './words.js';

const now = () => performance.now() / 1000;

export class Sum {
  constructor(pauseAll) {
    this.bar = element('progress', { max: 1, value: 0 });
    this.bar.setAttribute('aria-label', say('progress_all'));
    this.text = element('p');
    this.pauseButton = button('', pauseAll);
    this.box = element('div', { className: 'sum' }, this.bar, this.text, this.pauseButton);
    this.restart(0);
  }

  // The rate is that since the last time something began, went on or was lost.
  restart(done) {
    this.begun = { at: now(), done };
  }

  show(items) {
    const done = items.reduce((sum, item) => sum + item.done, 0);
    const total = items.reduce((sum, item) => sum + item.file.size, 0);
    const seconds = now() - this.begun.at;
    const rate = (done - this.begun.done) / seconds;
    const known = seconds > 3 && rate > 0 && done < total;
    const values = { done: size(done), size: size(total), time: known && duration((total - done) / rate) };
    this.bar.max = total || 1;
    this.bar.value = done;
    this.text.textContent = say(known ? 'sum_left' : 'sum', values);
    this.pauseButton.textContent = say(items.some((item) => item.is('paused')) ? 'resume_all' : 'pause_all');
    this.pauseButton.hidden = !items.some((item) => item.unfinished);
    this.box.hidden = items.length < 2;
    return total ? done / total : 1;
  }
}
