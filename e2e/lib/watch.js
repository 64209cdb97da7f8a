// Watches everything a browser context does and holds it to the rules that are true of every page: no request leaves
// loopback, no error in the console, nothing refused by the content security policy, nothing personal in an address or a
// title. A journey fails at its end if one of them was broken.

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

export class Watch {
  broken = [];
  #expected = new Set();
  #personal = new Set();

  constructor(context) {
    this.ready = this.#attach(context);
  }

  async #attach(context) {
    await context.route((url) => !isLocal(url), (route) => {
      this.broken.push(`a request left loopback: ${route.request().url()}`);
      return route.abort();
    });
    context.on('request', (request) => {
      if (!isLocal(new URL(request.url()))) this.broken.push(`a request left loopback: ${request.url()}`);
      this.#look('an address', request.url());
    });
    context.on('console', (message) => this.#console(message));
    context.on('weberror', (error) => this.broken.push(`a script failed: ${error.error()}`));
    context.on('page', (page) => this.#page(page));
  }

  #page(page) {
    page.on('load', () => page.title().then((title) => this.#look('a title', title), () => {}));
  }

  // A page that a journey opens to be refused is a failed load to the browser; such statuses are announced by expect().
  #console(message) {
    const status = /the server responded with a status of (\d+)/.exec(message.text());
    if (status && this.#expected.has(Number(status[1]))) return;
    if (['error', 'warning'].includes(message.type()) || /content security policy|trusted ?type/i.test(message.text())) {
      this.broken.push(`console ${message.type()} at ${message.location().url}: ${message.text()}`);
    }
  }

  /** Statuses that this journey provokes. */
  expect(...statuses) {
    for (const s of statuses) this.#expected.add(s);
  }

  /** Words that may stand in no address and no title from now on: parts of names, numbers of documents. */
  personal(...words) {
    for (const w of words) this.#personal.add(spelled(w));
  }

  #look(where, text) {
    const words = spelled(text);
    for (const p of this.#personal) {
      if (words.includes(p)) this.broken.push(`${where} holds something personal (${p.trim()}): ${text}`);
    }
  }
}

function isLocal(url) {
  return ['about:', 'blob:', 'data:'].includes(url.protocol) || loopback.has(url.hostname);
}

// spelled is a text as a person would read it, without percent signs and entities, word by word between spaces.
function spelled(text) {
  let read = text.replaceAll('+', ' ');
  try {
    read = decodeURIComponent(read);
  } catch { /* not an encoded text: as it stands */ }
  return ` ${read.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ')} `;
}
