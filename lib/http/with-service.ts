import type { z } from "zod";
import type { ExpectedToken } from "@/lib/platform/jwt";
import { framed, type NextRoute } from "./frame";
import { parseInput } from "./problem";
import { proveService, type ServiceCaller } from "./prove-service";
import { readJson } from "./read-json";
import { type Reply, toResponse } from "./respond";

/** A route for our own processes: who may send, to whom it must be addressed, and what it takes. */
type ServiceRules<B extends z.ZodType> = ExpectedToken & { body: B };

/** A route that another process of ours calls with a service token; neither key nor session opens it. */
export const withService = <B extends z.ZodType>(
  { body: schema, ...expected }: ServiceRules<B>,
  handler: (caller: ServiceCaller, body: z.output<B>) => Promise<Reply>,
): NextRoute =>
  framed("unavailable", async ({ request, requestId, note }) => {
    const caller = await proveService(request, requestId, expected);
    note({ actorType: "service", actorId: caller.service });
    const { value } = await readJson(request);
    return toResponse(await handler(caller, parseInput(schema, value)), requestId);
  });
