import { cookies } from "next/headers";
import { THEME_COOKIE, type Theme, themeOf } from "@/lib/ui/theme";

/** The theme this reader chose. */
export const readTheme = async (): Promise<Theme> => themeOf((await cookies()).get(THEME_COOKIE)?.value);
