import { ROLE_WORDS, type Role } from "@/lib/core/role";
import type { EventWords } from "./event-words";
import { countOf } from "./format";
import type { IconName } from "./icons";

type Data = Record<string, unknown>;
/** What happened, from its facts, who acted, and what somebody is called whose id stands in a field. */
export type WordsOf = (data: Data, who: string, whom: (field: string) => string) => EventWords;

const textIn = (data: Data, key: string): string => (typeof data[key] === "string" ? data[key] : "");
const listIn = (data: Data, key: string): string => (Array.isArray(data[key]) ? data[key].join(", ") : "");
const roleIn = (data: Data, key: string): string =>
  ROLE_WORDS[data[key] as Role]?.name.toLowerCase() ?? textIn(data, key);

const FACTORS: Record<string, string> = {
  totp: "an authenticator code",
  passkey: "a passkey",
  recovery_code: "a recovery code",
};
const factorIn = (data: Data): string => FACTORS[textIn(data, "factor")] ?? "a second factor";

const REFUSALS: Record<string, string> = {
  unknown_user: "nobody by that address",
  wrong_password: "wrong password",
  disabled: "disabled",
  locked: "too many tries",
};

const BECAUSE: Record<string, string> = {
  asked: "asked for",
  password_changed: "new password",
  disabled: "disabled",
  role_changed: "new role",
  factor_reset: "second factor reset",
  factor_changed: "new second factor",
};

const PURPOSES: Record<string, string> = {
  join: "to join the firm",
  password: "to choose a new password",
  factor: "to set up a new authenticator",
};

const say = (icon: IconName, text: string, more?: string): EventWords => (more ? { icon, text, more } : { icon, text });
const problemIn = (data: Data): string =>
  data.problem === "too_many"
    ? "the daily limit of text messages was reached"
    : textIn(data, "problem").replaceAll("_", " ");
const wayIn = (data: Data): string => (data.by === "text" ? "by text message" : "by e-mail");
/** What one does oneself, or somebody else does to one. */
const whose = (who: string, whom: string): string => (who === whom ? "" : ` of ${whom}`);
const rowsOf = (data: Data): string =>
  `${countOf(Number(data.rows) || 0, "row")}${data.complete === false ? ", broken off" : ""}`;

