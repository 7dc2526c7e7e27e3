import type { SQS } from "@aws-sdk/client-sqs";
import { sqsNames } from "@/lib/core/queue-names";

/** One long poll takes so long when nothing comes. */
export const WAIT_SECONDS = 10;
/** A connection that is not there by then will not be. */
const CONNECT_MS = 3_000;
/** A reply of which nothing has come for so long: more than a long poll takes. */
const SILENT_MS = 1000 * (WAIT_SECONDS + 5);
/** A whole call with all its tries, a long poll's wait not counted. */
export const REPLY_MS = 12_000;

let client: Promise<SQS> | undefined;

/** Made at the first use, so that nobody with QUEUE=postgres loads the SDK. Region and credentials come from where it runs. */
export function sqs(): Promise<SQS> {
  client ??= import("@aws-sdk/client-sqs").then(
    ({ SQS }) =>
      new SQS({
        // Throttling and short outages are tried again by the SDK, later each time; longer ones by whoever calls.
        maxAttempts: 3,
        requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENT_MS },
      }),
  );
  return client;
}

/** The deadline of a whole call: a server that goes on sending a little at a time would pass every other. */
export const within = (milliseconds: number): { abortSignal: AbortSignal } => ({
  abortSignal: AbortSignal.timeout(milliseconds),
});

/** Where the queues of one kind of job are: for what is to be done, and for what could not be. infra/base/queues.ts names them so. */
export const addressesOf = sqsNames;
