// What the script says. build.mjs puts the words of both languages in the place of WORDS.

const words = WORDS[document.documentElement.lang] ?? WORDS.en;

export function say(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
