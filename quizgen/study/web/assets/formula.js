// Formulas: a field that shows them as they are written (MathLive) takes the place of the text field, which stays what
// is sent. Whoever would rather type may: the choice is remembered.
"use strict";

const KEPT = "quizgen.formula";
const NAMED = "sigmoid relu softplus gelu silu softmax erf abs sign floor ceil round mod".split(" ");
const WORDS = {
  sqrt: "\\sqrt{#?}", exp: "\\exp", ln: "\\ln", log: "\\log", log2: "\\log_{2}", log10: "\\log_{10}", sin: "\\sin", cos: "\\cos",
  tan: "\\tan", tanh: "\\tanh", max: "\\max", min: "\\min", sum: "\\sum_{#?}^{#?}", prod: "\\prod_{#?}^{#?}", inf: "\\infty",
  pi: "\\pi", "*": "\\cdot", "**": "^{#?}", "<=": "\\le", ">=": "\\ge",
  ...Object.fromEntries(NAMED.map((name) => [name, `\\mathrm{${name}}`])),
};

// Keys that do here what they do everywhere. MathLive takes the place of a key for its sign, so that | would be a \ on
// some keyboards.
const OURS = /\[(Tab|Escape|Enter|Return|IntlBackslash|Backslash)\]$|^\\$/;

let loaded = null;

function mathlive() {
  loaded ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = "/assets/mathlive.min.js?0.111.1";
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  }).then(() => {
    MathfieldElement.fontsDirectory = null; // the style sheet names the fonts
    MathfieldElement.soundsDirectory = null;
    MathfieldElement.locale = document.documentElement.lang === "zh" ? "zh-cn" : "en";
  });
  return loaded;
}

function preferred() {
  try {
    return localStorage.getItem(KEPT) ?? "formula";
  } catch {
    return "formula";
  }
}

function prefer(way) {
  try {
    localStorage.setItem(KEPT, way);
  } catch { /* a browser that keeps nothing */ }
}

function made(text) {
  const field = new MathfieldElement();
  field.id = "formula";
  field.setAttribute("aria-label", text.labels[0].textContent.trim());
  field.setAttribute("aria-describedby", text.getAttribute("aria-describedby"));
  field.toggleAttribute("data-invalid", text.hasAttribute("aria-invalid"));
  text.after(field);
  field.mathVirtualKeyboardPolicy = "manual";
  field.popoverPolicy = "off";
  field.environmentPopoverPolicy = "off";
  field.menuItems = [];
  field.smartSuperscript = false; // exponents have more than one digit
  field.keybindings = field.keybindings.filter(({ key, ifMode }) => !OURS.test(key) || (ifMode === "latex" && !key.includes("Tab")));
  const names = [...document.querySelectorAll(".keys [data-insert]")].filter(({ dataset }) => dataset.insert.length > 1);
  const own = Object.fromEntries(names.map(({ dataset }) => [dataset.insert, dataset.tex]));
  field.inlineShortcuts = { ...WORDS, ...own };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Tab") finish(field);
    if (event.key !== "\\" || field.mode !== "math") return;
    field.executeCommand(["switchMode", "latex", "", "\\"]);
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
  field.addEventListener("focusout", () => finish(field));
  for (const moment of ["input", "change"]) field.addEventListener(moment, () => take(field, text));
  return field;
}

// A command of LaTeX that is being typed is whole when the field is left.
function finish(field) {
  if (field.mode === "latex") field.executeCommand(["complete", "accept-all"]);
}

// In LaTeX k^10 is k to the 1, times 0: here it is said which of them stands high.
function take(field, text) {
  const value = field.value.replace(/([_^])([A-Za-z0-9])/g, "$1{$2}");
  if (text.value === value) return;
  text.value = value;
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

async function show(text, asFormula) {
  if (asFormula) await mathlive();
  if (!text.isConnected) return;
  const form = text.form;
  const focused = form.contains(document.activeElement) || document.activeElement === document.body;
  const field = form.querySelector("math-field") ?? (asFormula ? made(text) : null);
  if (asFormula) field.setValue(document.querySelector("#echo [data-tex]")?.dataset.tex ?? (text.dataset.tex || text.value), { silenceNotifications: true });
  text.hidden = asFormula;
  if (field) field.hidden = !asFormula;
  for (const one of form.querySelectorAll("[data-for]")) one.hidden = (one.dataset.for === "formula") !== asFormula;
  document.querySelector("label[for=answer], label[for=formula]").htmlFor = asFormula ? "formula" : "answer";
  if (focused) (asFormula ? field : text).focus();
}

function upgrade() {
  const text = document.querySelector("input[data-tex]");
  if (!text || text.dataset.ready) return;
  text.dataset.ready = "yes";
  show(text, preferred() === "formula").catch(() => show(text, false));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const text = button?.form?.querySelector("input[data-tex]");
  if (!text) return;
  const field = button.form.querySelector("math-field:not([hidden])");
  if (button.dataset.way) {
    prefer(button.dataset.way);
    show(text, button.dataset.way === "formula");
  } else if (button.dataset.command) field?.executeCommand(button.dataset.command);
  else if (button.dataset.tex && field) field.insert(button.dataset.tex, { selectionMode: "placeholder", focus: true });
});

// A key leaves the cursor where it is.
document.addEventListener("mousedown", (event) => event.target.closest(".keys button") && event.preventDefault());

for (const moment of ["DOMContentLoaded", "htmx:afterSettle"]) document.addEventListener(moment, upgrade);
