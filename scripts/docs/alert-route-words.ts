/** Of the routes of one's own alerts: a title, and what else there is to know. */
export const ALERT_ROUTE_WORDS: Record<string, [string, string]> = {
  "GET /api/account/alerts": [
    "Whether and how one hears of new HOT leads",
    "By e-mail to the address one signs in with, by text to a phone that was confirmed, which is shown by its last digits. `carrier` is what sends them here; `off` is nothing.",
  ],
  "PATCH /api/account/alerts": [
    "Choose how to hear of new HOT leads",
    "What is left out stays. Texts need a confirmed phone.",
  ],
  "POST /api/account/alerts/phone": [
    "Give the phone that texts of new HOT leads go to",
    "Sends it six digits, which count for ten minutes; until they come back no text goes there, nor to the phone from before. Numbers of the United States. Needs a fresh second factor. An `Idempotency-Key` is not looked at.",
  ],
  "DELETE /api/account/alerts/phone": ["Forget the phone for alerts", "Texts end with it."],
  "POST /api/account/alerts/phone/confirm": [
    "Confirm the phone for alerts by its code",
    "Texts of new HOT leads go there from then on. Five tries for each code. An `Idempotency-Key` is not looked at.",
  ],
};
