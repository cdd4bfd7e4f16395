// Checks that the vendored scripts are those of the npm packages that are pinned here:
//
//   node vendored.mjs REPOSITORY       (the packages are those beside this file)

import { execFileSync } from "node:child_process";
import { join } from "node:path";

const repository = process.argv[2] ?? join(import.meta.dirname, "../..");
const renew = join(repository, "compiler/board/vendor/renew.mjs");
process.stdout.write(execFileSync(process.execPath, [renew, "--check", import.meta.dirname]));
