import type { LinkPurpose } from "@/lib/contracts/account";
import type { LeadScopeDto, UserDto } from "@/lib/contracts/users";
import { OFFENSE_CLASS_WORDS } from "@/lib/core/offense";
import type { Role } from "@/lib/core/role";
import { countOf, formatAgo, formatInstant } from "./format";
import type { IconName } from "./icons";

/** `Travis`, `Travis and Hays`, `Travis, Hays and Bell`, `Travis, Hays, Bell and 4 more`. */
function shortList(words: readonly string[], most = 4): string {
  const shown = words.length > most ? [...words.slice(0, most - 1), `${words.length - most + 1} more`] : [...words];
  const last = shown.pop() ?? "";
  return shown.length > 0 ? `${shown.join(", ")} and ${last}` : last;
}

/** What a member sees: `Every lead`, `Travis and Hays`, `Travis County: First-degree felony`. */
export function scopeWords({ counties, classes }: LeadScopeDto): string {
  if (counties.length + classes.length === 0) return "Every lead";
  const place =
    counties.length === 0 ? "All counties" : counties.length === 1 ? `${counties[0]} County` : shortList(counties);
  const charges = shortList(classes.map((each) => OFFENSE_CLASS_WORDS[each]));
  return charges === "" ? place : `${place}: ${charges}`;
}

/** Where a user stands: a word with its glyph, and what is behind it. */
export function userState(
  user: UserDto,
  timeZone: string,
  now: string,
): { icon: IconName; tone: string; words: string; note: string } {
  if (user.state === "disabled")
    return { icon: "barred", tone: "text-ink-3", words: "Disabled", note: "Cannot sign in" };
  if (user.state === "invited") {
    if (user.invitedUntil === null)
      return { icon: "warn", tone: "text-warm", words: "Invitation ran out", note: "Make a new link for them" };
    const note = `Until ${formatInstant(user.invitedUntil, timeZone, now)}`;
    return { icon: "clock", tone: "text-ink-3", words: "Invited", note };
  }
  if (!user.hasAuthenticator && user.passkeys === 0)
    return { icon: "warn", tone: "text-warm", words: "No second factor", note: "Cannot sign in before setting one up" };
  return { icon: "qualified", tone: "text-good", words: "Active", note: factorWords(user) };
}

function factorWords({ hasAuthenticator, passkeys }: UserDto): string {
  const ofPasskeys = passkeys > 0 ? [countOf(passkeys, "passkey")] : [];
  const words = [...(hasAuthenticator ? ["Authenticator"] : []), ...ofPasskeys];
  return words.join(", ");
}

/** When they were last here, and where they are signed in now. */
export function visitWords(user: UserDto, now: string): { visit: string; sessions: string } {
  if (user.state === "invited") return { visit: "Not yet", sessions: "" };
  return {
    visit: user.lastVisitAt ? formatAgo(user.lastVisitAt, now) : "never",
    sessions: user.sessions > 0 ? countOf(user.sessions, "session") : "signed out",
  };
}

/** What can be done for or to a user. */
export type UserDeed =
  | "change"
  | "inviteAgain"
  | "withdraw"
  | "passwordLink"
  | "resetFactor"
  | "endSessions"
  | "disable"
  | "enable";

/** What this admin can do here with this user: never with themselves, and with owners only as an owner. The API decides the same by itself. */
export function deedsFor(user: UserDto, me: { id: string; role: Role }): UserDeed[] {
  if (user.id === me.id || (user.role === "owner" && me.role !== "owner")) return [];
  if (user.state === "invited") return ["change", "inviteAgain", "withdraw"];
  if (user.state === "disabled") return ["change", "enable"];
  return ["change", "passwordLink", "resetFactor", ...(user.sessions > 0 ? (["endSessions"] as const) : []), "disable"];
}

/** A deed as its button says it. */
export const DEED_WORDS: Record<UserDeed, string> = {
  change: "Change",
  inviteAgain: "New invitation link",
  withdraw: "Withdraw invitation",
  passwordLink: "New password link",
  resetFactor: "Reset authenticator",
  endSessions: "Sign out everywhere",
  disable: "Disable",
  enable: "Enable",
};

/** What is asked before something is taken away; deeds that are not here are done at once. */
export const DEED_QUESTIONS: Partial<
  Record<UserDeed, { title: (name: string) => string; means: (user: UserDto) => string; verb: string; keep: string }>
> = {
  withdraw: {
    title: (name) => `Withdraw the invitation of ${name}?`,
    means: ({ email }) => `The link stops working, and ${email} leaves this list. You can invite them again.`,
    verb: "Withdraw",
    keep: "Keep it",
  },
  resetFactor: {
    title: (name) => `Reset the authenticator of ${name}?`,
    means: () =>
      "Their authenticator, passkeys and recovery codes stop working now, and they are signed out. You get a link for a new authenticator; it asks for their password too. First make sure the request is really theirs: call them on a number you know.",
    verb: "Reset",
    keep: "Keep it",
  },
  endSessions: {
    title: (name) => `Sign ${name} out everywhere?`,
    means: ({ sessions }) =>
      `${sessions === 1 ? "Their session ends" : `Their ${sessions} sessions end`} with the next click. They can sign in again with password and second factor.`,
    verb: "Sign out",
    keep: "Leave them",
  },
  disable: {
    title: (name) => `Disable ${name}?`,
    means: () =>
      "They are signed out with their next click and cannot sign in until somebody enables them again. Links made for them stop working. What they did stays in the timelines.",
    verb: "Disable",
    keep: "Leave them",
  },
};

/** What to do with a one-time link, by its purpose. */
export const LINK_WORDS: Record<LinkPurpose, { title: string; label: string; opens: string }> = {
  join: {
    title: "An invitation for",
    label: "Invitation link",
    opens: "With it they choose a password and set up their authenticator.",
  },
  password: {
    title: "A new password for",
    label: "Password link",
    opens:
      "With it they choose a new password. The old one works until then, and signing in still takes their second factor.",
  },
  factor: {
    title: "A new authenticator for",
    label: "Authenticator link",
    opens: "With it and their password they set up a new authenticator. Until then they cannot sign in.",
  },
};
