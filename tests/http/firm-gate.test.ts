import { afterAll, expect, it } from "vitest";
import { clientAddress } from "@/lib/http/client-address";
import { findFirm, findSite, forgetFirm } from "@/lib/http/firm-gate";
import { closeDatabase } from "@/lib/platform/db";
import { asOwner, makeFirm } from "../setup/firms";
import { hostOf } from "./call";

afterAll(closeDatabase);

const headers = (host: string) => new Headers({ host });

it("finds a firm by its host, with an origin made from the validated name", async () => {
  const firm = await makeFirm();
  expect(await findFirm(headers(hostOf(firm).toUpperCase()))).toMatchObject({
    id: firm.id,
    slug: firm.slug,
    host: hostOf(firm),
    origin: `http://${hostOf(firm)}`,
  });
  expect(await findSite(headers("localhost:3000"))).toEqual({ kind: "apex", host: "localhost:3000" });
  expect(await findSite(headers("nobody.localhost:3000"))).toEqual({ kind: "unknown" });
});

it("remembers a firm for a while, and forgets it when it is told of a change", async () => {
  const firm = await makeFirm();
  expect(await findFirm(headers(hostOf(firm)))).not.toBeNull();
  await asOwner(firm.id, (client) => client.query("UPDATE tenant SET status = 'suspended' WHERE id = $1", [firm.id]));
  expect(await findFirm(headers(hostOf(firm)))).not.toBeNull();
  forgetFirm(firm.id);
  expect(await findFirm(headers(hostOf(firm)))).toBeNull();
});

it.each([
  ["1.2.3.4", "1.2.3.4"],
  ["9.9.9.9, 1.2.3.4", "1.2.3.4"],
  ["::ffff:1.2.3.4", "1.2.3.4"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0db8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["1.2.3.4, <script>", "unknown"],
  ["", "unknown"],
])("counts %j as %s", (forwarded, address) => {
  expect(clientAddress(new Headers({ "x-forwarded-for": forwarded }))).toBe(address);
});
