import { expect, it } from "vitest";
import { verifyAddress } from "@/lib/integrations/kickbox";
import { lookUpNumber } from "@/lib/integrations/twilio";

it("a vendor without credentials refuses before any call, and says which setting is missing from", async () => {
  for (const name of ["TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET", "TWILIO_ACCOUNT_SID", "KICKBOX_API_KEY"]) {
    delete process.env[name];
  }
  await expect(lookUpNumber("+15125550100")).rejects.toMatchObject({ code: "not_configured" });
  await expect(verifyAddress("a@example.com")).rejects.toMatchObject({ code: "not_configured" });
});
