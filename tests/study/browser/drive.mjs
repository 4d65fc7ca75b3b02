// Answers questions in a browser as a person would: node drive.mjs FOLDER < plan > results, FOLDER holding node_modules.
// The plan is {address, axe, visits: [{path, steps: [[what, ...how]]}], options}; a result is {notes, errors, outside}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const folder = process.argv[2];
const { chromium } = createRequire(join(folder, "package.json"))("playwright-core");
const axe = readFileSync(join(folder, "node_modules/axe-core/axe.min.js"), "utf8");
const { address, visits } = JSON.parse(readFileSync(0, "utf8"));

const STEPS = {
  fill: (page, selector, text) => page.locator(selector).first().fill(text),
  type: (page, selector, text) => page.locator(selector).first().pressSequentially(text),
  // a formula as it would be pasted; what is typed key by key has a test of its own
  formula: (page, selector, tex) => page.locator(selector).evaluate((field, text) => {
    field.setValue(text);
    field.dispatchEvent(new Event("input"));
  }, tex),
  clear: async (page) => {
    if (await page.locator("input[data-tex]").count()) return STEPS.formula(page, "math-field", "");
    for (const field of await page.locator("#answer, .cell").all()) await field.fill("");
  },
  click: (page, selector) => page.locator(selector).first().click(),
  keys: async (page, selector, text) => {
    await page.locator(selector).focus();
    await page.waitForTimeout(100); // MathLive takes this long to notice
    await page.keyboard.type(text);
  },
  twice: (page, selector) =>
    page.locator(selector).first().evaluate((button) => [0, 30].forEach((wait) => setTimeout(() => button.click(), wait))),
  key: (page, key) => page.keyboard.press(key),
  focus: (page, selector) => page.locator(selector).first().focus(),
  choose: (page, selector, value) => page.locator(selector).first().selectOption(value),
  load: (page) => page.reload(),
  go: (page, path) => page.goto(address + path),
  pause: (page, milliseconds) => page.waitForTimeout(milliseconds),
  wait: (page, selector) => page.locator(selector).first().waitFor({ state: "attached" }),
  drag: (page, from, to) => page.locator(from).dragTo(page.locator(to), { targetPosition: { x: 9, y: 2 } }),
  paste: (page, selector, text) =>
    page.locator(selector).first().evaluate((field, pasted) => {
      const data = new DataTransfer();
      data.setData("text/plain", pasted);
      field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, text),
  // Enter that ends a word of an input method, as browsers tell of it
  compose: (page, selector) =>
    page.locator(selector).first().evaluate((field) => {
      const event = new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true });
      if (field.dispatchEvent(event)) field.form.requestSubmit();
    }),
  // a word of an input method in the field in hand, as the browser itself has it: Enter comes while it is composed
  ime: async (page, composed, word) => {
    const session = await page.context().newCDPSession(page);
    await session.send("Input.imeSetComposition", { text: composed, selectionStart: composed.length, selectionEnd: composed.length });
    await session.send("Input.dispatchKeyEvent", { type: "keyDown", key: "Enter", code: "Enter", windowsVirtualKeyCode: 229 });
    await page.waitForTimeout(300);
    await session.send("Input.insertText", { text: word });
  },
  note: async (page, name, selector, property) => {
    const all = await page.locator(selector).evaluateAll((found, of) => found.map((one) => one[of]), property ?? "innerText");
    return [name, all];
  },
  run: (page, program) => page.evaluate(program),
  focused: async (page, name) => [name, await page.evaluate(() => document.activeElement.id || document.activeElement.name)],
  width: async (page, name) => [name, await page.evaluate(() => document.documentElement.scrollWidth - screen.width)],
  view: (page, path) => page.screenshot({ path }),
  shot: (page, path) => page.screenshot({ path, fullPage: true }),
  axe: async (page, name) => {
    const session = await page.context().newCDPSession(page); // past the page's own policy, which lets no script in
    await session.send("Runtime.evaluate", { expression: axe });
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
    const { violations } = await page.evaluate((only) => window.axe.run({ runOnly: only }), tags);
    return [name, violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`)];
  },
};

// Every page to which links lead, each kind once: what axe finds there, and how much wider than the screen it is.
STEPS.crawl = async (page, name) => {
  const found = {}, waiting = [page.url()];
  const kind = (url) => new URL(url).pathname.replace(/^(\/question)\/.*/, "$1").replace(/\d+/g, "0");
  while (waiting.length) {
    const url = waiting.shift();
    if (kind(url) in found) continue;
    await page.goto(url);
    found[kind(url)] ??= [];
    if (kind(page.url()) in found && kind(page.url()) !== kind(url)) continue;
    found[kind(page.url())] = [...(await STEPS.axe(page))[1], ...((await STEPS.width(page))[1] > 0 ? ["too wide"] : [])];
    const links = await page.locator("a[href]:not([download])").evaluateAll((all) => all.map((one) => one.href));
    waiting.push(...links.filter((link) => link.startsWith(address) && !link.includes(".csv")));
  }
  return [name, found];
};

// No name but that of this machine leads anywhere.
const nowhere = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1";
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", nowhere] });
const results = [];
for (const { path, steps, options } of visits) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  const notes = {}, errors = [], outside = [];
  let loads = 0;
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("request", (request) => request.url().startsWith(address) || outside.push(request.url()));
  page.on("domcontentloaded", () => (loads += 1));
  try {
    await page.goto(address + path);
    for (const [what, ...how] of steps) {
      const noted = await STEPS[what](page, ...how);
      if (Array.isArray(noted)) notes[noted[0]] = noted[1];
    }
  } catch (error) {
    errors.push(String(error));
  }
  results.push({ notes, errors, outside, loads });
  await context.close();
}
await browser.close();
process.stdout.write(JSON.stringify(results));
