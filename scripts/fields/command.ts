import { parseArgs } from "node:util";
import { takeFirmEnvironment } from "../firm/environment";

/** Seals every encrypted value of every firm with the first key of FIELD_KEYS; 1 when values of an older key came meanwhile. */
export async function rotateAllFields(args: string[], say: (line: string) => void): Promise<number> {
  const { values } = parseArgs({ args, options: { batch: { type: "string", default: "500" } } });
  const batch = Number(values.batch);
  if (!Number.isInteger(batch) || batch < 1 || batch > 10_000)
    throw new Error("--batch is a number of rows, 1 to 10000.");
  say(takeFirmEnvironment());
  const { rotateFields } = await import("./rotate-fields");
  return (await rotateFields({ batch, say })) ? 0 : 1;
}
