// Writes the vendored scripts of this folder from installed npm packages, or checks that they are theirs:
//
//   npm ci --ignore-scripts --prefix tests/board       (the versions are pinned in tests/board/package-lock.json)
//   node compiler/board/vendor/renew.mjs [--check] [FOLDER WITH node_modules, default tests/board]
//
// vega and vega-lite ship minified scripts: they are copied byte for byte. vega-interpreter ships a module only: esbuild makes
// it a script that defines `vegaInterpreter`. LICENCES holds the licences of all that is in these scripts, each text once.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

const here = import.meta.dirname;
const words = process.argv.slice(2);
const check = words.includes("--check");
const from = resolve(words.find((word) => !word.startsWith("--")) ?? join(here, "../../../tests/board"));
const modules = join(from, "node_modules");

const packageOf = (name) => JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));

/** The interpreter as a script. */
function interpreter() {
  const esbuild = createRequire(join(from, "package.json"))("esbuild");
  const built = esbuild.buildSync({
    stdin: { contents: 'export { expressionInterpreter } from "vega-interpreter";', resolveDir: from },
    bundle: true, minify: true, write: false, format: "iife", globalName: "vegaInterpreter", target: "es2020",
    legalComments: "none", logLevel: "silent",
  });
  return Buffer.from(built.outputFiles[0].contents);
}

/** The names of all packages that are in a package's script. */
function within(name, found = new Set()) {
  if (!found.has(name) && existsSync(join(modules, name))) {
    found.add(name);
    for (const inner of Object.keys(packageOf(name).dependencies ?? {})) {
      within(inner, found);
    }
  }
  return found;
}

/** Programs and types that their packages name but that are in none of the scripts. */
const NOT_WITHIN = new Set(["yargs", "tslib", "commander", "rw", "iconv-lite", "safer-buffer", "json-stringify-pretty-compact", "fast-deep-equal"]);

function licences() {
  const packages = new Set();
  for (const name of within("vega")) packages.add(name);
  packages.add("vega-lite").add("vega-interpreter");
  const byText = new Map();
  for (const name of [...packages].sort()) {
    if (NOT_WITHIN.has(name) || name.startsWith("@types/")) continue;
    const file = readdirSync(join(modules, name)).find((file) => /^licen[cs]e/i.test(file));
    // Parts of vega say their licence in vega's own text.
    if (!file && !name.startsWith("vega-")) throw new Error(`${name} has no licence`);
    const text = readFileSync(join(modules, file ? name : "vega", file ?? "LICENSE"), "utf8").trim().replace(/\r\n/g, "\n");
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${packageOf(name).version}`]);
  }
  return Buffer.from([...byText].map(([text, names]) => `${names.join(", ")}\n\n${text}\n`).join(`\n${"-".repeat(80)}\n\n`));
}

const files = {
  "vega.min.js": readFileSync(join(modules, "vega/build/vega.min.js")),
  "vega-lite.min.js": readFileSync(join(modules, "vega-lite/build/vega-lite.min.js")),
  "vega-interpreter.min.js": interpreter(),
  LICENCES: licences(),
};

let differs = false;
for (const [name, bytes] of Object.entries(files)) {
  if (/<\/script|<!--/i.test(bytes.toString("utf8"))) throw new Error(`${name} cannot stand in a script element`);
  const path = join(here, name);
  const same = existsSync(path) && readFileSync(path).equals(bytes);
  console.log(`${createHash("sha256").update(bytes).digest("hex")}  ${name}  ${bytes.length}${same ? "" : "  differs"}`);
  differs ||= !same;
  if (!same && !check) writeFileSync(path, bytes);
}
process.exitCode = check && differs ? 1 : 0;
