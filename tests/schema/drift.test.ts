import { expect, it } from "vitest";
import { findDrift } from "../../scripts/drift";
import { testDatabase } from "../setup/database";

it("finds nothing that prisma/schema says and the migrations do not, or the other way round", async () => {
  const { ownerUrl } = await testDatabase();
  expect(await findDrift(ownerUrl)).toBe("");
});
