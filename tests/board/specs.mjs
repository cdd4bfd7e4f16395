// Compiles, validates and renders Vega-Lite specifications with the real vega-lite and vega.
//
//   node specs.mjs FILE…            each FILE is one specification, or an object of specifications by name
//   node specs.mjs --out DIR FILE…  also writes each drawing as SVG to DIR
//
// Prints one JSON object { specs, problems: […] } and exits with 1 where a specification does not fit the schema, compiles with
// a warning, needs `eval`, or draws nothing.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { Ajv } from "ajv";
import * as vega from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile } from "vega-lite";

const schema = JSON.parse(readFileSync(createRequire(import.meta.url).resolve("vega-lite/vega-lite-schema.json"), "utf8"));
// Every chart of a dashboard is layered: the errors of the other kinds of specifications would only hide its own.
const layered = { ...schema, $ref: "#/definitions/TopLevelLayerSpec" };
const fits = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(layered);

/** What vega says of every chart that is as wide as its page, where there is no page. */
const NO_PAGE = "warning: Can not resolve event source: window";

/** A logger that keeps what is said instead of printing it. */
function keeping(said) {
  const logger = {
    level: () => logger,
    error: (...words) => (said.push(`error: ${words.join(" ")}`), logger),
    warn: (...words) => (said.push(`warning: ${words.join(" ")}`), logger),
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}

/** The SVG of a specification, and what is wrong with it. */
export async function render(spec) {
  const problems = [];
  if (!fits(spec)) {
    const deepest = fits.errors.reduce((one, other) => (other.instancePath.length > one.instancePath.length ? other : one));
    problems.push(`does not fit the schema: ${deepest.instancePath} ${deepest.message} ${JSON.stringify(deepest.params)}`);
  }
  if (!spec.description) {
    problems.push("has no description");
  }
  const logger = keeping(problems);
  const compiled = compile(spec, { logger }).spec;
  const runtime = vega.parse(compiled, null, { ast: true });
  const view = new vega.View(runtime, { renderer: "none", expr: expressionInterpreter, logger });
  const svg = await view.toSVG();
  view.finalize();
  for (const bad of ["NaN", "undefined", "Infinity", "[object Object]"]) {
    if (svg.includes(bad)) {
      problems.push(`draws ${bad}`);
    }
  }
  if (!/<(path|text|rect|line)[^>]*>/.test(svg.replace(/<path class="background"[^>]*>/g, ""))) {
    problems.push("draws nothing");
  }
  return { svg, problems: problems.filter((problem) => problem !== NO_PAGE) };
}

async function main(words) {
  const out = words[0] === "--out" ? words.splice(0, 2)[1] : null;
  const report = { specs: 0, problems: [] };
  for (const file of words) {
    const read = JSON.parse(readFileSync(file, "utf8"));
    const all = read.$schema ? { [basename(file, ".vl.json")]: read } : read;
    for (const [name, spec] of Object.entries(all)) {
      report.specs += 1;
      let drawn;
      try {
        drawn = await render(spec);
      } catch (error) {
        report.problems.push(`${name}: ${error.stack}`);
        continue;
      }
      report.problems.push(...drawn.problems.map((problem) => `${name}: ${problem}`));
      if (out) {
        mkdirSync(out, { recursive: true });
        writeFileSync(join(out, `${name}.svg`), drawn.svg);
      }
    }
  }
  console.log(JSON.stringify(report, null, 2));
  return report.problems.length === 0 ? 0 : 1;
}

if (import.meta.filename === process.argv[1]) {
  process.exitCode = await main(process.argv.slice(2));
}
