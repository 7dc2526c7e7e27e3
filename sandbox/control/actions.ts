export type Body = Record<string, unknown>;

/** A call that the control plane does not understand; the words go back to whoever made it. */
export class BadCall extends Error {}

/** What one service lets the control plane do, by `METHOD path`. What is returned is the reply, as JSON; a promise is waited for. */
export type ControlActions = Record<string, (call: { body: Body; url: URL }) => unknown>;

/** A text of the body. @throws BadCall */
export function text(body: Body, name: string): string {
  const value = body[name];
  if (typeof value !== "string") throw new BadCall(`${name} must be a text.`);
  return value;
}

/** A text of the body, if it is there. @throws BadCall */
export const optional = (body: Body, name: string): string | undefined =>
  body[name] === undefined ? undefined : text(body, name);

/** A number of the body, 0 or more, if it is there. @throws BadCall */
export function positive(body: Body, name: string): number | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0)
    throw new BadCall(`${name} must be a number, 0 or more.`);
  return value;
}
