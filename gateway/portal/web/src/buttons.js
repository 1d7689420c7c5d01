// Buttons that make sense with a script only are hidden in the page and shown here.

import { say } from './words.js';

async function copy(id) {
  const status = document.getElementById('copied');
  try {
    await navigator.clipboard.writeText(document.getElementById(id).textContent);
    status.textContent = say('copied');
  } catch {
    status.textContent = say('not_copied');
  }
}

function show(selector, act) {
  for (const found of document.querySelectorAll(selector)) {
    found.hidden = false;
    found.addEventListener('click', () => act(found));
  }
}

export function enhanceButtons() {
  show('[data-copy]', (found) => copy(found.dataset.copy));
  show('[data-print]', () => window.print());
}
