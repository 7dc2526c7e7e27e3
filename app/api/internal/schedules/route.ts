import { SendSlot, SlotSent } from "@/lib/contracts/jobs";
import { systemClock } from "@/lib/core/clock";
import { enqueueSlot } from "@/lib/domain/context/enqueue-slot";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withService } from "@/lib/http/with-service";

// The caller may be a process of ours that runs all the time, or a function that a cloud's clock starts: neither needs the database.
export const POST = withService(
  { issuers: ["scheduler", "lambda"], audience: "arrestra-web", body: SendSlot },
  async (_caller, body) => respond(200, SlotSent, await enqueueSlot(systemClock, body)),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
