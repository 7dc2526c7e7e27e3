import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { Clock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import type { AuditLine, AuditLog } from "./audit-log";

/** What one call may carry, as AWS states it: 1,048,576 bytes of UTF-8 with 26 more for each line, and 10,000 lines. */
const BATCH_BYTES = 1_048_576;
const LINE_BYTES = 26;
const BATCH_LINES = 10_000;

const sdk = () => import("@aws-sdk/client-cloudwatch-logs");
let shared: Promise<CloudWatchLogsClient> | undefined;

/** Made at the first use, so that nobody without a log group loads the SDK. Region and credentials come from where it runs. */
const clientOf = (): Promise<CloudWatchLogsClient> => {
  shared ??= sdk().then(
    ({ CloudWatchLogsClient }) =>
      new CloudWatchLogsClient({
        maxAttempts: 4,
        requestHandler: { connectionTimeout: 5_000, socketTimeout: 30_000 },
      }),
  );
  return shared;
};

/**
 * Lines in a log group of CloudWatch, in one stream for each process and day (UTC). A line bears the moment of its writing there, since CloudWatch takes no line
 * out of its order or of a time long ago; when the event happened stands in the line.
 */
export function cloudWatchAuditLog(group: string, clock: Clock): AuditLog {
  const process = newId();
  const made = new Set<string>();

  async function makeStream(name: string): Promise<void> {
    const { CreateLogStreamCommand } = await sdk();
    try {
      await (await clientOf()).send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: name }));
    } catch (error) {
      // A call of ours that was tried again, after all.
      if ((error as Error).name !== "ResourceAlreadyExistsException") throw error;
    }
    made.clear();
    made.add(name);
  }

  return {
    async write(lines) {
      const { PutLogEventsCommand } = await sdk();
      for (const messages of batchesOf(lines)) {
        const now = clock.now();
        const name = `${now.toISOString().slice(0, 10)}/${process}`;
        if (!made.has(name)) await makeStream(name);
        const logEvents = messages.map((message) => ({ timestamp: now.getTime(), message }));
        const put = new PutLogEventsCommand({ logGroupName: group, logStreamName: name, logEvents });
        const { rejectedLogEventsInfo } = await (await clientOf()).send(put);
        // Such a reply is a success to the SDK, and the lines are lost: a clock of ours that is days off does that.
        if (rejectedLogEventsInfo) throw new AuditLinesRejected(messages.length);
      }
    },
  };
}

/** CloudWatch took the call and kept none or only some of the lines. */
export class AuditLinesRejected extends Error {
  override readonly name = "AuditLinesRejected";
  readonly code = "rejected_log_events";
  constructor(count: number) {
    super(`the log group rejected some of ${count} lines`);
  }
}

function* batchesOf(lines: readonly AuditLine[]): Generator<string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    const message = JSON.stringify(line);
    const size = Buffer.byteLength(message) + LINE_BYTES;
    if (batch.length === BATCH_LINES || bytes + size > BATCH_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
