import { beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { VendorError } from "@/lib/core/errors";
import { type SendOne, sendSlots } from "@/workers/send-slots";

const START = "2026-11-21T10:02:30Z";
let clock: ReturnType<typeof fixedClock>;
let sent: string[];
beforeEach(() => {
  clock = fixedClock(START);
  sent = [];
});

const minute = (slot: Date) => slot.toISOString().slice(11, 16);
const note: SendOne = async (_schedule, slot) => {
  sent.push(minute(slot));
};

/** Lets a schedule run until `end`: each pause moves the clock. `onPause` may move it elsewhere. */
async function run(
  cron: string,
  end: string,
  { send = note, onPause = () => {} }: { send?: SendOne; onPause?: () => void } = {},
) {
  const stopping = new AbortController();
  await sendSlots({
    schedules: { "sweep-lookups": { cron } },
    send,
    clock,
    signal: stopping.signal,
    pause: async (ms) => {
      clock.advance(ms);
      onPause();
      const overMs = clock.now().getTime() - Date.parse(end);
      // A clock that is months ahead is not the end, but what one of the tests is about.
      if (overMs >= 0 && overMs < 86_400_000) stopping.abort();
    },
  });
}

describe("the scheduler", () => {
  it("sends each slot once, and at its start the one that came before", async () => {
    await run("*/5 * * * *", "2026-11-21T10:16:00Z");
    expect(sent).toEqual(["10:00", "10:05", "10:10", "10:15"]);
  });

  it("catches up with the last slot of a long silence, and with one only", async () => {
    await run("*/5 * * * *", "2026-11-21T10:04:00Z");
    clock.set("2026-11-21T13:07:00Z");
    await run("*/5 * * * *", "2026-11-21T13:11:00Z");
    expect(sent).toEqual(["10:00", "13:05", "13:10"]);
  });

  it("leaves a slot alone that is more than a day old", async () => {
    await run("0 9 20 * *", "2026-11-21T10:04:00Z");
    expect(sent).toEqual([]);
  });

  it("tries again until a slot is taken, later each time", async () => {
    const tries: number[] = [];
    await run("17 * * * *", "2026-11-21T10:03:50Z", {
      send: async (schedule, slot) => {
        tries.push(clock.now().getTime() - new Date(START).getTime());
        if (tries.length < 6) throw new VendorError("arrestra", "unavailable", "answered 503", { status: 503 });
        await note(schedule, slot);
      },
    });
    expect(sent).toEqual(["09:17"]);
    expect(tries).toEqual([0, 1000, 3000, 7000, 15_000, 31_000]);
  });

  it("goes on with the newest slot when the web server was away over several", async () => {
    const isAway = () => clock.now() < new Date("2026-11-21T10:09:10Z");
    await run("* * * * *", "2026-11-21T10:11:00Z", {
      send: async (schedule, slot) => {
        if (isAway()) throw new VendorError("arrestra", "unavailable", "cannot be reached");
        await note(schedule, slot);
      },
    });
    expect(sent).toEqual(["10:09", "10:10"]);
  });

  it("does not ask for ever what is refused as it is, but goes on asking when its token is", async () => {
    let tries = 0;
    const refuse =
      (status: number): SendOne =>
      async () => {
        tries += 1;
        throw new VendorError("arrestra", "rejected", `answered ${status}`, { status });
      };
    await run("17 * * * *", "2026-11-21T10:10:00Z", { send: refuse(422) });
    expect(tries).toBe(1);
    clock.set(START);
    tries = 0;
    await run("17 * * * *", "2026-11-21T10:10:00Z", { send: refuse(401) });
    expect(tries).toBeGreaterThan(5);
  });

  // Seen red with `slot > sent` in the place of `slot !== sent`.
  it("is not silenced by a clock that was wrong for a while", async () => {
    let steps = 0;
    await run("*/5 * * * *", "2026-11-21T10:12:00Z", {
      onPause: () => {
        steps += 1;
        if (steps === 3) clock.set("2027-05-01T00:00:30Z");
        if (steps === 4) clock.set("2026-11-21T10:04:00Z");
      },
      // As the web server does with what has not come yet.
      send: async (schedule, slot) => {
        if (slot > new Date("2026-12-01T00:00:00Z"))
          throw new VendorError("arrestra", "rejected", "answered 422", { status: 422 });
        await note(schedule, slot);
      },
    });
    expect(sent).toEqual(["10:00", "10:00", "10:05", "10:10"]);
  });
});
