import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { POST } from "@/app/api/webhooks/google/[connection]/route";
import { newId } from "@/lib/core/ids";
import { GOOGLE_SYNC } from "@/lib/domain/sync/google/google-sync";
import { receiveGoogleNotice } from "@/lib/domain/sync/google/receive-webhook";
import { startSync } from "@/lib/domain/sync/start-sync";
import { changeConnection } from "@/lib/domain/tenants/connections/change-connection";
import { Refused } from "../../sandbox/google/event";
import { call, type Route } from "../http/call";
import { makeFirm } from "../setup/firms";
import {
  at,
  clock,
  connectGoogle,
  consult,
  google,
  jobCtx,
  jobsOf,
  NOW,
  pull,
  SECOND,
  sandbox,
  sql,
} from "./google-world";

type Notice = { path: string; headers: IncomingHttpHeaders; body: string };

// Where the stand-in sends its notifications; a test hands them on, as often and in whatever order it likes.
const arrived: Notice[] = [];
const server = createServer(async (req, res) => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  arrived.push({ path: req.url ?? "", headers: req.headers, body: Buffer.concat(chunks).toString("utf8") });
  res.writeHead(204).end();
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
process.env.APP_BASE_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(() => void server.close());

const firm = await makeFirm();
let connectionId = "";

beforeEach(async () => {
  arrived.length = 0;
  await sql(firm, "DELETE FROM connection");
  await sql(firm, "DELETE FROM integration_secret");
  await sql(firm, "DELETE FROM pgboss.job WHERE data->>'tenantId' = $1", [firm.id]);
  connectionId = await connectGoogle(firm);
});

type Channel = { id: string; resource_id: string; token_hash: string; calendar_id: string; expires_at: Date };
const channels = () => sql<Channel>(firm, "SELECT * FROM push_channel ORDER BY created_at");
const deliveries = () => sql<{ delivery_key: string; body_cipher: null }>(firm, "SELECT * FROM webhook_delivery");

const begin = async () => {
  await GOOGLE_SYNC.begin?.(jobCtx(firm), connectionId);
  await google.channels.settled();
};

/** The headers of a notification as the route gets them. */
const headersOf = ({ headers }: Notice): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("x-goog-"))) as Record<string, string>;

/** Hands a notification to the verb at the clock of the test; gives the code of what was thrown. */
const hand = (headers: Record<string, string>, to = connectionId): Promise<string> =>
  receiveGoogleNotice({ connectionId: to, headers: new Headers(headers), requestId: newId(), clock }).then(
    () => "ok",
    (error: { code?: string }) => error.code ?? "thrown",
  );

/** Something changes there, and its notification arrives. */
async function changed(): Promise<Record<string, string>> {
  google.insert(google.calendar(), at("2026-11-23T15:00:00Z"));
  await google.channels.settled();
  return headersOf(arrived.at(-1) as Notice);
}

describe("a channel", () => {
  it("is opened for the calendar, with a token that is kept as a digest alone", async () => {
    await begin();
    const [channel, ...more] = await channels();
    expect(more).toEqual([]);
    const open = [...google.channels.open.values()][0];
    expect(channel).toMatchObject({ id: open?.id, resource_id: open?.resourceId, calendar_id: "primary" });
    expect(channel?.expires_at).toEqual(new Date("2026-11-29T15:00:00.000Z"));
    expect(open?.token).toHaveLength(43);
    expect(JSON.stringify(channel)).not.toContain(open?.token);
    // The first notification only says that it is open, and has no body like all of them.
    expect(arrived).toHaveLength(1);
    expect(arrived[0]).toMatchObject({ path: `/api/webhooks/google/${connectionId}`, body: "" });
    expect(arrived[0]?.headers).toMatchObject({ "x-goog-resource-state": "sync", "x-goog-message-number": "1" });
    expect(await hand(headersOf(arrived[0] as Notice))).toBe("ok");
    expect(await deliveries()).toEqual([]);
  });

  it("is not opened twice, and gets its successor before it ends", async () => {
    await begin();
    await begin();
    const [first] = await channels();
    await pull(firm, connectionId, "channel");
    expect(await channels()).toEqual([first]);
    clock.advance(4 * 86_400_000);
    await pull(firm, connectionId, "channel");
    const [second, ...more] = await channels();
    expect(more).toEqual([]);
    expect(second?.id).not.toBe(first?.id);
    expect([...google.channels.open.keys()]).toEqual([second?.id]);
    // The successor came first: at no time was there none.
    const paths = sandbox.log.last("google", 2).map(({ path }) => path);
    expect(paths.map((path) => path.split("/").at(-1))).toEqual(["watch", "stop"]);
  });

  it("follows the calendar that the firm chooses", async () => {
    await begin();
    await pull(firm, connectionId);
    await sql(firm, "UPDATE connection SET settings = $1", [{ calendarId: SECOND }]);
    await pull(firm, connectionId);
    await pull(firm, connectionId, "channel");
    expect((await channels()).map(({ calendar_id }) => calendar_id)).toEqual([SECOND]);
    expect([...google.channels.open.values()].map(({ calendarId }) => calendarId)).toEqual([SECOND]);
  });

  // Seen red without: the job of changeConnection
  it("and the calendar are read anew at once when a person chooses; who is invited is written to what is to come", async () => {
    const coming = await consult(firm);
    await consult(firm, { startsAt: "2026-11-20T16:00:00Z" });
    const about = { tenantId: firm.id, consultationId: coming.id };
    const startAll = async () => {
      for (const job of await jobsOf(firm, "sync.connected")) await startSync(jobCtx(firm), job.connectionId ?? "");
      await sql(firm, "DELETE FROM pgboss.job WHERE name = 'sync.connected' AND data->>'tenantId' = $1", [firm.id]);
    };
    await begin();
    for (const resource of ["calendar", "channel"]) await pull(firm, connectionId, resource);
    await changeConnection(firm.asUser(clock), "google", { calendarId: SECOND });
    await startAll();
    expect((await channels()).map(({ calendar_id }) => calendar_id)).toEqual([SECOND]);
    const due = await sql(firm, "SELECT resource FROM sync_cursor WHERE next_run_at <= $1 ORDER BY resource", [NOW]);
    expect(due).toEqual([{ resource: "calendar" }, { resource: "channel" }]);
    expect(await jobsOf(firm, "sync.run")).toHaveLength(2);
    expect(await jobsOf(firm, "sync.consultation")).toEqual([about]);
    await changeConnection(firm.asUser(clock), "google", { invitesAttendees: true });
    await startAll();
    expect(await jobsOf(firm, "sync.consultation")).toEqual([about, about]);
  });

  it("ends with the connection", async () => {
    await begin();
    await GOOGLE_SYNC.leave?.(jobCtx(firm), connectionId);
    expect(await channels()).toEqual([]);
    expect(google.channels.open.size).toBe(0);
  });

  it("is done without where Google does not take our address", async () => {
    const { watch } = google.channels;
    google.channels.watch = () => {
      throw new Refused(400, "webhookUrlNotHttps", "WebHook callback must be HTTPS");
    };
    await begin();
    google.channels.watch = watch;
    expect(await channels()).toEqual([]);
  });
});

