import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { FAULTS } from "../../scripts/faults/all";
import { choose, exitCodeOf, type Outcome, playAll, readOptions, showFigures } from "../../scripts/faults/command";
import type { Fault, Verdict } from "../../scripts/faults/fault";
import type { House } from "../../scripts/faults/house";
import { readEarlier, toDocument } from "../../scripts/faults/report";
import { ROOT } from "../../scripts/repository";

/** What has to be survived, and the fault that plays it. */
const ROWS: Record<string, string[]> = {
  "the web server killed in the middle of a batch": ["web-killed"],
  "a client that retries after a lost reply": ["reply-lost"],
  "Postgres killed or restarted under load": ["postgres-killed"],
  "the pool used up, a long lock": ["pool-exhausted"],
  "a worker killed, frozen past its lease, raced by others": ["worker-killed", "worker-frozen", "workers-race"],
  "a poisoned message": ["poison"],
  "one firm that floods": ["flood"],
  "clock steps, summer time, leap day": ["clock"],
  "a full disk": ["disk-full"],
  "a deploy and a migration under load": ["deploy"],
  "a key rotated in use": ["key-rotated"],
  "a restore": ["restore-drill"],
};

const NOTHING = {} as House;

/** Opens no house: made-up faults play on nothing. */
function nowhere() {
  const heard: string[] = [];
  let left = 0;
  const leave = async () => {
    left++;
  };
  return {
    heard,
    left: () => left,
    say: (line: string) => void heard.push(line),
    open: () => ({ house: NOTHING, leave }),
  };
}

const says =
  (holds: boolean, figures: Verdict["figures"] = {}) =>
  async (): Promise<Verdict> => ({ holds, figures });
const madeUp = (changes: Partial<Fault> = {}): Fault => ({
  name: "made-up",
  about: "Nothing happens.",
  invariant: "nothing is lost",
  play: says(true, { lost: 0 }),
  control: { without: "the protection", play: says(false, { lost: 3 }) },
  ...changes,
});
const played = async (...faults: Fault[]): Promise<Outcome[]> => playAll(faults, "quick", nowhere());

describe("the list of faults", () => {
  it("plays every fault that web, worker, queue and Postgres have to survive", () => {
    const names = new Set(FAULTS.map(({ name }) => name));
    const missing = Object.entries(ROWS).filter(([, players]) => !players.every((name) => names.has(name)));
    expect(missing).toEqual([]);
  });

  it("names each fault once, says how it is played and what its control takes away", () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
    for (const { name, about, invariant, play, control } of FAULTS) {
      expect(name).toMatch(/^[a-z]+(-[a-z0-9]+)*$/);
      expect(about, name).toMatch(/^[A-Z0-9].{40,}\.$/s);
      expect(invariant.length, name).toBeGreaterThan(10);
      expect(control.without.length, name).toBeGreaterThan(5);
      expect(control.play, name).not.toBe(play);
    }
  });

  it("is in docs/reliability.md, fault by fault", () => {
    const text = readFileSync(path.join(ROOT, "docs", "reliability.md"), "utf8");
    expect(FAULTS.filter(({ name }) => !text.includes(`### ${name}\n`)).map(({ name }) => name)).toEqual([]);
  });
});

describe("npm run faults", () => {
  it("ends well when the invariant holds with the protection and not without", async () => {
    const outcomes = await played(madeUp());
    expect(outcomes[0]).toMatchObject({ isProven: true, figures: { lost: 0 }, controlFigures: { lost: 3 } });
    expect(exitCodeOf(outcomes)).toBe(0);
  });

  // Seen red without: the verdict of the fault; the verdict of the control.
  it("ends with 1 when an invariant is violated, and when a control holds", async () => {
    const control = { without: "nothing", play: says(true) };
    expect(exitCodeOf(await played(madeUp({ play: says(false) })))).toBe(1);
    expect(exitCodeOf(await played(madeUp({ control })))).toBe(1);
    expect(exitCodeOf(await played(madeUp(), madeUp({ name: "second", control })))).toBe(1);
    expect(exitCodeOf([])).toBe(1);
  });

  // Seen red without: the verdict of the control.
  it("proves nothing by a side that failed, and plays the next fault all the same", async () => {
    const fails = async (): Promise<Verdict> => {
      throw new Error("no server came up");
    };
    const control = { without: "the protection", play: fails };
    const outcomes = await played(madeUp({ control }), madeUp({ name: "second" }));
    expect(outcomes.map(({ isProven }) => isProven)).toEqual([false, true]);
    expect(outcomes[0]?.control).toBe("failed: no server came up");
    expect(exitCodeOf(outcomes)).toBe(1);
  });

  // Seen red without: the limit of time.
  it("ends a play that takes too long, and tidies up after every side", async () => {
    const house = nowhere();
    const slow = madeUp({ play: () => new Promise(() => {}), limitSeconds: { quick: 0.05 } });
    const outcomes = await playAll([slow], "quick", house);
    expect(outcomes[0]?.played).toBe("failed: took longer than 0.05 s");
    expect(house.left()).toBe(2);
  });

  it("says so when a fault cannot be played on this machine, and does not count it as proven", async () => {
    const outcomes = await played(madeUp({ whyNotHere: () => "there is no second disk" }));
    expect(outcomes[0]).toMatchObject({ isProven: false, played: "failed: there is no second disk" });
  });

  it("plays the faults that are named, and refuses a name that is none", () => {
    const two = [madeUp(), madeUp({ name: "second" })];
    expect(choose(two, ["second"]).map(({ name }) => name)).toEqual(["second"]);
    expect(choose(two, [])).toHaveLength(2);
    expect(() => choose(two, ["secnod"])).toThrow("No such fault: secnod. There are made-up, second.");
    expect(readOptions(["second", "--quick"])).toMatchObject({ names: ["second"], size: "quick", isWrite: false });
    expect(() => readOptions(["--fast"])).toThrow();
  });

  it("shows figures in words, and writes them with their control, machine and day", async () => {
    expect(showFigures({ acknowledged: 1200, p99Ms: 3, ratio: 1.2345 })).toBe(
      "acknowledged 1,200, p99 ms 3, ratio 1.23",
    );
    const [outcome] = await played(madeUp());
    const kept = [{ ...(outcome as Outcome), at: "2026-11-22", machine: "2 x CPU", postgres: "PostgreSQL 18" }];
    const text = toDocument(kept, [madeUp(), madeUp({ name: "never-played" })]);
    expect(text).toContain("Measured on 2 x CPU. PostgreSQL 18.");
    expect(text).toContain(
      "| made-up | nothing is lost | holds: lost 0 | does not hold: lost 3 | 0 | 2026-11-22, quick |",
    );
    const sentence = "What has to hold: nothing is lost. The control takes away the protection.";
    expect(text).toContain(`### made-up\n\nNothing happens.\n\n${sentence}`);
    // A row of another day stays as it was when only others are played.
    const others = [madeUp(), madeUp({ name: "second" })];
    const later = toDocument(
      [{ ...kept[0], name: "second" } as (typeof kept)[0]],
      others,
      readEarlier(text, ["made-up"]),
    );
    expect(later.split("\n").filter((line) => /^\| (made-up|second)/.test(line))).toHaveLength(2);
    expect(later.match(/Measured on/g)).toHaveLength(1);
    expect(text).toContain(`### never-played\n\nNothing happens.\n\n${sentence}`);
  });
});
