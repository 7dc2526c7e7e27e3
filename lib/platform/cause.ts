import { AsyncLocalStorage } from "node:async_hooks";
import { newId } from "@/lib/core/ids";

/** What set off the work under way: the id of the request that it began with, which a job takes along. */
export type Cause = { requestId: string };

// One per process, also when Next loads this module in more than one bundle.
const holder = globalThis as typeof globalThis & { arrestraCause?: AsyncLocalStorage<Cause | undefined> };
holder.arrestraCause ??= new AsyncLocalStorage<Cause | undefined>();
const storage = holder.arrestraCause;

/** Does work on behalf of a request: lines of the log, jobs and calls of vendors that it leads to carry the request's id. */
export const because = <T>(cause: Cause, work: () => T): T => storage.run(cause, work);

/** The same for all that follows in the work under way, for those who cannot wrap it: the guard of the server. `undefined`: of no request that is known. */
export const fromNowBecause = (cause: Cause | undefined): void => storage.enterWith(cause);

/** The id of the request that the work under way began with; undefined outside of any. */
export const causeId = (): string | undefined => storage.getStore()?.requestId;

/** The same, or a new one for work that begins here. */
export const causeIdOrNew = (): string => causeId() ?? newId();
