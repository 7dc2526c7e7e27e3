import type { Message, MessageAttributeValue, SendMessageBatchRequestEntry } from "@aws-sdk/client-sqs";
import { sha256 } from "@/lib/core/secret";
import { type BackOff, type JobTaken, secondsUntilNext, type WorkerSettings } from "./job-source";
import type { JobAgain } from "./requeue";

/** What SQS takes and gives in one call. */
export const SQS_BATCH = 10;
const BYTES_AT_ONCE = 1024 * 1024;
/** What a message weighs beside its body: ids and the request, at most. */
const BESIDE_BODY = 1024;

/** What a receive has to ask for so that `takenOf` finds it. */
export const ASKED = {
  MessageSystemAttributeNames: ["ApproximateReceiveCount", "SentTimestamp", "MessageGroupId"],
  MessageAttributeNames: ["All"],
} as const;

/** A job on its way to SQS: `id` is that of its row, which is another for each try, `jobId` the one that it keeps, `tries` what it has used up. */
export type Carried = {
  id: string;
  jobId: string;
  data: unknown;
  group: string | null;
  requestId: string | null;
  tries: number;
};

/** The message of a job. SQS knows its id for five minutes: carried twice, because our row did not hear that it was taken, it is there once. */
export function messageOf(
  { id, jobId, data, group, requestId, tries }: Carried,
  worker: Pick<WorkerSettings, "batchSize" | "perGroup">,
): SendMessageBatchRequestEntry {
  return {
    Id: id,
    MessageBody: JSON.stringify({ id: jobId, data }),
    MessageGroupId: group === null ? id : groupOf(group, id, worker),
    MessageDeduplicationId: id,
    MessageAttributes: {
      tries: textAttribute(String(tries)),
      ...(group === null ? {} : { group: textAttribute(group) }),
      ...(requestId === null ? {} : { requestId: textAttribute(requestId) }),
    },
  };
}

/**
 * A queue hands out what is in one group one batch after the other. A firm has as many groups as it may have batches under way at once; which one is the job's id's
 * choice. Where firms may have any number, each job is its own.
 */
function groupOf(firm: string, id: string, { batchSize, perGroup }: Pick<WorkerSettings, "batchSize" | "perGroup">) {
  if (perGroup === undefined) return id;
  const groups = Math.max(1, Math.floor(perGroup / Math.min(batchSize, SQS_BATCH)));
  return groups === 1 ? firm : `${firm}.${Number.parseInt(sha256(id).slice(0, 8), 16) % groups}`;
}

/** A text as an attribute of a message. */
export const textAttribute = (value: string): MessageAttributeValue => ({ DataType: "String", StringValue: value });

/** The job in a message, and null when there is none. How often SQS handed the message out is no count of tries: what a stop gave back was not begun. */
export function takenOf({ Body = "", MessageAttributes }: Message): JobTaken | null {
  const requestId = MessageAttributes?.requestId?.StringValue;
  try {
    const { id, data } = JSON.parse(Body) as { id?: unknown; data?: unknown };
    if (typeof id !== "string") return null;
    const attempt = Number(MessageAttributes?.tries?.StringValue ?? 0) + 1;
    return { id, data, attempt, ...(requestId === undefined ? {} : { requestId }) };
  } catch {
    return null;
  }
}

/** The job of a message whose try failed, as it is put back. Each try is a message of its own, so the id that SQS gave it names the try. */
export function failedOf({ MessageId, MessageAttributes }: Message, job: JobTaken, backOff: BackOff): JobAgain {
  const group = MessageAttributes?.group?.StringValue;
  return {
    key: `after ${MessageId}`,
    jobId: job.id,
    data: job.data,
    tries: job.attempt,
    afterSeconds: secondsUntilNext(job.attempt, backOff),
    ...(group === undefined ? {} : { group }),
    ...(job.requestId === undefined ? {} : { requestId: job.requestId }),
  };
}

/** Messages in as many calls as they need: ten at most in each, and no more bytes than one may have. */
export function inCalls<T extends { MessageBody: string | undefined }>(messages: readonly T[]): T[][] {
  const calls: T[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.MessageBody ?? "") + BESIDE_BODY;
    const last = calls.at(-1);
    if (last && last.length < SQS_BATCH && bytes + size <= BYTES_AT_ONCE) {
      last.push(message);
      bytes += size;
    } else {
      calls.push([message]);
      bytes = size;
    }
  }
  return calls;
}
