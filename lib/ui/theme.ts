/** How the product is lit: as the system says, or one of the two. Kept in the cookie `theme`, which the root layout reads. */
export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export const THEME_COOKIE = "theme";
export const THEME_WORDS: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

/** The theme that a cookie's text names; `system` for anything else. */
export const themeOf = (text: string | undefined): Theme => THEMES.find((theme) => theme === text) ?? "system";
