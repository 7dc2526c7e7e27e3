/** How a booking stands. Whether somebody came, and what came of it, stand beside it. */
export const CONSULTATION_STATES = ["scheduled", "canceled", "no_show"] as const;
export type ConsultationState = (typeof CONSULTATION_STATES)[number];

/** What came of a consultation. */
export const CONSULTATION_OUTCOMES = ["retained", "thinking", "declined"] as const;
export type ConsultationOutcome = (typeof CONSULTATION_OUTCOMES)[number];

/** Whether the person came, as far as anybody knows. */
export const ATTENDANCE_STATES = ["unknown", "attended", "absent"] as const;
