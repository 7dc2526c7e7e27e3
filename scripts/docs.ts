// `npm run docs`: writes the parts of the documents that follow from the code. Everything outside the marks is written by hand.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { renderDocuments } from "./docs/render";
import { ROOT } from "./repository";
import { run } from "./run";

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const documents = renderDocuments();
  const changed = documents.filter(({ isStale }) => isStale);
  for (const { file, text } of changed) writeFileSync(path.join(ROOT, file), text);
  const biome = path.join(ROOT, "node_modules", ".bin", "biome");
  if (changed.length > 0) await run(biome, ["format", "--write", ...changed.map(({ file }) => file)]);
  console.log(
    changed.length > 0 ? `wrote ${changed.map(({ file }) => file).join(", ")}` : "the documents are up to date",
  );
}
