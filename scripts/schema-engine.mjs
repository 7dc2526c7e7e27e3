#!/usr/bin/env node
// Answers in place of Prisma's native `schema-engine`, which npm does not carry: the same arguments and the same JSON-RPC on
// standard input and output, served by @prisma/schema-engine-wasm. Used by scripts/drift.ts.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";
import { bindMigrationAwareSqlAdapterFactory, mockMigrationAwareAdapterFactory } from "@prisma/driver-adapter-utils";
import { AdapterFactory } from "./schema-engine-adapter.mjs";

const options = readArguments(process.argv.slice(2));
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
let engine;

const pending = new Set();
const lines = readline.createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const request = line.trim() ? JSON.parse(line) : {};
  if (!request.method) return;
  const work = answer(request).finally(() => pending.delete(work));
  pending.add(work);
});
lines.on("close", async () => {
  await Promise.allSettled(pending);
  process.exit(0);
});

async function answer({ id, method, params }) {
  try {
    send({ id, result: await call(method, params) });
  } catch (error) {
    const data = {
      is_panic: false,
      message: error.message ?? String(error),
      meta: error.meta ?? null,
      error_code: error.code,
    };
    send({ id, error: { code: 4466, message: "An error happened. Check the data field for details.", data } });
  }
}

async function call(method, params) {
  engine ??= startEngine();
  const started = await engine;
  if (method === "getDatabaseVersion") return started.version(params);
  if (method !== "diff") return (await started[method](params)) ?? {};
  // The native engine prints the difference through a message of its own.
  const { exitCode, stdout } = await started.diff(params);
  if (stdout != null) send({ id: "print-1", method: "print", params: { content: stdout.replace(/\n$/, "") } });
  return { exitCode, stdout: null };
}

/** Loads the WebAssembly by hand: the package's own entry expects a bundler. */
async function startEngine() {
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => process.stderr.write(`${message}\n`) };
  const folder = path.dirname(createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm"));
  const glue = await import(path.join(folder, "schema_engine_bg.js"));
  const bytes = fs.readFileSync(path.join(folder, "schema_engine_bg.wasm"));
  const { instance } = await WebAssembly.instantiate(bytes, { "./schema_engine_bg.js": glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();

  const datamodels = options.datamodels.map((file) => [file, fs.readFileSync(file, "utf8")]);
  const { url, shadowDatabaseUrl } = options.datasource;
  const factory = url ? new AdapterFactory(url, shadowDatabaseUrl) : mockMigrationAwareAdapterFactory("postgres");
  return glue.SchemaEngine.new(
    { datamodels: datamodels.length > 0 ? datamodels : undefined },
    () => {},
    bindMigrationAwareSqlAdapterFactory(factory),
  );
}

function readArguments(args) {
  const read = { datamodels: [], datasource: {} };
  for (let i = 0; i < args.length; i++) {
    if (args[i] === "--datamodels" || args[i] === "-d") read.datamodels.push(args[++i]);
    else if (args[i] === "--datasource") read.datasource = JSON.parse(args[++i]);
    else if (args[i] === "--enabled-preview-features" || args[i] === "--extension-types") i++;
    else if (args[i] === "--version") {
      console.log("schema-engine-cli wasm");
      process.exit(0);
    }
  }
  return read;
}
