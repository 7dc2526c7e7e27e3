import type { Metadata } from "next";
import { getAccount } from "@/lib/domain/auth/get-account";
import { passkeySite } from "@/lib/domain/auth/passkeys";
import { findCalendarFeed } from "@/lib/domain/bookings/find-calendar-feed";
import { getRemindMinutes } from "@/lib/domain/bookings/get-remind-minutes";
import { getAlerts } from "@/lib/domain/outreach/alerts/get-alerts";
import { findFirmOfRequest, loadSession } from "@/lib/http/session";
import { AccountView } from "@/lib/ui/account-view";
import { AlertSettings } from "@/lib/ui/alert-settings";
import { CalendarFeed } from "@/lib/ui/calendar-feed";
import { ReminderForm } from "@/lib/ui/reminder-form";

export const generateMetadata = async (): Promise<Metadata> => ({
  title: `Profile · ${(await findFirmOfRequest()).name}`,
});

/** One's own name, password, second factors and sessions; when to be alerted and reminded, and the calendar address. */
export default async function ProfilePage() {
  const { ctx, firm } = await loadSession("/settings/profile");
  const { name, slug, host, timeZone } = firm;
  const now = ctx.clock.now().toISOString();
  return (
    <AccountView
      account={await getAccount(ctx, passkeySite(firm.origin))}
      firm={{ name, slug, host, timeZone }}
      consultations={
        <>
          <AlertSettings alerts={await getAlerts(ctx)} />
          <ReminderForm minutes={(await getRemindMinutes(ctx)).minutes} />
          <CalendarFeed feed={await findCalendarFeed(ctx)} timeZone={timeZone} now={now} />
        </>
      }
      now={now}
    />
  );
}
