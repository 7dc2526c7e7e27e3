import { afterAll, describe, expect, it } from "vitest";
import { verifyPassword } from "@/lib/domain/auth/password";
import { closeDatabase } from "@/lib/platform/db";
import { makeFirmWithPassword, PASSWORD, postSignIn } from "../http/call";
import { eventsOf } from "../setup/firms";
import { asTableOwner, whileStoreIsAway } from "./store";

afterAll(closeDatabase);

/** As many hashes as may wait: whoever needs one more is told to come back in three seconds. */
const MORE_THAN_ENOUGH = 60;

describe("while the limits cannot be asked", () => {
  // Seen red with a try that is let through when takeRate fails.
  it("nobody signs in, right password or not: 503, no cookie of a session, no password is even looked at", async () => {
    const firm = await makeFirmWithPassword();
    await whileStoreIsAway(async () => {
      for (const password of [PASSWORD, "wrong"]) {
        const busy = Promise.allSettled(
          Array.from({ length: MORE_THAN_ENOUGH }, () => verifyPassword(null, "somebody else's")),
        );
        const reply = await postSignIn(firm, { email: firm.user.email, password });
        expect(reply.status).toBe(503);
        // Two seconds, not three: it never came to the hashing, which had no place left.
        expect(reply.headers.get("retry-after")).toBe("2");
        const cookies = reply.headers.getSetCookie().join();
        expect(cookies).not.toContain("arrestra.session=");
        expect(cookies).not.toContain("arrestra.attempt=");
        expect((await busy).some(({ status }) => status === "rejected")).toBe(true);
      }
    });
    expect(await eventsOf(firm)).toEqual([]);
    expect(await asTableOwner("SELECT 1 FROM rate_limit WHERE key LIKE 'sign-in.%'")).toEqual([]);
    expect((await postSignIn(firm, { email: firm.user.email, password: PASSWORD })).status).not.toBe(503);
  });
});
