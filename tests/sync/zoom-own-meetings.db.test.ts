import { afterEach, beforeEach, expect, it } from "vitest";
import { newId } from "@/lib/core/ids";
import { pullMeetings } from "@/lib/domain/sync/zoom/upcoming-meetings";
import { revokeAndErase } from "@/lib/domain/tenants/connections/revoke-and-erase";
import { takeTurn } from "@/lib/platform/vendor-pace";
import { eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { cursorsOf, rows } from "./made-up";
import {
  book,
  bookWithMeeting,
  clock,
  connectZoom,
  consultationOf,
  FIRST,
  job,
  linkOf,
  mirror,
  sandbox,
  world,
} from "./zoom-world";

let firm: TestFirm;
let connectionId: string;

beforeEach(async () => {
  clock.set("2026-11-20T15:00:00.000Z");
  firm = await makeFirm();
  connectionId = await connectZoom(firm);
});
afterEach(() => sandbox.reset());

const asked = (method: string, path: RegExp) =>
  sandbox.log.last("zoom", 200).filter((each) => each.method === method && path.test(each.path)).length;
const inTurn = async (ids: string[]) => {
  for (const id of ids) await mirror(firm, id);
};

// Seen red without: the claim in saveLink.
it("removes the meeting that it made when its claim ended on the way and another worker made one", async () => {
  const id = await book(firm);
  sandbox.zoom.faults.add({ kind: "slow", count: 1, delayMs: 900, path: "/meetings" });
  const slow = mirror(firm, id);
  await expect.poll(() => sandbox.zoom.faults.list().length).toBe(0);
  clock.advance(61_000);
  await mirror(firm, id);
  await slow;
  expect(world.meetings.size).toBe(1);
  const [meetingId] = [...world.meetings.keys()];
  expect(await linkOf(firm, id)).toMatchObject({ state: "linked", external_id: meetingId, problem: null });
  expect((await consultationOf(firm, id)).joinUrl).toContain(`/j/${meetingId}`);
  const written = (await eventsOf(firm)).filter(({ type }) => type === "sync.written").map(({ data }) => data.action);
  expect(written.sort()).toEqual(["created", "created", "removed"]);
});

// Seen red without: isOwnPace in isOutage.
it("lets only the meeting wait when a host's hundred of the day are used up, and says that it is our pace", async () => {
  const userId = newId();
  await rows(firm, "UPDATE connection SET settings = settings || $1", [{ userId }]);
  await rows(
    firm,
    `INSERT INTO sync_cursor (tenant_id, id, connection_id, resource, next_run_at) VALUES ($1, $2, $3, 'meetings', $4)`,
    [firm.id, newId(), connectionId, clock.now()],
  );
  const taken = Array.from({ length: 71 }, () => takeTurn("zoom.host-writes", `${FIRST.id}:${userId}`));
  await Promise.allSettled(taken);
  const id = await book(firm);
  await mirror(firm, id);
  expect(await linkOf(firm, id)).toMatchObject({ state: "pending", problem: "pace", external_id: null });
  expect(await cursorsOf(firm)).toMatchObject([{ problem: null, next_run_at: clock.now() }]);
  clock.advance(600_000);
  await mirror(firm, id);
  expect(sandbox.log.totals("zoom").requests).toBe(0);
});

// Seen red without: the list that is kept in own-meetings.
it("reads the list once for all consultations after connecting anew, and finds each meeting again", async () => {
  const before = [
    await bookWithMeeting(firm),
    await bookWithMeeting(firm, "2026-11-21T16:00:00.000Z"),
    await bookWithMeeting(firm, "2026-11-22T16:00:00.000Z"),
  ];
  await revokeAndErase(firm.asService(clock), "zoom", "asked");
  clock.advance(60_000);
  connectionId = await connectZoom(firm);
  await inTurn(before.map(({ id }) => id));
  expect(asked("GET", /\/users\/me\/meetings/)).toBe(1);
  expect(world.meetings.size).toBe(3);
  for (const { id, meetingId } of before) expect(await linkOf(firm, id)).toMatchObject({ external_id: meetingId });
});

// Seen red without: the place behind which the next round goes on.
it("looks for meetings that are on no page round by round, each time behind the last, and records each look", async () => {
  const made: string[] = [];
  for (let n = 0; n < 27; n += 1)
    made.push((await bookWithMeeting(firm, `2026-11-2${1 + (n % 9)}T1${n % 7}:00:00.000Z`)).id);
  // Another host's list: none of them is on ours, and the last two are gone.
  for (const meeting of world.meetings.values()) meeting.hostId = "somebody-else";
  const order = await rows<{ id: string; external_id: string }>(
    firm,
    "SELECT c.id, k.external_id FROM consultation c JOIN sync_link k ON k.consultation_id = c.id ORDER BY c.starts_at, c.id",
  );
  for (const { external_id } of order.slice(-2)) world.meetings.delete(external_id);
  let position: Record<string, unknown> | null = null;
  const round = () =>
    pullMeetings(job(firm), {
      connectionId,
      position,
      phase: "incremental",
      advance: async (_tx, to) => {
        position = to.position;
      },
    });
  const removed = () => rows(firm, "SELECT 1 FROM sync_link WHERE state = 'removed'");
  const read = (await eventsOf(firm)).filter(({ type }) => type === "sync.fetched").length;
  await round();
  expect(await removed()).toHaveLength(0);
  await round();
  expect(await removed()).toHaveLength(2);
  expect(position).toEqual({ after: null });
  const fetched = (await eventsOf(firm)).filter(({ type }) => type === "sync.fetched").length - read;
  expect(fetched).toBe(27 + 2);
});
