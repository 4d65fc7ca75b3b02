// Plays QTI 3 items in two players, in a browser: node play.mjs FOLDER < jobs > results, FOLDER holding node_modules.
// A job is {xml, answers: [{RESPONSE: value}]}; its result, for every player, a list of {outcomes, said, text, errors}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const folder = process.argv[2];
const { chromium } = createRequire(join(folder, "package.json"))("playwright-core");
const ORIGIN = "http://players.test/";

const CITO = `<!doctype html><meta charset="utf-8"><body><script type="module">
import "/node_modules/@citolab/qti-components/dist/index.js";
window.load = (xml) => new Promise((done) => {
  document.body.replaceChildren();
  const item = document.createElement("qti-item"), container = document.createElement("item-container");
  document.body.addEventListener("qti-assessment-item-connected", (event) => {
    window.item = event.detail;
    setTimeout(done, 30);
  }, { once: true });
  container.itemXML = xml;
  item.append(container);
  document.body.append(item);
});
window.put = (name, value) => {
  const interaction = item.querySelector('[response-identifier="' + name + '"]');
  interaction.response = value;
  item.updateResponseVariable(name, value);
};
window.end = async () => {
  item.processResponse();
  await new Promise((done) => setTimeout(done, 10));
  return Object.fromEntries(item.variables.filter((one) => one.type === "outcome").map((one) => [one.identifier, one.value]));
};
window.ready = true;
</script>`;

const AMP = `<!doctype html><meta charset="utf-8">
<link rel="stylesheet" href="/node_modules/qti3-item-player/dist/qti3Player.css">
<body><div id="app"></div>
<script src="/node_modules/vue/dist/vue.min.js"></script>
<script src="/node_modules/qti3-item-player/dist/qti3Player.umd.min.js"></script>
<script>
let player, onItem, onEnd;
const Player = window.qti3Player.default || window.qti3Player;
const session = { max_attempts: 0, show_feedback: true, validate_responses: false };
new Vue({
  el: "#app",
  render(h) {
    return h(Player, {
      props: { suppressAlertMessages: true, suppressInvalidResponseMessages: true },
      on: {
        notifyQti3PlayerReady(found) { player = found; window.ready = true; },
        notifyQti3ItemReady() { onItem && onItem(); },
        notifyQti3EndAttemptCompleted(data) { onEnd(data); },
      },
    });
  },
});
window.load = (xml) => new Promise((done) => {
  onItem = () => setTimeout(done, 30);
  player.loadItemFromXml(xml, { guid: String(Math.random()), status: "interacting", sessionControl: session });
});
function* components(one) {
  yield one;
  for (const child of one.$children) yield* components(child);
}
window.put = (name, value) => {
  for (const one of components(player))
    if (one.setResponse && one.responseIdentifier === name) {
      one.setResponse(value);
      one.updateValidity && one.updateValidity(true);
    }
};
window.end = () => new Promise((done) => {
  onEnd = (data) => {
    const state = data.state || data;
    done(Object.fromEntries(state.outcomeVariables.map((one) => [one.identifier, one.value])));
  };
  player.endAttempt("end");
});
</script>`;

// Where things are: by response identifier, or by the place of the interaction among those of its kind.
const PLAYERS = {
  cito: {
    page: CITO,
    body: "qti-item-body",
    choice: (page, response, at, name) =>
      page.locator(`qti-choice-interaction[response-identifier="${response}"] qti-simple-choice[identifier="${name}"]`),
    field: (page, response) => page.locator(`qti-text-entry-interaction[response-identifier="${response}"] input`),
    essay: (page, response) => page.locator(`qti-extended-text-interaction[response-identifier="${response}"] textarea`),
  },
  amp: {
    page: AMP,
    once: true, // having shown feedback, it loads nothing else
    body: ".qti-item-body",
    choice: (page, response, at, name) =>
      page.locator(".qti-choice-interaction").nth(at).locator(`[data-identifier="${name}"]`),
    field: (page, response, at) => page.locator(".qti-text-entry-interaction input").nth(at),
    essay: (page, response, at) => page.locator(".qti-extended-text-interaction textarea").nth(at),
  },
};

function soon(promise) {
  let timer;
  const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new Error("no answer from the player")), 2500)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function answer(page, player, response, { how, value, at }) {
  if (how === "choose") for (const name of [value].flat()) await player.choice(page, response, at, name).click();
  else if (how === "type") {
    await player.field(page, response, at).fill(value);
    await player.field(page, response, at).press("End"); // one player listens to keys
  }
  else if (how === "write") await player.essay(page, response, at).fill(value);
  else await soon(page.evaluate(([name, given]) => window.put(name, given), [response, value]));
}

async function play(browser, player, jobs) {
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.setDefaultTimeout(2500);
  await page.route("**/*", (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path === "/") return route.fulfill({ contentType: "text/html", body: player.page });
    if (path.startsWith("/node_modules/")) return route.fulfill({ path: join(folder, path) });
    return route.fulfill({ status: 200, contentType: "text/css", body: "" });
  });
  const open = async () => {
    await page.goto(ORIGIN);
    await page.waitForFunction(() => window.ready);
  };
  const results = [];
  for (const { xml, answers } of jobs) {
    const found = [];
    for (const given of answers) {
      errors.length = 0;
      try {
        if (player.once || !found.length) await open();
        await soon(page.evaluate((text) => window.load(text), xml));
        const put = Object.entries(given).sort(([, one], [, other]) => (other.how === "put") - (one.how === "put"));
        for (const [response, value] of put) await answer(page, player, response, value);
        const text = await page.locator(player.body).innerText();
        const outcomes = await soon(page.evaluate(() => window.end()));
        found.push({ outcomes, text, errors: [...errors] });
      } catch (error) {
        found.push({ outcomes: null, text: "", errors: [...errors, String(error)] });
      }
    }
    results.push(found);
  }
  await page.close();
  return results;
}

const jobs = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const results = {};
for (const [name, player] of Object.entries(PLAYERS)) results[name] = await play(browser, player, jobs);
await browser.close();
process.stdout.write(JSON.stringify(results));
