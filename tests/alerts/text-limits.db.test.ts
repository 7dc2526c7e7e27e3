import { beforeEach, describe, expect, it } from "vitest";
import { addUser, asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { alertsOf, hot, ingest, mails, send, texts, wish } from "./alert-world";

let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirm();
});

/** Lets one message of so many leads stand for as many messages. */
const eachByItself = () =>
  asOwner(firm.id, (c) =>
    c.query(
      `UPDATE lead_alert a SET due_at = due_at + n * interval '1 ms'
       FROM (SELECT lead_id, user_id, row_number() OVER (ORDER BY lead_id) AS n FROM lead_alert) AS r
       WHERE a.lead_id = r.lead_id AND a.user_id = r.user_id AND a.channel = 'text'`,
    ),
  );
const forms = (count: number, from = "f") => Array.from({ length: count }, (_, n) => hot(`${from}${n}`));
const fatesOf = async (channel: string, leadId: string | null | undefined) =>
  (await alertsOf(firm)).flatMap((row) => (row.channel === channel && row.lead_id === leadId ? [row] : []));

describe("texts of 24 hours", () => {
  // Seen red without: the question for the person, the end of the day (ended_at > since).
  it("to one person are 48 at most: what is over ends, is said, and still goes by mail; a day later they go on", async () => {
    await wish(firm, firm.user.id, { byText: true });
    await ingest(firm, forms(47));
    await send(firm);
    await eachByItself();
    for (const source of ["last", "over"]) {
      await ingest(firm, [hot(source)]);
      await send(firm);
    }
    expect(texts()).toHaveLength(2);
    expect(mails()).toHaveLength(3);
    expect((await alertsOf(firm)).filter(({ problem }) => problem !== null)).toMatchObject([
      { channel: "text", state: "failed", problem: "too_many" },
    ]);
    expect((await eventsOf(firm)).filter(({ type }) => type === "user.alert_failed")).toMatchObject([
      { data: { userId: firm.user.id, by: "text", leads: 1, problem: "too_many" } },
    ]);
    await asOwner(firm.id, (c) => c.query("UPDATE lead_alert SET ended_at = ended_at - interval '24 hours'"));
    await ingest(firm, [hot("tomorrow")]);
    await send(firm);
    expect(texts()).toHaveLength(3);
  });

  // Seen red without: the question for the firm.
  it("of one firm are 288 at most, whoever they went to; another firm has its own", async () => {
    const users = [firm.user.id];
    for (let n = 0; n < 6; n += 1) users.push((await addUser(firm)).id);
    await wish(firm, firm.user.id, { byMail: false, byText: true });
    const { results } = await ingest(firm, forms(48));
    await send(firm);
    const sent = texts().length;
    await asOwner(firm.id, (c) =>
      c.query(
        `INSERT INTO lead_alert (tenant_id, lead_id, user_id, channel, state, due_at, message_id, created_at, ended_at)
         SELECT a.tenant_id, a.lead_id, u.id, 'text', 'sent', a.due_at, 'm', a.created_at, a.ended_at
         FROM lead_alert a CROSS JOIN unnest($1::uuid[]) AS u (id)`,
        [users.slice(1)],
      ),
    );
    await asOwner(firm.id, (c) => c.query("DELETE FROM lead_alert WHERE user_id = $1", [firm.user.id]));
    await eachByItself();
    expect(await fatesOf("text", results[0]?.leadId)).toHaveLength(6);
    const over = await ingest(firm, [hot("over")]);
    await send(firm);
    expect(texts()).toHaveLength(sent);
    expect(await fatesOf("text", over.results[0]?.leadId)).toMatchObject([{ problem: "too_many" }]);
    const other = await makeFirm();
    await wish(other, other.user.id, { byMail: false, byText: true });
    await ingest(other, [hot("theirs")]);
    await send(other);
    expect(texts()).toHaveLength(sent + 1);
  });

  // Each seen red without its part of areTextsUsedUp (two more texts).
  it.each([
    ["is on its way", "state = 'sending', ended_at = NULL, due_at = due_at + interval '1 minute'"],
    ["the service did not answer about", "state = 'failed', problem = 'timeout', message_id = NULL"],
    ["was tried more than once", "state = 'failed', problem = 'too_old', attempts = 2, message_id = NULL"],
    ["is tried again", "state = 'waiting', ended_at = NULL, message_id = NULL, due_at = due_at + interval '1 hour'"],
  ])("count what may have gone out: what %s", async (_, became) => {
    await wish(firm, firm.user.id, { byMail: false, byText: true });
    await ingest(firm, forms(48));
    await send(firm);
    await eachByItself();
    await asOwner(firm.id, (c) => c.query(`UPDATE lead_alert SET ${became}`));
    await ingest(firm, [hot("over")]);
    await send(firm);
    expect(texts()).toHaveLength(1);
  });

  it("do not count what the service refused", async () => {
    await wish(firm, firm.user.id, { byMail: false, byText: true });
    await ingest(firm, forms(48));
    await send(firm);
    await eachByItself();
    const refused = "state = 'failed', problem = 'throttled', attempts = 5, message_id = NULL";
    await asOwner(firm.id, (c) => c.query(`UPDATE lead_alert SET ${refused}`));
    await ingest(firm, [hot("next")]);
    await send(firm);
    expect(texts()).toHaveLength(2);
  });
});
