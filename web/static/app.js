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
  announce(words);
  setTimeout(() => { label.data = "Copy"; }, 1500);
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

// A page brought back from memory is asked for again: every view is checked and recorded.

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

document.addEventListener("DOMContentLoaded", () => {
  setKeys(keysOn());
  openTarget();
});