/** What happens to a firm's doors, people, keys, domains and audit trail. */
export const FIRM_WORDS: Record<string, WordsOf> = {
  "auth.signed_in": (data, who) => say("person", `${who} signed in with ${factorIn(data)}`),
  "auth.sign_in_failed": (data, _, whom) => {
    const why = REFUSALS[textIn(data, "reason")] ?? textIn(data, "reason");
    return say("warn", `Sign-in refused${data.userId ? ` to ${whom("userId")}` : ""}: ${why}`);
  },
  "auth.password_accepted": (_, __, whom) =>
    say("person", `Password of ${whom("userId")} was right; second factor asked for`),
  "auth.factor_failed": (data, _, whom) =>
    say(
      "warn",
      `${data.during === "step_up" ? "Confirmation" : "Sign-in"} refused${data.userId ? ` to ${whom("userId")}` : ""}: ${factorIn(data)} that was wrong or spent`,
    ),
  "auth.stepped_up": (data, who) => say("lock", `${who} confirmed with ${factorIn(data)}`),
  "auth.account_locked": (_, __, whom) => say("lock", `Account of ${whom("userId")} locked after wrong tries`),
  "auth.signed_out": (_, who) => say("person", `${who} signed out`),
  "auth.session_revoked": (_, who, whom) => say("close", `${who} ended a session${whose(who, whom("userId"))}`),
  "auth.sessions_revoked": (data, who, whom) =>
    say(
      "close",
      `${countOf(Number(data.count) || 0, "session")} of ${whom("userId")} ended by ${who}: ${BECAUSE[textIn(data, "because")] ?? textIn(data, "because")}`,
    ),
  "auth.password_changed": (_, who, whom) => say("lock", `${who} changed the password${whose(who, whom("userId"))}`),
  "auth.password_recovered": (_, __, whom) =>
    say("lock", `${whom("userId")} chose a new password through a one-time link`),
  "auth.totp_enrolled": (_, __, whom) => say("lock", `${whom("userId")} set up an authenticator`),
  "auth.recovery_codes_made": (_, __, whom) => say("lock", `${whom("userId")} made ten recovery codes`),
  "auth.recovery_code_used": (data, _, whom) =>
    say("lock", `${whom("userId")} used a recovery code, ${Number(data.left) || 0} left`),
  "auth.passkey_added": (_, __, whom) => say("lock", `${whom("userId")} added a passkey`),
  "auth.passkey_removed": (_, who, whom) => say("lock", `${who} removed a passkey${whose(who, whom("userId"))}`),
  "user.invited": (data, who, whom) => say("plus", `${who} invited ${whom("userId")} as ${roleIn(data, "role")}`),
  "user.invitation_withdrawn": (_, who, whom) => say("close", `${who} withdrew the invitation of ${whom("userId")}`),
  "user.joined": (_, __, whom) => say("person", `${whom("userId")} joined the firm`),
  "user.link_made": (data, who, whom) =>
    say(
      "copy",
      `${who} made a one-time link for ${whom("userId")} ${PURPOSES[textIn(data, "purpose")] ?? ""}`.trimEnd(),
    ),
  "user.profile_changed": (data, who, whom) =>
    say("note", `${who} changed the profile${whose(who, whom("userId"))}: ${listIn(data, "fields")}`),
  "user.role_changed": (data, who, whom) =>
    say("person", `${who} changed the role of ${whom("userId")}: ${roleIn(data, "from")} → ${roleIn(data, "to")}`),
  "user.scope_changed": (_, who, whom) =>
    say("filter", `${who} changed the counties or charges that ${whom("userId")} sees`),
  "user.disabled": (_, who, whom) => say("barred", `${who} disabled ${whom("userId")}`),
  "user.enabled": (_, who, whom) => say("check", `${who} enabled ${whom("userId")}`),
  "user.factor_reset": (_, who, whom) => say("lock", `${who} reset the second factor of ${whom("userId")}`),
  "user.alerts_changed": (data, who) => {
    const ways = [data.byMail === true ? "e-mail" : "", data.byText === true ? "text message" : ""].filter(Boolean);
    return say(
      "bell",
      ways.length > 0 ? `${who} asked for alerts by ${ways.join(" and ")}` : `${who} turned alerts off`,
    );
  },
  "user.alert_code_sent": (_, __, whom) => say("bell", `Code sent to the phone that ${whom("userId")} gave for alerts`),
  "user.alert_phone_confirmed": (_, who) => say("bell", `${who} confirmed a phone for alerts`),
  "user.alert_phone_removed": (_, who) => say("bell", `${who} removed the phone for alerts`),
  "user.alerted": (data, _, whom) =>
    say("bell", `${whom("userId")} alerted ${wayIn(data)} of ${countOf(Number(data.leads) || 0, "new HOT lead")}`),
  "user.alert_failed": (data, _, whom) =>
    say("warn", `Alert for ${whom("userId")} ${wayIn(data)} not sent: ${problemIn(data)}`),
  "api_key.created": (_, who, whom) => say("plus", `${who} made ${whom("keyId")}`),
  "api_key.rotated": (_, who, whom) => say("refresh", `${who} replaced ${whom("keyId")} by ${whom("newKeyId")}`),
  "api_key.revoked": (_, who, whom) => say("barred", `${who} revoked ${whom("keyId")}`),
  "domain.added": (data, who) => say("plus", `${who} added the domain ${textIn(data, "host")}`),
  "domain.verified": (data) => say("check", `Domain ${textIn(data, "host")} proven; the firm answers there`),
  "domain.check_failed": (data) =>
    say("warn", `Domain ${textIn(data, "host")} could not be proven: ${textIn(data, "problem")}`),
  "domain.lapsed": (data) => say("barred", `Domain ${textIn(data, "host")} lapsed; the firm no longer answers there`),
  "domain.removed": (data, who) => say("close", `${who} removed the domain ${textIn(data, "host")}`),
  "firm.created": (_, who) => say("plus", `${who} made the firm`),
  "firm.suspended": (data, who) => say("barred", `${who} suspended the firm`, textIn(data, "reason")),
  "firm.reactivated": (_, who) => say("check", `${who} opened the firm again`),
  "firm.closed": (_, who) => say("barred", `${who} closed the firm`),
  "firm.exported": (data, who) =>
    say(
      "download",
      `${who} wrote out everything of the firm: ${countOf(Number(data.files) || 0, "file")}, ${countOf(Number(data.rows) || 0, "row")}`,
    ),
  "firm.fields_reencrypted": (data, who) =>
    say("lock", `${who} encrypted ${countOf(Number(data.rows) || 0, "row")} anew under another key`),
  "audit.viewed": (_, who) => say("eye", `${who} read the audit trail`),
  "audit.exported": (_, who) => say("download", `${who} began a CSV of the audit trail`),
  "audit.export_finished": (data) => say("download", `CSV of the audit trail ended: ${rowsOf(data)}`),
  "leads.listed": (_, who) => say("leads", `${who} read the list of leads`),
  "export.fetched": (data, who) =>
    say(
      "download",
      `${who} fetched a prepared CSV of ${data.kind === "audit" ? "the audit trail" : "leads"}: ${rowsOf(data)}`,
    ),
  "export.removed": (data, who) =>
    say("download", `${who} removed a prepared CSV of ${data.kind === "audit" ? "the audit trail" : "leads"}`),
  "import.uploaded": (_, who) => say("leads", `${who} sent a list to be imported`),
  "import.started": (data, who) => say("leads", `${who} began an import: ${rowsOf(data)}`),
  "import.finished": (data) => {
    const figure = (key: string) => (Number(data[key]) || 0).toLocaleString("en-US");
    const counts = `${figure("created")} new, ${figure("updated")} updated, ${figure("rejected")} refused`;
    return say("leads", `Import ${data.complete === false ? "broke off" : "ended"}: ${counts}`);
  },
  "import.canceled": (_, who) => say("close", `${who} canceled an import`),
  "import.undo_started": (_, who) => say("leads", `${who} began to take an import back`),
  "import.undone": (data) => {
    const kept = Number(data.kept) || 0;
    const words = `Import taken back: ${countOf(Number(data.withdrawn) || 0, "lead")} dismissed`;
    return say("leads", kept > 0 ? `${words}, ${kept.toLocaleString("en-US")} kept` : words);
  },
  "lead.exported": (_, who) => say("download", `${who} began a CSV of leads`),
  "lead.export_finished": (data) => say("download", `CSV of leads ended: ${rowsOf(data)}`),
  "ingest.run_started": (data, who) => say("sources", `${who} opened a run of ${textIn(data, "source")}`),
  "ingest.run_finished": (data) => say("sources", `Run of ${textIn(data, "source")} ended: ${textIn(data, "status")}`),
  "ingest.rows_rejected": (data) =>
    say("warn", `${countOf(Number(data.rejected) || 0, "row")} of ${textIn(data, "source")} not taken`),
};
