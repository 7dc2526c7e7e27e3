import { z } from "zod";
import { VendorError } from "@/lib/core/errors";
import type { AlertPost } from "./alerts";
import { httpRequest } from "./http-client";

const Taken = z.object({ messageId: z.string().min(1).max(200) });

/** Mail and texts to the pages of the sandbox, over real HTTP: nothing leaves this machine. */
export function sandboxAlerts(sandboxUrl: string, { timeoutMs = 10_000 } = {}): AlertPost {
  const post = async (vendor: string, path: string, message: object) => {
    const reply = await httpRequest({
      vendor,
      url: `${sandboxUrl}${path}`,
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(message),
      timeoutMs,
      maxBytes: 10_000,
    });
    const taken = Taken.safeParse(reply.json());
    if (!taken.success) throw new VendorError(vendor, "garbled", "sent an answer of another shape");
    return taken.data;
  };
  return {
    mail: (message) => post("mail", "/mail/messages", message),
    text: (message) => post("texts", "/texts/messages", message),
  };
}
