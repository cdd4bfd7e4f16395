// Opens the pages of the examples in a real Chromium and looks at them as readers do.
//
//   node pages.mjs GROMA [--shots DIR] [--only cdnow|subscriptions] [--keep DIR]
//
// For each page: nothing on the console and no request; every chart drawn, with words that do not lie over each other, stand out
// from what is behind them and are not cut off; every number of its tables as `groma query` answers it, and none missing; no
// scrolling sideways on a phone; axe-core content in light, in dark and in print, with all details open. Pictures go to DIR.
//
// Prints `N passed, M failed`, and ends with 1 where something failed. CHROMIUM names the browser.

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import puppeteer from "puppeteer-core";
import { readable } from "./readable.mjs";
import { sameNumbers } from "./numbers.mjs";

const run = promisify(execFile);

/** The examples, what their pages are asked as of, and metrics whose intervals must be shown. */
const EXAMPLES = [
  { name: "cdnow", asOf: [], intervals: ["revenue"] },
  { name: "subscriptions", asOf: ["--as-of", "2026-07-01"], intervals: ["nps", "activation", "csat", "hours_to_reply"] },
];

const BROWSERS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Widths at which nobody may have to scroll sideways: small phones, phones, desks. */
const WIDTHS = [320, 390, 768, 1280];

const tally = { passed: 0, failed: 0 };

function passes(what, problems) {
  if (problems.length === 0) {
    tally.passed += 1;
    return;
  }
  tally.failed += 1;
  console.log(`${what}:`);
  for (const problem of problems.slice(0, 12)) {
    console.log(`  ${problem}`);
  }
  if (problems.length > 12) {
    console.log(`  and ${problems.length - 12} more`);
  }
}

function options(words) {
  const [groma, ...rest] = words;
  const of = (name) => (rest.includes(name) ? rest[rest.indexOf(name) + 1] : null);
  if (!groma || groma.startsWith("--")) {
    throw new Error("usage: node pages.mjs GROMA [--shots DIR] [--only NAME] [--keep DIR]");
  }
  return { groma, shots: of("--shots"), only: of("--only"), keep: of("--keep"), root: of("--root") ?? root() };
}

/** The repository: the folder upwards that has `examples`; GROMA_ROOT says it where the script is a copy elsewhere. */
function root() {
  let folder = process.env.GROMA_ROOT ?? import.meta.dirname;
  while (!existsSync(join(folder, "examples")) && folder !== dirname(folder)) {
    folder = dirname(folder);
  }
  return folder;
}

async function main(words) {
  const { groma, shots, only, keep, root: repository } = options(words);
  const out = keep ?? mkdtempSync(join(tmpdir(), "groma-pages-"));
  const browser = await puppeteer.launch({
    executablePath: BROWSERS.find((path) => path && existsSync(path)),
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none", "--force-color-profile=srgb"],
  });
  try {
    for (const example of EXAMPLES.filter((one) => only === null || one.name === only)) {
      const project = join(repository, "examples", example.name);
      const folder = join(out, example.name);
      await run(groma, ["-C", project, "dashboard", "--as", "html", "--out", folder, ...example.asOf], { maxBuffer: 1 << 26 });
      const names = readdirSync(folder).filter((name) => name.endsWith(".html")).sort();
      passes(`${example.name}: there are pages`, names.length > 0 ? [] : ["none"]);
      const found = [];
      for (const name of names) {
        const picture = shots && join(shots, `${example.name}-${name.replace(".html", "")}`);
        found.push(...(await onePage(browser, join(folder, name), `${example.name}/${name}`, picture)));
      }
      const spans = spansOf(readFileSync(join(project, "dashboards.groma"), "utf8"));
      for (const [what, problems] of await sameNumbers({ groma, project, example, tiles: found, spans })) {
        passes(what, problems);
      }
    }
  } finally {
    await browser.close();
    if (!keep) {
      rmSync(out, { recursive: true, force: true });
    }
  }
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed === 0 && tally.passed > 0 ? 0 : 1;
}

/** How many periods each tile is to show: `leadership.revenue` → 13. Tiles without a span are not in it. */
function spansOf(text) {
  const spans = new Map();
  let dashboard = null;
  let tile = null;
  for (const line of text.split("\n")) {
    dashboard = /^dashboard (\w+)/.exec(line)?.[1] ?? dashboard;
    tile = /^ {2}tile (\w+)/.exec(line)?.[1] ?? tile;
    const span = /^ {4}span: +last (\d+)/.exec(line);
    if (span) {
      spans.set(`${dashboard}.${tile}`, Number(span[1]));
    }
  }
  return spans;
}

