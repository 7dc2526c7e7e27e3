import { Parser } from "htmlparser2";
import { clean } from "./parse-list";

/** The parts of a bail form page that carry facts, in page order, before anything is understood. */
export type FormParts = {
  /** `<th class="po-d">` with the text of the `<td>` behind it; null when no cell follows. */
  fields: { label: string; value: string | null }[];
  /** `<div class="po-bottom">`. `closed` is false when the page ended inside it. */
  blocks: { titles: string[]; notes: string[]; cells: string[]; text: string; closed: boolean }[];
};

type Place = "block" | "row" | "cell" | "title" | "note" | "label" | "value" | "silent" | "";

/** Elements that print apart from their neighbours: two adjacent spans hold a time and its zone. */
const APART = new Set(["span", "div", "br", "p", "li", "td", "th", "h4", "h5"]);

/** Reads the page once, tag by tag, without building a tree. Takes any text and never throws. */
export function readForm(html: string): FormParts {
  const parts: FormParts = { fields: [], blocks: [] };
  const places: Place[] = [];
  const buffers = new Map<Place, string>();
  let silent = 0;

  const block = () => (places.includes("block") ? parts.blocks.at(-1) : undefined);
  const write = (text: string) => {
    if (silent > 0) return;
    for (const [place, buffer] of buffers) buffers.set(place, buffer + text);
    const current = block();
    if (current) current.text += text;
  };

  const parser = new Parser({
    onopentag(tag, attributes) {
      if (APART.has(tag)) write(" ");
      const place = placeOf(tag, (attributes.class ?? "").split(/\s+/), places);
      places.push(place);
      if (place === "silent") silent += 1;
      else if (place === "block") parts.blocks.push({ titles: [], notes: [], cells: [], text: "", closed: false });
      else if (place !== "" && place !== "row") buffers.set(place, "");
    },
    ontext: write,
    onclosetag(tag, implied) {
      const place = places.pop() ?? "";
      const text = clean(buffers.get(place) ?? "");
      buffers.delete(place);
      const current = parts.blocks.at(-1);
      if (place === "silent") silent -= 1;
      else if (place === "label") parts.fields.push({ label: text, value: null });
      else if (place === "value") {
        const field = parts.fields.at(-1);
        if (field) field.value ??= text;
      } else if (current && place === "block") {
        current.closed = !implied;
        current.text = clean(current.text);
      } else if (current && place === "title") current.titles.push(text);
      else if (current && place === "note") current.notes.push(text);
      else if (current && place === "cell") current.cells.push(text);
      if (APART.has(tag)) write(" ");
    },
  });
  parser.end(html);
  return parts;
}

function placeOf(tag: string, classes: string[], places: Place[]): Place {
  if (tag === "script" || tag === "style") return "silent";
  const inBlock = places.includes("block");
  if (!inBlock) {
    if (tag === "th") return classes.includes("po-d") ? "label" : "";
    if (tag === "td") return places.includes("value") ? "" : "value";
    return tag === "div" && classes.includes("po-bottom") ? "block" : "";
  }
  if (tag === "h4") return "title";
  if (tag === "h5") return "note";
  if (tag !== "div" || places.includes("cell")) return "";
  if (places.at(-1) === "row") return "cell";
  return classes.includes("row") ? "row" : "";
}
