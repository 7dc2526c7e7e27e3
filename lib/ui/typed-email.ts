"use client";

const KEY = "arrestra.email";

/* Storage can be switched off; the sign-in page then only asks for the e-mail again. */
const tryStorage = <T>(use: (storage: Storage) => T): T | null => {
  try {
    return use(window.sessionStorage);
  } catch {
    return null;
  }
};

/** The e-mail that was typed on the first page of signing in, kept in this tab for the second. */
export const typedEmail = (): string => tryStorage((storage) => storage.getItem(KEY)) ?? "";
export const keepTypedEmail = (email: string): void => void tryStorage((storage) => storage.setItem(KEY, email));
export const forgetTypedEmail = (): void => void tryStorage((storage) => storage.removeItem(KEY));