/** All checks of one page that need no numbers; the cells of its tables. */
async function onePage(browser, file, what, picture) {
  const page = await browser.newPage();
  const url = pathToFileURL(file).href;
  const said = [];
  const asked = [];
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== url && !/^(data|blob):/.test(request.url())) {
      asked.push(request.url());
    }
  });
  await page.setViewport({ width: 1280, height: 900 });
  await page.goto(url, { waitUntil: "load" });
  const drawn = await page
    .waitForFunction(() => document.documentElement.dataset.drawn !== undefined, { timeout: 20000 })
    .then(() => [], () => ["the page does not say that its charts are drawn (data-drawn)"]);
  passes(`${what}: charts are drawn`, [...drawn, ...(await page.evaluate(chartProblems))]);
  passes(`${what}: what a tile needs`, await page.evaluate(tileProblems));
  passes(`${what}: fits the width`, await widths(page));
  await page.setViewport({ width: 1280, height: 900 });
  for (const [mode, problems] of await readable(page, picture)) {
    passes(`${what}: ${mode}`, problems);
  }
  passes(`${what}: nothing on the console`, said);
  passes(`${what}: no network`, asked);
  const tiles = await page.evaluate(tilesOf);
  await page.close();
  return tiles;
}

/** Charts that show nothing. Runs in the page. */
function chartProblems() {
  const problems = [];
  const root = document.documentElement.dataset;
  const charts = [...document.querySelectorAll("div.chart")];
  if (root.failed !== undefined) {
    problems.push(`data-failed: ${root.failed}`);
  }
  if (Number(root.drawn) !== charts.length) {
    problems.push(`${root.drawn} of ${charts.length} charts are drawn`);
  }
  for (const chart of charts) {
    const name = chart.closest("section.tile")?.dataset.tile ?? "a chart outside of a tile";
    const svg = chart.querySelector("svg");
    if (!svg) {
      problems.push(`${name}: no svg`);
      continue;
    }
    const marks = [...svg.querySelectorAll("[class*=mark-] :is(path, rect, circle, line)")].filter((mark) => {
      const box = mark.getBoundingClientRect();
      return box.width + box.height > 2;
    });
    const box = svg.getBoundingClientRect();
    if (marks.length < 3 || box.width < 100 || box.height < 40) {
      problems.push(`${name}: ${marks.length} marks on ${box.width} × ${box.height}`);
    }
    const names = [chart, svg, ...chart.querySelectorAll("[role]")].map((one) => one.getAttribute("aria-label") ?? "");
    if (!names.some((label) => label.length > 10)) {
      problems.push(`${name}: the chart has no words for those who do not see it (aria-label)`);
    }
  }
  return problems;
}

/** Tiles that lack a heading, who answers for them, their table, or their definition. Runs in the page. */
function tileProblems() {
  const problems = [];
  const tiles = [...document.querySelectorAll("section.tile")];
  if (tiles.length === 0) {
    problems.push("there are no tiles");
  }
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids.filter((one, place) => ids.indexOf(one) !== place))) {
    problems.push(`two elements are called ${id}`);
  }
  for (const tile of tiles) {
    const lacks = (what) => problems.push(`${tile.dataset.tile}: no ${what}`);
    const text = tile.textContent.toLowerCase();
    if (!tile.querySelector("h2, h3")?.textContent.trim()) lacks("heading");
    if (!tile.querySelector("table caption, table[aria-label], table[aria-labelledby]")) lacks("table with a name");
    if (!tile.querySelector("table [data-metric]")) lacks("number in its table");
    if (!tile.querySelector("details summary")) lacks("details");
    for (const word of ["version", "@"]) {
      if (!text.includes(word)) lacks(`“${word}” (definition, owner)`);
    }
    for (const bad of ["nan", "undefined", "null", "infinity", "[object"]) {
      if (new RegExp(`(^|[^a-z])${bad.replace("[", "\\[")}([^a-z]|$)`).test(tile.innerText.toLowerCase())) {
        problems.push(`${tile.dataset.tile} says “${bad}”`);
      }
    }
  }
  return problems;
}

/** The cells of the tables by tile. Runs in the page. */
function tilesOf() {
  return [...document.querySelectorAll("section.tile")].map((tile) => ({
    id: tile.dataset.tile,
    grain: tile.dataset.grain,
    mark: tile.dataset.mark,
    by: JSON.parse(tile.dataset.by || "[]"),
    cells: [...tile.querySelectorAll("table [data-metric]")].map((cell) => ({
      ...cell.dataset,
      value: cell.dataset.value ?? cell.querySelector("data")?.getAttribute("value"),
      shown: cell.textContent.trim(),
    })),
  }));
}

async function widths(page) {
  const problems = [];
  for (const width of WIDTHS) {
    await page.setViewport({ width, height: 844, isMobile: width < 500, hasTouch: width < 500 });
    await settled(page);
    const found = await page.evaluate(() => {
      const wide = document.documentElement.scrollWidth;
      const inner = window.innerWidth;
      const past = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > inner + 1);
      return { wide, inner, past: past.slice(0, 3).map((one) => `${one.tagName.toLowerCase()}.${one.className?.baseVal ?? one.className}`) };
    });
    if (found.wide > found.inner || found.inner !== width) {
      problems.push(`at ${width} px the page is ${found.wide} px wide: ${found.past.join(", ")}`);
    }
  }
  return problems;
}

/** Charts are drawn anew after the width has changed. */
export async function settled(page) {
  await page.waitForFunction(() => document.documentElement.dataset.drawn !== undefined, { timeout: 10000 }).catch(() => {});
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await new Promise((done) => setTimeout(done, 150));
}

process.exitCode = await main(process.argv.slice(2));
