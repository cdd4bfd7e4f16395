// The numbers of pages against those of `groma query`, cell by cell.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The periods that a page shows may end earlier only where a span says so; so many questions at once. */
const AT_ONCE = 2;

/** Each tile, and where its numbers are not those of the query. */
export async function sameNumbers({ groma, project, example, tiles, spans }) {
  const answers = await asked(groma, project, example, tiles);
  const found = tiles.map((tile) => [`${example.name}: numbers of ${tile.id}`, differences(tile, answers, spans.get(tile.id))]);
  const shown = new Set(tiles.flatMap((tile) => tile.cells.filter((cell) => cell.low).map((cell) => cell.metric)));
  const missing = example.intervals.filter((metric) => !shown.has(metric));
  found.push([`${example.name}: intervals`, missing.map((metric) => `no cell of ${metric} has one`)]);
  return found;
}

const keyOf = (tile, metric, interval) => JSON.stringify([metric, tile.grain, tile.by, interval]);

/** Whether a page shows intervals of a metric of a tile. */
const hasInterval = (tile, metric) => tile.cells.some((cell) => cell.metric === metric && (cell.low || cell.high));

/** The rows of every question of the tiles, each asked once; tiles that ask alike share it. */
async function asked(groma, project, example, tiles) {
  const questions = new Map();
  for (const tile of tiles) {
    for (const metric of new Set(tile.cells.map((cell) => cell.metric))) {
      const interval = hasInterval(tile, metric);
      questions.set(keyOf(tile, metric, interval), { metric, grain: tile.grain, by: tile.by, interval });
    }
  }
  const waiting = [...questions];
  const answers = new Map();
  const work = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [key, { metric, grain, by, interval }] = next;
      const words = ["-C", project, "query", metric, "--grain", grain, "--format", "csv", ...by.flatMap((path) => ["--by", path])];
      words.push(...(interval ? ["--intervals"] : []), ...example.asOf);
      const { stdout } = await run(groma, words, { maxBuffer: 1 << 26 });
      answers.set(key, rowsOf(stdout));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return answers;
}

/** The rows of a CSV file as objects. */
function rowsOf(text) {
  const [header, ...lines] = text.split(/\r?\n/).filter((line) => line !== "").map(fieldsOf);
  return lines.map((fields) => Object.fromEntries(header.map((name, place) => [name, fields[place]])));
}

function fieldsOf(line) {
  const fields = [];
  const field = /(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/y;
  for (let more = true; more; ) {
    const [, quoted, plain, end] = field.exec(line);
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    more = end === ",";
  }
  return fields;
}

const cellKey = (metric, period, groups, step) => JSON.stringify([metric, period, groups.map((group) => group ?? ""), step ?? ""]);

function differences(tile, answers, span) {
  const problems = [];
  if (tile.cells.length === 0) {
    return ["its table has no cells (table [data-metric])"];
  }
  const shown = new Map();
  for (const cell of tile.cells) {
    const key = cellKey(cell.metric, cell.period, JSON.parse(cell.groups || "[]"), cell.step);
    if (shown.has(key)) {
      problems.push(`${key} stands there twice`);
    }
    shown.set(key, cell);
  }
  const wanted = new Map();
  for (const metric of new Set(tile.cells.map((cell) => cell.metric))) {
    const rows = answers.get(keyOf(tile, metric, hasInterval(tile, metric)));
    const periods = [...new Set(rows.map((row) => row.period))].sort();
    const from = span === undefined ? periods[0] : periods.at(-span) ?? periods[0];
    for (const row of rows.filter((one) => one.period >= from)) {
      wanted.set(cellKey(metric, row.period, tile.by.map((path) => row[path]), row.step), row);
    }
  }
  problems.push(...[...wanted.keys()].filter((key) => !shown.has(key)).map((key) => `${key} is missing`));
  for (const [key, cell] of shown) {
    const row = wanted.get(key);
    problems.push(...(row ? otherThan(key, cell, row) : [`${key} is no row of the query`]));
  }
  return problems;
}

function otherThan(key, cell, row) {
  const problems = ["value", "n", "low", "high"]
    .filter((name) => !equal(cell[name], row[name]))
    .map((name) => `${key}: ${name} is ${cell[name]}, and the query says ${row[name]}`);
  if (cell.status !== row.status) {
    problems.push(`${key}: ${cell.status}, and the query says ${row.status}`);
  }
  if (row.value !== "" && !/\d/.test(cell.shown)) {
    problems.push(`${key} shows “${cell.shown}” for ${row.value}`);
  }
  return problems;
}

function equal(one, other) {
  if ((one ?? "") === "" || (other ?? "") === "") {
    return (one ?? "") === (other ?? "");
  }
  const [left, right] = [Number(one), Number(other)];
  return Math.abs(left - right) <= 1e-12 * Math.max(1, Math.abs(left), Math.abs(right));
}
