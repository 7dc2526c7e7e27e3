import { redirect } from "next/navigation";
import { loadSession } from "@/lib/http/session";

/** The settings begin with one's own. */
export default async function SettingsPage() {
  await loadSession("/settings");
  redirect("/settings/profile");
}
