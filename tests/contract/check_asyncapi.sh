#!/usr/bin/env bash
# Has the official AsyncAPI parser read the document, and fails if it finds anything wrong with it, warnings included.
set -euo pipefail
parser=3.6.3
document=$(realpath "${1:-$(dirname "$0")/../../schemas/published/asyncapi.json}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --no-save --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel error \
    "@asyncapi/parser@$parser" >"$folder/npm.log" 2>&1 || { cat "$folder/npm.log" >&2; exit 2; }
cat >"$folder/check.js" <<'SCRIPT'
const { readFileSync } = require("node:fs");
const { Parser } = require("@asyncapi/parser");

async function main(file) {
  const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"), { source: file });
  for (const each of diagnostics) {
    console.error(`${each.path.join("/")}: ${each.message} (${each.code}, severity ${each.severity})`);
  }
  if (!document || diagnostics.length) process.exit(1);
  const count = (kind) => document[kind]().all().length;
  console.log(`${file}: AsyncAPI ${document.version()}, ${count("channels")} channels, ${count("operations")} operations, ` +
    `${count("messages")} messages, nothing to remark`);
}

main(process.argv[2]);
SCRIPT
node "$folder/check.js" "$document"
