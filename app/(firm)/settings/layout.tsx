import type { ReactNode } from "react";
import { mayDo, type Permission } from "@/lib/domain/context/permissions";
import { isSignedIn, loadSession, siteOfRequest } from "@/lib/http/session";
import { SettingsNav } from "@/lib/ui/settings-nav";

const SECTIONS: readonly { href: string; label: string; needs: Permission }[] = [
  { href: "/settings/profile", label: "Profile", needs: "account:own" },
  { href: "/settings/users", label: "Users", needs: "users:manage" },
  { href: "/settings/api-keys", label: "API keys", needs: "keys:manage" },
  { href: "/settings/domains", label: "Domains", needs: "domains:manage" },
  { href: "/settings/connections", label: "Connections", needs: "connections:manage" },
  { href: "/settings/audit", label: "Audit trail", needs: "audit:read" },
];

/** The parts of the settings that this person may open, beside the one that is open. Each page refuses by itself. */
export default async function SettingsLayout({ children }: { children: ReactNode }) {
  if ((await siteOfRequest()).kind !== "firm" || !(await isSignedIn())) return children;
  const { ctx } = await loadSession();
  const sections = SECTIONS.filter(({ needs }) => mayDo(ctx, needs)).map(({ href, label }) => ({ href, label }));
  return (
    <div className="flex min-w-0 flex-1 narrow:flex-col">
      <SettingsNav sections={sections} />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
