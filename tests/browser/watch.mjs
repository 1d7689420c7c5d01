// Looks over the shoulder of somebody at the pages: what axe, the console and the network say.

import { axeProblems } from './axe.mjs';
import { report, screenshot } from './testing.mjs';

export class Watch {
  /** person: how the reports call it; lines of the console that match `allowed` are expected */
  constructor(site, person, allowed = []) {
    this.site = site;
    this.person = person;
    this.allowed = allowed;
    this.problems = [];
  }

  follow(page) {
    page.on('console', (message) => this.note(message));
    page.on('pageerror', (error) => this.problems.push(`script: ${error.message}`));
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== this.site.url) this.problems.push(`request to elsewhere: ${request.url()}`);
    });
    return page;
  }

  note(message) {
    if (!['error', 'warning'].includes(message.type())) return;
    const text = `${message.text()} at ${message.location().url}`;
    if (!this.allowed.some((pattern) => pattern.test(text))) this.problems.push(`console: ${text}`);
  }

  /** Whatever the page shows now is all right; and whatever happened since the last look. */
  async look(page, name, language) {
    const problems = await axeProblems(page);
    if ((await page.getAttribute('html', 'lang')) !== language) problems.push(`not in the language ${language}`);
    report(`${this.person}: ${name}`, [...this.problems.splice(0), ...problems]);
    await screenshot(page, `story.${this.person}.${name}`.replace(/[^\w.]+/g, '-'));
  }
}
