import type { LeadCounty } from "@/lib/core/county";
import { formatCents } from "@/lib/core/money";
import { OFFENSE_CLASS_WORDS, type OffenseClass } from "@/lib/core/offense";
import type { MailMessage } from "@/lib/platform/alerts";

/** What an alert says of a lead. Mail servers and phones keep what they were sent, so it names nobody: whoever may know the name signs in. */
export type ToldLead = {
  id: string;
  county: LeadCounty;
  topClass: OffenseClass;
  score: number;
  bailTotalCents: number | null;
  bailDenied: number;
};

/** As much as one text holds: more would be sent, and paid for, as several. */
export const TEXT_LENGTH = 160;
/** More leads than these are only counted: a county that a firm takes anew brings dozens at once. */
const LISTED = 20;

const placeOf = ({ county }: ToldLead): string => `${county} County`;
function bailOf({ bailTotalCents, bailDenied }: ToldLead): string {
  if (bailTotalCents !== null) return `bail ${formatCents(bailTotalCents)}`;
  return bailDenied > 0 ? "bail denied" : "no bail set";
}
const classOf = ({ topClass }: ToldLead): string => {
  const words = OFFENSE_CLASS_WORDS[topClass];
  return words.charAt(0).toLowerCase() + words.slice(1);
};
const sentenceOf = (lead: ToldLead): string =>
  `${placeOf(lead)}: ${OFFENSE_CLASS_WORDS[lead.topClass]}, ${bailOf(lead)}, HOT with ${lead.score} points`;

const addressOf = (origin: string, lead: ToldLead): string => `${origin}/leads/${lead.id}`;
const listOf = (origin: string): string => `${origin}/leads?status=new&band=hot`;

/** `Travis 3, Hays 2`: the counties of several leads, most first. */
function countiesOf(leads: readonly ToldLead[]): string {
  const counts = new Map<string, number>();
  for (const { county } of leads) counts.set(county, (counts.get(county) ?? 0) + 1);
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  const shown = sorted.slice(0, 4).map(([county, count]) => `${county} ${count}`);
  return sorted.length > 4 ? `${shown.join(", ")} and others` : shown.join(", ");
}

/** The text for one lead or several, never longer than one text: what does not fit beside the link is left out, the link last. */
export function textOf(leads: readonly [ToldLead, ...ToldLead[]], origin: string): string {
  const [first] = leads;
  const several = `Arrestra: ${leads.length} new HOT leads`;
  const one = `Arrestra: new HOT lead, ${placeOf(first)}`;
  const choices =
    leads.length > 1
      ? [`${several} (${countiesOf(leads)}). ${listOf(origin)}`, `${several}. ${listOf(origin)}`, `${several}.`]
      : [
          `${one}, ${classOf(first)}, ${bailOf(first)}, score ${first.score}. ${addressOf(origin, first)}`,
          `${one}, ${classOf(first)}, ${bailOf(first)}. ${addressOf(origin, first)}`,
          `${one}, ${bailOf(first)}. ${addressOf(origin, first)}`,
          `${one}. ${addressOf(origin, first)}`,
          `${one}. ${origin}`,
        ];
  return choices.find((words) => words.length <= TEXT_LENGTH) ?? "Arrestra: new HOT lead.";
}

/** The letter for one lead or several, without its address. */
export function mailOf(leads: readonly [ToldLead, ...ToldLead[]], origin: string): Omit<MailMessage, "to"> {
  const [first] = leads;
  const rest = leads.length - LISTED;
  const listed = leads.slice(0, LISTED);
  const more = rest > 0 ? `${rest} more: ${listOf(origin)}` : null;
  const why = "You get this because you asked to hear of new HOT leads. Change that in your profile:";
  const profile = `${origin}/settings/profile#alerts`;
  const html = [
    `<ul>${listed.map((lead) => `<li><a href="${escaped(addressOf(origin, lead))}">${escaped(sentenceOf(lead))}</a></li>`).join("")}</ul>`,
    ...(more ? [`<p><a href="${escaped(listOf(origin))}">${rest} more</a></p>`] : []),
    `<p>${why} <a href="${escaped(profile)}">${escaped(profile)}</a></p>`,
  ];
  return {
    subject:
      leads.length > 1
        ? `${leads.length} new HOT leads: ${countiesOf(leads)}`
        : `New HOT lead: ${placeOf(first)}, ${classOf(first)}, ${bailOf(first)}`,
    text: [
      ...listed.map((lead) => `${sentenceOf(lead)}\n${addressOf(origin, lead)}\n`),
      ...(more ? [`${more}\n`] : []),
      `${why} ${profile}`,
    ].join("\n"),
    html: `<!doctype html><html lang="en"><body>${html.join("\n")}</body></html>`,
  };
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (mark) => ENTITIES[mark] ?? mark);
