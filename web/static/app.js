// What the pages gain from a script. Each works without it: links, forms and their buttons are all there.
"use strict";

// Only these two ways of making a document of markup may take text, because htmx reads answers with them. Every other
// sink, and all script and script addresses, throw: a policy without those functions refuses them.
if (window.trustedTypes) {
  const reading = new Set(["Document parseHTMLUnsafe", "DOMParser parseFromString"]);
  trustedTypes.createPolicy("default", {
    createHTML: (markup, type, sink) => (reading.has(sink) ? markup : null),
  });
}

document.documentElement.classList.add("js");

const announce = (words) => {
  const region = document.getElementById("announce");
  if (region) region.textContent = words;
};

const problem = (words) => {
  const region = document.getElementById("problem");
  if (region) region.textContent = words;
};

// Copying

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    say(button, "Copied");
  } catch {
    say(button, "Not allowed");
  }
});

const say = (button, words) => {
  const label = button.firstChild;
  if (label.data !== "Copy") return;
  label.data = words;
  announce(words + (button.querySelector(".visually-hidden")?.textContent ?? ""));
  setTimeout(() => { label.data = "Copy"; }, 1500);
};

// By its key the first id of a page is copied, and at once again the next one.
const copyAgain = 3000; // milliseconds in which one reads which id it was
let copied = { which: -1, at: -copyAgain };
const copyNext = () => {
  const buttons = document.querySelectorAll(".facts [data-copy]");
  if (buttons.length === 0) return;
  const again = performance.now() - copied.at < copyAgain;
  copied = { which: again ? (copied.which + 1) % buttons.length : 0, at: performance.now() };
  buttons[copied.which].click();
};

// The reader's local time, on hover

document.addEventListener("pointerover", (event) => {
  const time = event.target.closest("time[datetime]");
  if (!time || time.title) return;
  const when = new Date(time.dateTime);
  if (isNaN(when)) return;
  time.title = when.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" }) + " your time";
});

// Forms that are sent by a change. A date is sent when its field is left: half-typed dates are changes too.

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.type === "date") field.dataset.changed = "yes";
  else if (field.closest("[data-auto]")) field.form.requestSubmit();
});

document.addEventListener("focusout", (event) => {
  const field = event.target;
  if (!field.dataset || field.dataset.changed !== "yes" || !field.closest("[data-auto]")) return;
  delete field.dataset.changed;
  field.form.requestSubmit();
});

// What a link points at is visible, also inside a closed part

const openTarget = () => {
  let target = null;
  try {
    target = document.getElementById(location.hash.slice(1)) ?? document.getElementById(decodeURIComponent(location.hash.slice(1)));
  } catch { /* a fragment that is no text points at nothing */ }
  if (!target) return;
  for (let part = target; part; part = part.parentElement) if (part.localName === "details") part.open = true;
  target.scrollIntoView({ block: "nearest" });
};
addEventListener("hashchange", openTarget);

// Keys. None works in a field, with a modifier, or while switched off; none changes anything.

const keysSetting = "portal.keys";
const keysOn = () => {
  try { return localStorage.getItem(keysSetting) !== "off"; } catch { return true; }
};
const setKeys = (on) => {
  try { on ? localStorage.removeItem(keysSetting) : localStorage.setItem(keysSetting, "off"); } catch { /* forgotten at the next page */ }
  for (const box of document.querySelectorAll("[data-keys-switch]")) box.checked = on;
};

const showKeys = () => {
  const dialog = document.getElementById("keys");
  if (dialog && !dialog.open) dialog.showModal();
};

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-keys-switch]")) setKeys(event.target.checked);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys]")) showKeys();
});

const rows = () => [...document.querySelectorAll("[data-row]")];

const step = (by) => {
  const all = rows();
  if (all.length === 0) return stepLine(by);
  const at = all.indexOf(document.activeElement);
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  if (!next) return;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
};

const go = (where) => document.querySelector(`[data-go="${where}"]`)?.click();

const keys = {
  "/": () => { const box = document.getElementById("q"); box?.focus(); box?.select(); },
  "?": showKeys,
  j: () => step(1),
  k: () => step(-1),
  n: () => go("next"),
  p: () => go("prev"),
  b: () => go("back"),
  c: copyNext,
};
const arrows = { ArrowDown: () => step(1), ArrowUp: () => step(-1) };

const inField = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  if (event.target.id === "q" && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    event.target.form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || inField(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const onRow = document.activeElement.matches("[data-row]");
  const act = (keysOn() && keys[event.key]) || (onRow && arrows[event.key]);
  if (!act) return;
  event.preventDefault();
  act();
});

// Images beside each other and above the fields, each when its link is followed. What a link with a modifier does stays the
// browser's. Turning and zooming are attributes that the style sheet reads; nothing is asked for twice.

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-show]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(link);
});

