import { expect, it, vi } from "vitest";
import { ACUITY_SYNC } from "@/lib/domain/sync/acuity/acuity-sync";
import { ACUITY_ACCOUNTS, type Account } from "../../sandbox/acuity/world";
import { inHours, openOffice, PERSON, pull, stateOf, world } from "./acuity-office";

const [smith] = ACUITY_ACCOUNTS as [Account, Account];

it("one appointment that makes no sense keeps none of the others from being read, and is not taken for gone", async () => {
  const office = await openOffice(smith, { subscribes: false });
  const held = world.book(smith, { ...PERSON, startsAt: inHours(24) });
  await pull(office, "appointments");
  const written: string[] = [];
  const line = vi.spyOn(process.stdout, "write").mockImplementation((text) => Boolean(written.push(String(text))));
  held.isGarbled = true;
  world.book(smith, { ...PERSON, startsAt: inHours(26) }).isGarbled = true;
  world.book(smith, { ...PERSON, startsAt: inHours(28), email: "ada@example.com", phone: "" });
  // Seen red without: leaving out the row that cannot be read
  const told = await pull(office, "appointments");
  line.mockRestore();
  expect(told.at(-1)?.isDone).toBe(true);
  expect(await stateOf(office)).toMatchObject([
    { state: "scheduled", starts_at: inHours(24) },
    { state: "scheduled", starts_at: inHours(28) },
  ]);
  const said = written.filter((each) => each.includes("make no sense"));
  expect(said.join()).toMatch(/"count":2/);
  expect(said.join()).not.toMatch(/rowan|fictus|555-?0142/i);
  // Seen red without: the ids that could not be read, in the comparison
  expect(await ACUITY_SYNC.compare(office.ctx, office.connectionId)).toMatchObject({ onlyOurs: 0, onlyTheirs: 0 });
});

it("one that moved away and makes no sense there is left as it was, and the rest of the window goes on", async () => {
  const office = await openOffice(smith, { subscribes: false });
  const held = world.book(smith, { ...PERSON, startsAt: inHours(24) });
  const gone = world.book(smith, { ...PERSON, startsAt: inHours(26) });
  await pull(office, "appointments");
  world.move(held, inHours(90 * 24));
  held.isGarbled = true;
  world.remove(gone);
  // Seen red without: lookAtOne
  await pull(office, "appointments");
  expect(await stateOf(office)).toMatchObject([
    { state: "scheduled", starts_at: inHours(24) },
    { state: "canceled", starts_at: inHours(26) },
  ]);
});
