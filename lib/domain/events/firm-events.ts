import { z } from "zod";
import { LINK_PURPOSES } from "@/lib/contracts/account";
import { AuditFilter } from "@/lib/contracts/audit";
import { EXPORT_KINDS } from "@/lib/contracts/exports";
import { LeadScopeDto } from "@/lib/contracts/users";
import { KEY_SCOPES } from "@/lib/core/key-scope";
import { ROLES } from "@/lib/core/role";

const importId = z.string();
const count = z.int();

/** A list of the firm's own on its way in, and back out. The name of a file may be somebody's, so it is not told. */
const IMPORT_EVENTS = {
  "import.uploaded": z.strictObject({ importId, bytes: count }),
  "import.started": z.strictObject({ importId, rows: count }),
  "import.finished": z.strictObject({
    importId,
    created: count,
    updated: count,
    unchanged: count,
    rejected: count,
    suppressed: count,
    complete: z.boolean(),
  }),
  "import.canceled": z.strictObject({ importId, rows: count }),
  "import.undo_started": z.strictObject({ importId }),
  "import.undone": z.strictObject({ importId, withdrawn: count, kept: count }),
} as const;

const userId = z.string();
const keyId = z.string();
const domainId = z.string();
const instant = z.string();
const role = z.enum(ROLES);
const alertChannel = z.enum(["mail", "text"]);
/** How a person showed that it is them, beside the password. */
const factor = z.enum(["totp", "passkey", "recovery_code"]);

/** What happens to a firm's doors: signing in, users, keys, domains, the firm itself and its audit trail. */
export const FIRM_EVENTS = {
  "auth.signed_in": z.strictObject({ sessionId: z.string(), factor }),
  "auth.sign_in_failed": z.strictObject({
    reason: z.enum(["unknown_user", "wrong_password", "disabled", "locked"]),
    userId: userId.nullable(),
  }),
  "auth.password_accepted": z.strictObject({ userId }),
  "auth.factor_failed": z.strictObject({ userId: userId.nullable(), factor, during: z.enum(["sign_in", "step_up"]) }),
  "auth.stepped_up": z.strictObject({ sessionId: z.string(), factor }),
  "auth.account_locked": z.strictObject({ userId, until: instant }),
  "auth.signed_out": z.strictObject({ sessionId: z.string() }),
  "auth.session_revoked": z.strictObject({ userId, sessionId: z.string() }),
  "auth.sessions_revoked": z.strictObject({
    userId,
    count: z.int(),
    because: z.enum(["asked", "password_changed", "disabled", "role_changed", "factor_reset", "factor_changed"]),
  }),
  "auth.password_changed": z.strictObject({ userId }),
  "auth.password_recovered": z.strictObject({ userId }),
  "auth.totp_enrolled": z.strictObject({ userId }),
  "auth.recovery_codes_made": z.strictObject({ userId }),
  "auth.recovery_code_used": z.strictObject({ userId, left: z.int() }),
  "auth.passkey_added": z.strictObject({ userId, passkeyId: z.string() }),
  "auth.passkey_removed": z.strictObject({ userId, passkeyId: z.string() }),
  "user.invited": z.strictObject({ userId, role, scope: LeadScopeDto, until: instant }),
  "user.invitation_withdrawn": z.strictObject({ userId }),
  "user.joined": z.strictObject({ userId }),
  "user.link_made": z.strictObject({ userId, purpose: z.enum(LINK_PURPOSES), until: instant }),
  "user.profile_changed": z.strictObject({ userId, fields: z.array(z.string()) }),
  "user.role_changed": z.strictObject({ userId, from: role, to: role }),
  "user.scope_changed": z.strictObject({ userId, from: LeadScopeDto, to: LeadScopeDto }),
  "user.disabled": z.strictObject({ userId }),
  "user.enabled": z.strictObject({ userId }),
  "user.factor_reset": z.strictObject({ userId }),
  "user.alerts_changed": z.strictObject({ userId, byMail: z.boolean(), byText: z.boolean() }),
  "user.alert_code_sent": z.strictObject({ userId }),
  "user.alert_phone_confirmed": z.strictObject({ userId }),
  "user.alert_phone_removed": z.strictObject({ userId }),
  "user.alerted": z.strictObject({ userId, by: alertChannel, leads: count, messageId: z.string() }),
  "user.alert_failed": z.strictObject({ userId, by: alertChannel, leads: count, problem: z.string() }),
  "api_key.created": z.strictObject({ keyId, scopes: z.array(z.enum(KEY_SCOPES)), expiresAt: instant.nullable() }),
  "api_key.rotated": z.strictObject({ keyId, newKeyId: z.string(), oldUntil: instant }),
  "api_key.revoked": z.strictObject({ keyId }),
  "domain.added": z.strictObject({ domainId, host: z.string() }),
  "domain.verified": z.strictObject({ domainId, host: z.string() }),
  "domain.check_failed": z.strictObject({ domainId, host: z.string(), problem: z.string() }),
  "domain.lapsed": z.strictObject({ domainId, host: z.string() }),
  "domain.removed": z.strictObject({ domainId, host: z.string() }),
  "firm.created": z.strictObject({ slug: z.string() }),
  "firm.suspended": z.strictObject({ reason: z.string() }),
  "firm.reactivated": z.strictObject({}),
  "firm.closed": z.strictObject({ eraseAfter: instant }),
  "firm.exported": z.strictObject({ exportId: z.string(), files: z.int(), rows: z.int() }),
  "firm.fields_reencrypted": z.strictObject({ keyId, rows: z.int() }),
  "audit.viewed": z.strictObject({ filter: AuditFilter }),
  "audit.exported": z.strictObject({ exportId: z.string(), filter: AuditFilter }),
  "audit.export_finished": z.strictObject({ exportId: z.string(), rows: z.int(), complete: z.boolean() }),
  "export.fetched": z.strictObject({ exportId: z.string(), kind: z.enum(EXPORT_KINDS), rows: z.int() }),
  "export.removed": z.strictObject({ exportId: z.string(), kind: z.enum(EXPORT_KINDS) }),
  ...IMPORT_EVENTS,
} as const;
