import { z } from "zod";
import { type County, findCounty } from "@/lib/core/county";

const Event = z.strictObject({
  counties: z.array(z.string()).optional(),
  browser: z.boolean().optional(),
  acceptList: z.boolean().optional(),
  hold: z.string().min(1).optional(),
  resume: z.string().min(1).optional(),
});

/**
 * What a call of the Lambda may say, all of it optional: `{ "counties": ["Travis"] }`, or every county that a firm takes; `browser` drives Chromium; `acceptList`: a
 * person has looked, the list really is this short. `hold` and `resume` name a source, a host or `all`, and where no county is named, no pass follows them.
 */
export type ScrapeEvent = z.input<typeof Event>;

/** An event as it is acted upon. `counties`: null where nothing but a switch was asked for. */
export type Asked = Omit<z.output<typeof Event>, "counties"> & { counties: readonly County[] | "all" | null };

/** @throws Error that says what of the event is not understood: a switch that is spelled wrong must not become a pass over every court. */
export function readEvent(event: unknown): Asked {
  const parsed = Event.safeParse(event ?? {});
  if (!parsed.success) throw new Error(`this event is not understood: ${z.prettifyError(parsed.error)}`);
  const { counties, ...rest } = parsed.data;
  const named = counties?.map((name) => {
    const county = findCounty(name);
    if (!county) throw new Error(`${name} is no county of Texas`);
    return county;
  });
  const isSwitch = rest.hold !== undefined || rest.resume !== undefined;
  return { ...rest, counties: named ?? (isSwitch ? null : "all") };
}
