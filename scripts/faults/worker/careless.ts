import type { TestProcess } from "@/tests/setup/app";
import { until } from "@/tests/setup/http";
import type { House, HouseDatabase } from "../house";

type Way = "early" | "unclaimed" | "whole";

/** A worker of a control (careless-worker.ts); resolves at once. */
export const launchCareless = (
  house: House,
  database: HouseDatabase,
  sandboxUrl: string,
  way: Way,
  env: Record<string, string> = {},
): TestProcess => house.script("scripts/faults/worker/careless-worker.ts", database, { sandboxUrl, env, args: [way] });

/** The same, once it is ready. */
export async function careless(...settings: Parameters<typeof launchCareless>): Promise<TestProcess> {
  const worker = launchCareless(...settings);
  await until("the worker is ready", () => worker.logs().includes('"event":"ready"'), 120_000);
  return worker;
}
