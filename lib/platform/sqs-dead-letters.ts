import type { Message } from "@aws-sdk/client-sqs";
import { log } from "./log";
import { addressesOf, REPLY_MS, sqs, within } from "./sqs-client";
import { readSqsQueues } from "./sqs-health";
import { ASKED, SQS_BATCH } from "./sqs-message";

/** How long what was received is ours: nobody else takes it back meanwhile. */
const HELD_SECONDS = 60;
const WAIT_SECONDS = 1;

/**
 * Puts dead letters of a queue back into it, at most `limit`: each has all its tries again, and goes from the dead letters once SQS took it. Ours rather than a move
 * task of SQS, which moves all or nothing and cannot leave out the reason. Two at once take different ones.
 */
export async function redriveSqs(
  prefix: string,
  queue: string,
  limit: number,
): Promise<{ moved: number; left: number }> {
  const at = addressesOf(prefix, queue);
  const client = await sqs();
  let moved = 0;
  while (moved < limit) {
    const { Messages = [] } = await client.receiveMessage(
      {
        QueueUrl: at.dead,
        MaxNumberOfMessages: Math.min(SQS_BATCH, limit - moved),
        VisibilityTimeout: HELD_SECONDS,
        WaitTimeSeconds: WAIT_SECONDS,
        MessageSystemAttributeNames: [...ASKED.MessageSystemAttributeNames],
        MessageAttributeNames: [...ASKED.MessageAttributeNames],
      },
      within(WAIT_SECONDS * 1000 + REPLY_MS),
    );
    if (Messages.length === 0) break;
    const sent = await client.sendMessageBatch(
      { QueueUrl: at.jobs, Entries: Messages.map((message, index) => againOf(message, String(index))) },
      within(REPLY_MS),
    );
    for (const { Code } of sent.Failed ?? []) log.warn("a dead letter stays", { job: queue, errorCode: Code });
    const Entries = (sent.Successful ?? []).flatMap(({ Id }) =>
      Id === undefined ? [] : [{ Id, ReceiptHandle: Messages[Number(Id)]?.ReceiptHandle }],
    );
    if (Entries.length === 0) break;
    // One that stays although it was sent comes again in a minute, under the same id: SQS knows it for five.
    await client.deleteMessageBatch({ QueueUrl: at.dead, Entries }, within(REPLY_MS));
    moved += Entries.length;
  }
  const dead = (await readSqsQueues(prefix, [queue])).find((each) => each.queue !== queue);
  return { moved, left: dead?.waiting ?? 0 };
}

/** The job of a dead letter, under an id that its queue has not seen: the job's own it may have seen just now. */
function againOf({ MessageId, Body, Attributes, MessageAttributes = {} }: Message, Id: string) {
  const { reason: _, tries: __, ...attributes } = MessageAttributes;
  return {
    Id,
    MessageBody: Body,
    MessageGroupId: Attributes?.MessageGroupId,
    MessageDeduplicationId: `again.${MessageId}`,
    MessageAttributes: attributes,
  };
}
