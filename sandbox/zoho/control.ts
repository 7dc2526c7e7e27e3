import { BadCall, type Body, type ControlActions, optional, positive, text } from "../control/actions";
import type { Lead, ZohoOrg } from "./org";
import type { ZohoWorld } from "./world";

/** What can be turned at this stand-in, as `METHOD path` below `/control/zoho/`. `org` names the organization, else the first. */
export function zohoActions(world: ZohoWorld): ControlActions {
  const orgOf = (body: Body): ZohoOrg => world.org(optional(body, "org"));
  return {
    "GET /leads": ({ url }) => [...world.org(url.searchParams.get("org") ?? undefined).leads.values()],
    /** A person there writes a lead of their own. */
    "POST /add": ({ body }) => orgOf(body).add(fieldsOf(body), world.clock.now()),
    /** A person there changes a lead: by `id`, or the one with this `email`. */
    "POST /edit": ({ body }) => {
      const org = orgOf(body);
      return org.edit(leadOf(org, body).id, fieldsOf(body), world.clock.now());
    },
    "POST /delete": ({ body }) => {
      const org = orgOf(body);
      return { isDeleted: org.remove(leadOf(org, body).id, world.clock.now()) };
    },
    "POST /lock": ({ body }) => Object.assign(leadOf(orgOf(body), body), { isLocked: body.isLocked !== false }),
    "POST /convert": ({ body }) => Object.assign(leadOf(orgOf(body), body), { isConverted: true }),
    "POST /credits": ({ body }) => {
      const { credits } = orgOf(body);
      credits.used = Math.max(0, credits.limit - (positive(body, "left") ?? 0));
      return credits;
    },
    "POST /row-error": ({ body }) => {
      const org = orgOf(body);
      const [field, email] = [optional(body, "field"), optional(body, "email")];
      org.rowErrors.push({
        code: text(body, "code"),
        count: positive(body, "count") ?? 1,
        ...(field ? { field } : {}),
        ...(email ? { email } : {}),
      });
      return org.rowErrors;
    },
    "POST /refuse": ({ body }) => {
      const path = optional(body, "path");
      const [status, count] = [positive(body, "status") ?? 400, positive(body, "count") ?? 1];
      world.refusals.push({ status, code: text(body, "code"), count, ...(path ? { path } : {}) });
      return world.refusals;
    },
    "POST /field": ({ body }) => {
      const org = orgOf(body);
      const name = text(body, "name");
      org.fields = org.fields.filter((field) => field.name !== name);
      if (body.isRemoved !== true) {
        org.fields.push({
          name,
          label: name.replaceAll("_", " "),
          type: optional(body, "type") ?? "text",
          isUnique: body.isUnique === true,
        });
      }
      return org.fields;
    },
    "POST /concurrency": ({ body }) => {
      world.concurrency = positive(body, "atOnce") ?? 5;
      return { atOnce: world.concurrency };
    },
    /** Every token ends, at once or after so many more requests. */
    "POST /expire": ({ body }) => {
      const after = positive(body, "after");
      if (after) world.oauth.grants.expireAfter(after);
      return after ? { after } : { expired: world.oauth.expireTokens() };
    },
    "POST /revoke": ({ body }) => ({ revoked: world.oauth.revokeAll(optional(body, "org")) }),
  };
}

function fieldsOf(body: Body): Body {
  const { fields } = body;
  if (typeof fields === "object" && fields !== null && !Array.isArray(fields)) return { ...fields };
  throw new BadCall("fields must be an object of API names and values.");
}

function leadOf(org: ZohoOrg, body: Body): Lead {
  const id = optional(body, "id");
  const lead = id === undefined ? org.findBy("Email", text(body, "email")) : org.leads.get(id);
  if (!lead) throw new BadCall("There is no such lead.");
  return lead;
}