describe("a notification", () => {
  it("makes the calendar due, once however often it comes", async () => {
    await begin();
    await pull(firm, connectionId);
    const headers = await changed();
    expect(headers["x-goog-resource-state"]).toBe("exists");
    for (let times = 0; times < 3; times += 1) expect(await hand(headers)).toBe("ok");
    // Seen red without: the delivery that is stored once.
    expect(await deliveries()).toHaveLength(1);
    expect(await jobsOf(firm, "webhook.handle")).toHaveLength(1);
    const [delivery] = await deliveries();
    expect(delivery?.body_cipher).toBeNull();
    const handled = { id: newId(), connectionId, deliveryKey: "x", body: null, receivedAt: new Date(NOW) };
    await GOOGLE_SYNC.handle?.(jobCtx(firm), handled);
    expect(await jobsOf(firm, "sync.run")).toHaveLength(1);
    const [cursor] = await sql<{ next_run_at: Date }>(
      firm,
      "SELECT next_run_at FROM sync_cursor WHERE resource = 'calendar'",
    );
    expect(cursor?.next_run_at).toEqual(clock.now());
  });

  it("is nobody's when its token, resource, channel or connection is another, or the channel ended", async () => {
    await begin();
    const good = await changed();
    const forged: [string, Record<string, string>, string?][] = [
      // Seen red without: the comparison of the token's digest.
      ["unauthenticated", { ...good, "x-goog-channel-token": "guessed" }],
      ["unauthenticated", { ...good, "x-goog-channel-token": "" }],
      ["unauthenticated", { ...good, "x-goog-resource-id": "another" }],
      ["not_found", { ...good, "x-goog-channel-id": newId() }],
      ["not_found", { ...good, "x-goog-channel-id": "' OR 1=1" }],
      ["not_found", good, newId()],
      ["invalid_request", { ...good, "x-goog-message-number": "1; DROP" }],
    ];
    for (const [code, headers, to] of forged) expect(await hand(headers, to)).toBe(code);
    clock.set("2026-11-29T15:00:01.000Z");
    expect(await hand(good)).toBe("not_found");
    expect(await deliveries()).toEqual([]);
    expect(await jobsOf(firm, "webhook.handle")).toEqual([]);
  });

  it("of one firm's channel says nothing to another firm, also on the same calendar", async () => {
    const other = await makeFirm();
    const theirs = await connectGoogle(other);
    await begin();
    const good = await changed();
    expect(await hand(good, theirs)).toBe("not_found");
    expect(await jobsOf(other, "webhook.handle")).toEqual([]);
  });

  it("is answered without a body, and a forged one is refused, over the route", async () => {
    // The route has the machine's clock: the channel must be open for it too.
    await begin();
    await sql(firm, "UPDATE push_channel SET expires_at = now() + interval '1 day'");
    const good = await changed();
    const send = (headers: Record<string, string>, body = "") =>
      call(POST as Route, `/api/webhooks/google/${connectionId}`, {
        method: "POST",
        headers,
        body,
        ids: { connection: connectionId },
      });
    expect((await send(good)).status).toBe(204);
    expect((await send(good)).status).toBe(204);
    expect(await deliveries()).toHaveLength(1);
    const wrong = await send({ ...good, "x-goog-channel-token": "guessed" });
    expect([wrong.status, wrong.text.includes("guessed")]).toEqual([401, false]);
    expect((await send({ ...good, "x-goog-channel-id": newId() })).status).toBe(404);
    expect((await send(good, "x".repeat(2000))).status).toBe(413);
  });

  it("that is lost is made up for by the clock", async () => {
    await begin();
    await pull(firm, connectionId);
    google.channels.isDeaf = true;
    google.insert(google.calendar(), at("2026-11-23T15:00:00Z"));
    await google.channels.settled();
    expect(arrived).toHaveLength(1);
    const calendar = GOOGLE_SYNC.resources.find(({ name }) => name === "calendar");
    expect(calendar?.everyMs).toBeLessThanOrEqual(6 * 3_600_000);
    clock.advance(calendar?.everyMs ?? 0);
    await pull(firm, connectionId);
    expect(await sql(firm, "SELECT 1 FROM busy_time")).toHaveLength(1);
  });
});
