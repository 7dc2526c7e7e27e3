// The control of flood: a worker without a limit for one firm. Takes look-ups in the order in which they came, and keeps each batch until all of it is made.
import { JOBS } from "@/lib/contracts/jobs";
import { jobCtx } from "@/lib/jobs/job-ctx";
import { startPostgresSource } from "@/lib/platform/postgres-source";
import { lookUpWhole } from "../worker/look-up-whole";

const QUEUE = "enrichment.lookup";
await startPostgresSource([
  {
    queue: QUEUE,
    batchSize: 50,
    concurrency: 4,
    handle: async (jobs) => {
      const payloads = jobs.map(({ data }) => JOBS[QUEUE].payload.parse(data));
      const byFirm = Map.groupBy(payloads, ({ tenantId }) => tenantId);
      const work = [...byFirm].map(([tenantId, some]) =>
        lookUpWhole(
          jobCtx(tenantId, QUEUE),
          some.map(({ enrichmentId }) => enrichmentId),
        ),
      );
      await Promise.all(work);
      return jobs.map(({ id }) => ({ id, status: "completed" as const }));
    },
  },
]);
