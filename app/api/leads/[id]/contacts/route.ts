import { AddContact, ContactDto } from "@/lib/contracts/leads";
import { addContact } from "@/lib/domain/enrichment/contacts";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller(
  { permission: "leads:write", ids: ["id"], body: AddContact },
  async (ctx, { body, ids }) => respond(201, ContactDto, await addContact(ctx, ids.id, body)),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
