"use client";

/** Ends the session on the server and leaves for the sign-in page, whatever the answer. */
export async function signOut(): Promise<void> {
  try {
    const { csrfToken } = (await (await fetch("/api/auth/csrf")).json()) as { csrfToken: string };
    await fetch("/api/auth/signout", { method: "POST", body: new URLSearchParams({ csrfToken, json: "true" }) });
  } finally {
    window.location.assign("/login");
  }
}
