import type { ReactNode } from "react";
import type { AccountDto } from "@/lib/contracts/account";
import { ROLE_WORDS, type Role } from "@/lib/core/role";
import { AccountAuthenticator } from "./account-authenticator";
import { AccountCodes } from "./account-codes";
import { AccountName } from "./account-name";
import { AccountPasskeys } from "./account-passkeys";
import { AccountPassword } from "./account-password";
import { AccountSessions } from "./account-sessions";
import { PageHead } from "./page-head";

type AccountViewProps = {
  account: AccountDto;
  firm: { name: string; slug: string; host: string; timeZone: string };
  /** Alerts, reminders and the calendar address, where the page has read them. */
  consultations?: ReactNode;
  now: string;
};

/* Who prints new recovery codes wants the codes on the paper, not the rest of the page. */
const printsAlone = "print:[&:has([data-printed])>*:not(:has([data-printed]))]:hidden";

/** One's own account: name, what opens it, and where it is open. */
export function AccountView({ account, firm, consultations, now }: AccountViewProps) {
  const { name, email, passkeys, sessions } = account;
  const at = { timeZone: firm.timeZone, now };
  return (
    <div className={printsAlone}>
      <PageHead title="Profile" />
      <AccountName name={name} email={email} role={ROLE_WORDS[account.role as Role]} />
      <AccountPassword
        changedAt={account.passwordChangedAt}
        about={{ firmName: firm.name, slug: firm.slug, host: firm.host, name, email }}
        {...at}
      />
      <AccountAuthenticator since={account.authenticatorSince} {...at} />
      <AccountCodes left={account.recoveryCodesLeft} host={firm.host} />
      <AccountPasskeys passkeys={passkeys} host={firm.host} {...at} />
      {consultations}
      <AccountSessions sessions={sessions} {...at} />
    </div>
  );
}
