import { describe, expect, it } from "vitest";
import type { JobPayload } from "@/lib/contracts/jobs";
import { newId } from "@/lib/core/ids";
import { runBatch } from "@/lib/jobs/run-batch";

type Payload = JobPayload<"enrichment.lookup">;
const take = (data: unknown) => ({ id: newId(), data, attempt: 1 });
const lookup = (): Payload => ({ tenantId: newId(), enrichmentId: newId() });

describe("a batch of jobs", () => {
  it("is done in one go when all is well", async () => {
    const jobs = [take(lookup()), take(lookup())];
    const seen: number[] = [];
    const outcomes = await runBatch("enrichment.lookup", async (payloads) => void seen.push(payloads.length), jobs);
    expect(seen).toEqual([2]);
    expect(outcomes).toEqual(jobs.map(({ id }) => ({ id, status: "completed" })));
  });

  it("with a poisoned job fails that job alone", async () => {
    const poison = lookup();
    const jobs = [take(lookup()), take(poison), take(lookup())];
    const done = new Set<string>();
    const outcomes = await runBatch(
      "enrichment.lookup",
      async (payloads) => {
        if (payloads.includes(poison) || payloads.some((each) => each.enrichmentId === poison.enrichmentId)) {
          throw new TypeError("poison: +15125550100");
        }
        for (const payload of payloads) done.add(payload.enrichmentId);
      },
      jobs,
    );
    expect(outcomes.map((outcome) => outcome.status)).toEqual(["completed", "failed", "completed"]);
    expect(done.size).toBe(2);
    expect(JSON.stringify(outcomes)).not.toContain("5550100");
  });

  it("puts a payload that is none with the dead letters and does the others", async () => {
    const jobs = [take({ tenantId: "smithlaw" }), take(lookup()), take({ ...lookup(), name: "DOE, JOHN" })];
    const outcomes = await runBatch("enrichment.lookup", async () => undefined, jobs);
    expect(new Map(outcomes.map(({ id, status }) => [id, status]))).toEqual(
      new Map([
        [jobs[0]?.id, "deadletter"],
        [jobs[1]?.id, "completed"],
        [jobs[2]?.id, "deadletter"],
      ]),
    );
  });
});
