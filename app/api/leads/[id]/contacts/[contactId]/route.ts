import { ContactDto, CorrectContact } from "@/lib/contracts/leads";
import { correctContact, removeContact } from "@/lib/domain/enrichment/contacts";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, respondEmpty } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const PATCH = withCaller(
  { permission: "leads:write", ids: ["id", "contactId"], body: CorrectContact },
  async (ctx, { body, ids }) => respond(200, ContactDto, await correctContact(ctx, ids.id, ids.contactId, body)),
);

export const DELETE = withCaller({ permission: "leads:write", ids: ["id", "contactId"] }, async (ctx, { ids }) => {
  await removeContact(ctx, ids.id, ids.contactId);
  return respondEmpty();
});

const refuse = otherMethods("PATCH", "DELETE");

export { refuse as GET, refuse as OPTIONS, refuse as POST, refuse as PUT };
