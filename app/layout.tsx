import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { IconSprite } from "@/lib/ui/icons";
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

/** The document: the reader's theme, the glyphs once, the page. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = await readTheme();
  return (
    <html lang="en" {...(theme === "system" ? {} : { "data-theme": theme })}>
      <body>
        <IconSprite />
        {children}
      </body>
    </html>
  );
}
