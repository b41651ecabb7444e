// What the pages of a ballot share: building elements, showing one screen of several, saying things.

/** An element: `el("p", {class: "x", onclick: f}, "text", child)`. Text is always text, never markup. */
export function el(name, given = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const find = (selector, inside = document) => inside.querySelector(selector);
export const every = (selector, inside = document) => [...inside.querySelectorAll(selector)];

/** Puts text into every element that asks for it: <b data-say="count">. */
export function say(words, inside = document) {
  for (const [name, text] of Object.entries(words)) every(`[data-say="${name}"]`, inside).forEach((place) => (place.textContent = text));
}

/** Of all [data-screen] one is visible; its heading gets the focus, so that a screen reader begins there. */
export function show(name) {
  every("[data-screen]").forEach((screen) => (screen.hidden = screen.dataset.screen !== name));
  const heading = find(`[data-screen="${name}"] [tabindex="-1"]`);
  scrollTo(0, 0);
  heading?.focus({ preventScroll: true });
}

/** A copy of <template id="name">. */
export const copyOf = (name) => document.getElementById(name).content.cloneNode(true);

/** A file that this page made, to the person's own device. */
export function saveFile(name, text, type = "text/plain") {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = el("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Encryption in a browser needs a safe connection; without one nothing here may begin. */
export const canEncrypt = () => globalThis.isSecureContext && Boolean(globalThis.crypto?.subtle) && typeof BigInt === "function";