const show = (link) => {
  const place = document.getElementById("shown");
  const name = link.textContent.trim();
  const open = [...place.children].find((f) => f.dataset.of === link.href);
  if (open) return open.querySelector(".frame").focus();
  const figure = document.getElementById("figure").content.cloneNode(true).firstElementChild;
  figure.dataset.of = link.href;
  figure.querySelector("span").textContent = name;
  for (const button of figure.querySelectorAll("button")) button.setAttribute("aria-label", `${button.textContent}: ${name}`);
  const picture = document.createElement(link.dataset.show === "video" ? "video" : "img");
  if (picture.localName === "video") picture.controls = true;
  else picture.alt = name;
  picture.addEventListener("error", () => notShown(figure, link));
  picture.src = link.href;
  const frame = figure.querySelector(".frame");
  frame.setAttribute("aria-label", name);
  frame.append(picture);
  place.append(figure);
  place.hidden = false;
  frame.focus({ preventScroll: true });
  place.scrollIntoView({ block: "nearest" });
};

const notShown = (figure, link) => {
  const words = document.createElement("p");
  const why = document.createElement("a");
  why.href = link.href;
  why.textContent = "Read why";
  words.append("This is not shown. ", why);
  figure.querySelector(".frame").replaceChildren(words);
};

document.addEventListener("click", (event) => {
  const button = event.target.closest(".shown button");
  if (!button) return;
  const figure = button.closest("figure");
  if ("turn" in button.dataset) figure.dataset.turned = (Number(figure.dataset.turned ?? 0) + 90) % 360;
  else if ("zoom" in button.dataset) figure.dataset.zoomed = { 1: 2, 2: 4, 4: 1 }[figure.dataset.zoomed ?? 1];
  else closeFigure(figure);
});

const closeFigure = (figure) => {
  const link = [...document.querySelectorAll("a[data-show]")].find((a) => a.href === figure.dataset.of);
  figure.remove();
  const place = document.getElementById("shown");
  place.hidden = place.children.length === 0;
  link?.focus();
};

// Parts that fold: all at once, without asking the portal again

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-fold]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const open = link.dataset.fold === "open";
  for (const part of link.closest("section").querySelectorAll(".nodes details, .raw details details")) part.open = open;
  announce(open ? "All parts open" : "All parts closed");
});

// The raw answer: a chosen line gives its JSON Pointer and its value

const rawBody = () => document.getElementById("raw");
let chosen = null;

const choose = (line) => {
  chosen?.removeAttribute("aria-current");
  chosen = line;
  chosen.setAttribute("aria-current", "true");
  document.getElementById("chosen").textContent = `${line.id}: ${pointerOf(line) || "the whole"}`;
  for (const button of document.querySelectorAll("[data-copy-chosen]")) button.disabled = false;
};

// An element of the body is a div, or a details whose first child names it and whose last child closes it.
const elementOf = (line) => (line.localName === "summary" || line.parentElement.id !== "raw" && line === line.parentElement.lastElementChild ? line.parentElement : line);
const nameOf = (element) => (element.localName === "details" ? element.firstElementChild : element).querySelector(":scope > .k");

const decoded = (spelled) => {
  try { return JSON.parse(spelled); } catch { return spelled.slice(1, -1); }
};

const pointerOf = (line) => {
  const steps = [];
  for (let e = elementOf(line); e.parentElement.id !== "raw"; e = e.parentElement) {
    const name = nameOf(e);
    const step = name ? decoded(name.textContent) : String([...e.parentElement.children].indexOf(e) - 1);
    steps.unshift(step.replaceAll("~", "~0").replaceAll("/", "~1"));
  }
  return steps.map((step) => "/" + step).join("");
};

// A text without its quotes and escapes, unless it holds what is no character; anything else as it is spelled.
const valueOf = (line) => {
  const element = elementOf(line);
  if (element.localName === "details") {
    const text = element.textContent.slice(nameOf(element)?.textContent.length ?? 0).replace(/^[\s:]*/, "");
    return text.slice(0, text.length - element.lastElementChild.textContent.length + 1);
  }
  const value = element.querySelector(":scope > :is(bdi:not(.k), b)").textContent;
  if (!value.startsWith('"')) return value;
  const text = decoded(value);
  return text.isWellFormed?.() === false ? value : text;
};

const stepLine = (by) => {
  const body = rawBody();
  if (!body?.querySelector(".raw > details")) return;
  const all = [...body.querySelectorAll("[id]")].filter((line) => line.checkVisibility());
  const at = all.indexOf(chosen);
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  choose(next);
  next.scrollIntoView({ block: "nearest" });
};

document.addEventListener("click", async (event) => {
  const line = event.target.closest(".raw [id]");
  if (line && document.getElementById("chosen")) choose(line);
  const button = event.target.closest("[data-copy-chosen]");
  if (!button || !chosen) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copyChosen === "pointer" ? pointerOf(chosen) : valueOf(chosen));
    say(button, "Copied");
  } catch {
    say(button, "Not allowed");
  }
});

