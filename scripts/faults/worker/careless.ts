import type { TestProcess } from "@/tests/setup/app";
import { until } from "@/tests/setup/http";
import type { House, HouseDatabase } from "../house";

/** A worker of a control (careless-worker.ts), once it is ready. */
export async function careless(
  house: House,
  database: HouseDatabase,
  sandboxUrl: string,
  way: "early" | "unclaimed" | "whole",
  env: Record<string, string> = {},
): Promise<TestProcess> {
  const file = "scripts/faults/worker/careless-worker.ts";
  const worker = house.script(file, database, { sandboxUrl, env, args: [way] });
  await until("the worker is ready", () => worker.logs().includes('"event":"ready"'), 120_000);
  return worker;
}
