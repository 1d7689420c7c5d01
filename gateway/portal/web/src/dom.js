// The smallest way to make elements without inline styles or HTML strings: names of files are text.

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  Object.assign(made, properties);
  made.append(...children);
  return made;
}

export function button(text, act, className = 'link') {
  const made = element('button', { type: 'button', className, textContent: text });
  made.addEventListener('click', act);
  return made;
}

// What is seen is short; a screen reader hears which file is meant, too.
export function name(made, text, about) {
  made.textContent = text;
  made.setAttribute('aria-label', `${text}: ${about}`);
}
