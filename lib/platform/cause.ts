import { AsyncLocalStorage } from "node:async_hooks";

/** What set off the work under way: the id of the request that it began with, which a job takes along. */
export type Cause = { requestId: string };

// One per process, also when Next loads this module in more than one bundle.
const holder = globalThis as typeof globalThis & { arrestraCause?: AsyncLocalStorage<Cause> };
holder.arrestraCause ??= new AsyncLocalStorage<Cause>();
const storage = holder.arrestraCause;

/** Does work on behalf of a request: lines of the log, jobs and calls of vendors that it leads to carry the request's id. */
export const because = <T>(cause: Cause, work: () => T): T => storage.run(cause, work);

/** The id of the request that the work under way began with; undefined outside of any. */
export const causeId = (): string | undefined => storage.getStore()?.requestId;
