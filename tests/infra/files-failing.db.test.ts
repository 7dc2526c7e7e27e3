import { afterAll, expect, it, vi } from "vitest";
import { runImport } from "@/lib/domain/leads/imports/run-import";
import { askRun } from "@/lib/domain/leads/imports/start-work";
import { prepareExport } from "@/lib/domain/reports/exports/prepare-export";
import { runBatch } from "@/lib/jobs/run-batch";
import { closeDatabase } from "@/lib/platform/db";
import { type FileStore, filesOf } from "@/lib/platform/file-store";
import { closeQueue } from "@/lib/platform/queue";
import { ask } from "../exports/house";
import { checked, fileOf, jobOf, line } from "../leads/import-world";
import { makeFirm } from "../setup/firms";
import { resourcesOf, synthesise } from "./synth";

afterAll(async () => {
  await closeQueue();
  await closeDatabase();
});

/** Whether a line counts, for a pattern of texts that fields equal, joined by `||`. Any other pattern is refused. */
function counts(pattern: string): (line: string) => boolean {
  const parts = /^\{ (.*) \}$/.exec(pattern)?.[1]?.split(" || ") ?? [];
  const equal = parts.map((part) => {
    const [, field, value] = /^\(\$\.(\w+) = "([^"*]+)"\)$/.exec(part) ?? [];
    if (!field) throw new Error(`This test cannot read ${part}.`);
    return [field, value] as const;
  });
  return (line) => equal.some(([field, value]) => (JSON.parse(line) as Record<string, unknown>)[field] === value);
}

// Seen red with: a pattern of the tries.
it("an export and an import that fail are counted once each, however often they were tried", async () => {
  const [filter] = resourcesOf(synthesise("ecs", "small"), "AWS::Logs::MetricFilter").filter(({ id }) =>
    id.startsWith("FileJobsFailed"),
  );
  const lines: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => lines.push(String(chunk)) > 0);
  const firm = await makeFirm();
  const ctx = firm.asUser();
  const away = () => Promise.reject(new Error("the store is away"));
  const files: FileStore = { ...filesOf(), open: away, write: away };
  const exportId = (await ask(ctx)).id;
  const importId = (await checked(ctx, fileOf(line("a")))).id;
  await askRun(ctx, importId);
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const job = { id: crypto.randomUUID(), attempt };
    await runBatch("export.prepare", () => prepareExport(jobOf(ctx), exportId, { files }), [
      { ...job, data: { tenantId: firm.id, exportId } },
    ]);
    await runBatch("import.run", () => runImport(jobOf(ctx), importId, { files }), [
      { ...job, data: { tenantId: firm.id, importId } },
    ]);
  }
  vi.restoreAllMocks();
  const written = lines.join("").trim().split("\n");
  expect(written.filter((line) => JSON.parse(line).msg === "a job failed")).toHaveLength(4);
  const counted = written.filter(counts(String(filter?.properties.FilterPattern)));
  expect(counted.map((line) => JSON.parse(line).job)).toEqual(["export.prepare", "import.run"]);
});
