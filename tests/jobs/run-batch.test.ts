import { describe, expect, it } from "vitest";
import type { JobPayload } from "@/lib/contracts/jobs";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { FailedInPart } from "@/lib/core/in-halves";
import { runBatch } from "@/lib/jobs/run-batch";

type Payload = JobPayload<"enrichment.lookup">;
const take = <T>(data: T) => ({ id: newId(), data, attempt: 1 });
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

  // Seen red without: FailedInPart in run-batch.ts
  it("of which the handler says what failed is not looked at again", async () => {
    const jobs = Array.from({ length: 50 }, () => take(lookup()));
    let turns = 0;
    const outcomes = await runBatch(
      "enrichment.lookup",
      async (payloads) => {
        turns += 1;
        const poison = payloads.find((each) => each.enrichmentId === jobs[20]?.data.enrichmentId);
        if (poison) throw new FailedInPart(new Map([[poison, new TypeError("poison")]]));
      },
      jobs,
    );
    expect(turns).toBe(1);
    expect(outcomes.flatMap(({ status }, index) => (status === "completed" ? [] : [index]))).toEqual([20]);
    expect(outcomes[20]?.output).toMatchObject({ errorName: "TypeError" });
    expect(outcomes[20]).not.toHaveProperty("isAway");
  });

  // Seen red without: isUnavailable in run-batch.ts. Fifty jobs that wait for seconds each would outlast the time of all of them.
  it("fails at once when the database is away, or its firm has its share of it in use", async () => {
    const away = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    for (const error of [new AppError("unavailable", "Your firm has too many requests."), away]) {
      let turns = 0;
      const jobs = Array.from({ length: 50 }, () => take(lookup()));
      const outcomes = await runBatch(
        "enrichment.lookup",
        async () => {
          turns += 1;
          throw error;
        },
        jobs,
      );
      expect(turns).toBe(1);
      expect(outcomes).toMatchObject(jobs.map(({ id }) => ({ id, status: "failed", isAway: true })));
    }
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
