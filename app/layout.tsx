import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { markNotFound } from "@/lib/http/request-guard";
import { siteOfRequest } from "@/lib/http/session";
import { IconSprite } from "@/lib/ui/icons";
import NotFound from "./not-found";
import { readTheme } from "./read-theme";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Arrestra", template: "%s · Arrestra" },
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  viewportFit: "cover",
  colorScheme: "light dark",
};

/** The document: the reader's theme, the glyphs once, the page. On a host that is nobody's every page is the plain 404, also without a script. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = await readTheme();
  // A database that is away is the page's to explain, not a reason to say that the firm does not exist.
  const site = await siteOfRequest().catch(() => null);
  const isNowhere = site?.kind === "unknown";
  if (isNowhere) markNotFound();
  return (
    <html lang="en" {...(theme === "system" ? {} : { "data-theme": theme })}>
      <body>
        <IconSprite />
        {isNowhere ? <NotFound /> : children}
      </body>
    </html>
  );
}
