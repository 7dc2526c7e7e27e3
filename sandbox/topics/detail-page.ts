import { encodeLikeAspNet as enc } from "../http/html";
import { type Form, type FormOffense, type PrintedTime, printedLocation } from "./form";
import { layout } from "./layout";
import type { DetailStyle } from "./scenario";

type Column = { title: string; value: (line: FormOffense) => string };

const COLUMNS: readonly Column[] = [
  { title: "Offense", value: (line) => line.offense },
  { title: "Bail Type", value: (line) => line.bailType },
  { title: "Bail Amount", value: (line) => line.bailAmount },
  { title: "Cause Number", value: (line) => line.causeNumber },
];

/** The page of one bail form, spaced as unevenly as the real one. */
export function detailPage(base: string, form: Form, style: DetailStyle): string {
  const arrestLabel = style === "label-renamed" ? "Date of Detention :" : "Arrest Date :";
  const header = [
    headerRow("Name :", enc(form.name)),
    headerRow("Magistration Location:", enc(printedLocation(form))),
    headerRow(arrestLabel, time(form.arrest)),
    headerRow("Arresting Agency  :", enc(form.agency)),
    headerRow("Magistrate :", enc(form.magistrate)),
    headerRow("Magistration Date :", time(form.magistration)),
    ...(form.extraFields ?? []).map((field) => headerRow(`${field.label} :`, enc(field.value))),
  ];
  return layout(
    base,
    "Bail Form",
    `<h2 class="po-title">Public Bail Form</h2>
    <div class="po-top">
      <table class="table po-table">
        <tbody>
${header.join("\n")}
        </tbody>
      </table>
    </div>
${offenseBlocks(form, style)}
    <div class="po-bottom">
      <h5>Bail Conditions? <span>${enc(form.conditions)}</span></h5>
    </div>
    <p><a class="btn btn-default" href="${base}/BailPublic">Back to search</a></p>`,
  );
}

const headerRow = (label: string, html: string) => `          <tr>
            <th class="po-d">${label}</th>
            <td>${html}</td>
          </tr>`;

const time = (printed: PrintedTime | null) =>
  printed ? `<span>${enc(printed.at)}</span>\n              <span>${enc(printed.zone)}</span>` : "";

function offenseBlocks(form: Form, style: DetailStyle): string {
  const [offense, type, amount, cause] = COLUMNS as [Column, Column, Column, Column];
  const columns =
    style === "columns-swapped"
      ? [cause, offense, amount, type]
      : style === "titles-renamed"
        ? [offense, { ...type, title: "Release Kind" }, { ...amount, title: "Sum" }, cause]
        : [offense, type, amount, cause];
  const block = (cells: string[]) =>
    `    <div class="po-bottom">\n      <div class="row">\n${cells.join("\n")}\n      </div>\n    </div>`;
  return [
    block(columns.map((column) => `        <div class="col-md-3"><h4>${column.title}</h4></div>`)),
    ...form.offenses.map((line) =>
      block(
        columns.map((column) => `        <div class="col-md-3">\n          ${enc(column.value(line))}\n        </div>`),
      ),
    ),
  ].join("\n");
}