// Finding in the raw answer opens what is folded around the place

const finding = { ranges: [], at: -1 };
const mostFound = 5000; // places that are marked; more is no longer a search

const rangesOf = (body, term) => {
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const nodes = [], starts = [];
  let text = "";
  for (let node; (node = walker.nextNode());) { nodes.push(node); starts.push(text.length); text += node.data; }
  const pattern = new RegExp(term.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), "giu");
  const ranges = [];
  let i = 0;
  const place = (offset) => {
    while (i + 1 < nodes.length && starts[i + 1] <= offset) i++;
    return [nodes[i], offset - starts[i]];
  };
  for (const match of text.matchAll(pattern)) {
    const range = new Range();
    range.setStart(...place(match.index));
    const [node, last] = place(match.index + match[0].length - 1);
    range.setEnd(node, last + 1);
    if (ranges.push(range) >= mostFound) break;
  }
  return ranges;
};

const goToFound = (by) => {
  const { ranges } = finding;
  const said = document.getElementById("found");
  if (ranges.length === 0) return;
  finding.at = (finding.at + by + ranges.length) % ranges.length;
  const range = ranges[finding.at];
  for (let part = range.startContainer.parentElement; part.id !== "raw"; part = part.parentElement) if (part.localName === "details") part.open = true;
  CSS.highlights?.set("found-now", new Highlight(range));
  range.startContainer.parentElement.closest("[id]").scrollIntoView({ block: "center" });
  said.textContent = `${finding.at + 1} of ${ranges.length === mostFound ? mostFound + " or more" : ranges.length}`;
};

const findAgain = (term) => {
  finding.ranges = term === "" ? [] : rangesOf(rawBody(), term);
  finding.at = -1;
  CSS.highlights?.delete("found-now");
  CSS.highlights?.set("found", new Highlight(...finding.ranges));
  document.getElementById("found").textContent = term === "" ? "" : "not found";
  goToFound(1);
};

document.addEventListener("input", (event) => {
  if (event.target.id === "find") findAgain(event.target.value);
});
document.addEventListener("keydown", (event) => {
  if (event.target.id === "find" && event.key === "Enter") goToFound(event.shiftKey ? -1 : 1);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-find]");
  if (button) goToFound(Number(button.dataset.find));
});

// Paper: when it was printed

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
addEventListener("beforeprint", () => {
  for (const place of document.querySelectorAll("[data-printed]")) place.textContent = `, printed on ${new Date().toISOString().slice(0, 19).replace("T", " ")} UTC`;
});

// htmx: addresses without empty parameters, results announced, failures never silent

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") return;
  const data = event.detail.formData;
  for (const [name, value] of [...data]) if (value === "") data.delete(name);
});

document.addEventListener("htmx:beforeRequest", () => problem(""));

document.addEventListener("htmx:sendError", () => problem("The portal did not answer, so nothing was changed. Try again."));

// On a narrow screen the filters open like a drawer: a swap leaves it as it was.
let drawerOpen = false;
const drawer = () => document.querySelector(".filters-box");
document.addEventListener("htmx:beforeSwap", () => { drawerOpen = drawer()?.open ?? false; });

document.addEventListener("htmx:afterSettle", (event) => {
  const asked = event.detail.requestConfig;
  if (!asked || event.detail.failed) return;
  if (drawerOpen && drawer()) drawer().open = true;
  if (asked.elt.id === "filters") announce(document.getElementById("results")?.dataset.announce ?? "");
  const field = asked.formData?.get("field");
  if (!field) return;
  document.querySelector(`tr[data-field="${CSS.escape(field)}"]`)?.focus();
  announce("Revealed for this view");
});

// How far an export is, told on the page that started it. Without a script the register tells.

const progressEvery = 1000; // milliseconds
const progressPatience = 5; // answers without an export under way: before it began, or after it ended
let followed = false;

document.addEventListener("click", (event) => {
  if (event.target.closest(".exports a[href^='/processes.csv']") && !followed) followExport();
});

const followExport = async () => {
  followed = true;
  const told = (words) => {
    const place = document.querySelector("[data-export-progress]"); // anew each time: results may have been swapped
    if (place) place.textContent = words;
  };
  for (let nothing = 0, seen = false; nothing < (seen ? 1 : progressPatience); ) {
    await new Promise((resume) => setTimeout(resume, progressEvery));
    let answer;
    try {
      answer = await fetch("/processes.csv/progress", { redirect: "error" });
    } catch {
      break;
    }
    if (answer.status === 200) {
      seen = true;
      nothing = 0;
      told(await answer.text());
    } else if (answer.status === 204) {
      nothing++;
      if (seen) told("The export has ended; the register says how.");
    } else {
      break;
    }
  }
  followed = false;
};

// A page brought back from memory is asked for again: every view is checked and recorded.

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

document.addEventListener("DOMContentLoaded", () => {
  setKeys(keysOn());
  openTarget();
});
