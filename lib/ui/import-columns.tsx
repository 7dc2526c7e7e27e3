"use client";
import { useId, useState } from "react";
import type { ImportDto } from "@/lib/contracts/imports";
import { COUNTIES, type County } from "@/lib/core/county";
import {
  IMPORT_FIELD_KEYS,
  IMPORT_FIELDS,
  type ImportField,
  type ImportMapping,
  mappingProblem,
} from "@/lib/core/import-fields";
import { callApi, otherProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { FieldError, SelectField, selectClass } from "./field";
import { fieldLabel } from "./import-words";
import { Section } from "./section";
import { TableHead } from "./table-head";
import { tableRoles } from "./table-roles";

type ImportColumnsProps = {
  each: ImportDto;
  /** The first rows of the file. */
  samples: readonly (readonly string[])[];
  onStarted: (each: ImportDto) => void;
};

const NEEDED: Partial<Record<ImportField, string>> = {
  name: "needed, or last and first name",
  county: "needed, or one county for the file",
  dateOfBirth: "so that nobody under 17 is taken in",
};

/* Widths that stay, whatever is chosen. */
const HEADS = [
  { head: "Field", className: "w-[26%]" },
  { head: "Column of the file", className: "w-[28%]" },
  { head: "First rows", className: "" },
];

/** Which column is which field; then the file is looked through. */
export function ImportColumns({ each, samples, onStarted }: ImportColumnsProps) {
  const id = useId();
  const columns = each.columns ?? [];
  const [mapping, setMapping] = useState<ImportMapping>(each.mapping);
  const [county, setCounty] = useState<County | null>(each.county);
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [wasTried, setTried] = useState(false);
  const missing = mappingProblem(mapping, county, columns.length);
  const isLacking = (field: ImportField) => wasTried && missing?.field === field;
  const choose = (field: ImportField, column: number | undefined) => {
    setProblem(null);
    setMapping(({ [field]: _before, ...rest }) => (column === undefined ? rest : { ...rest, [field]: column }));
  };
  const start = async () => {
    setTried(true);
    if (missing) return document.getElementById(`${id}-${missing.field}`)?.focus();
    setSending(true);
    const changed = await callApi<ImportDto>("PATCH", `/api/imports/${each.id}`, { mapping, county });
    const result = changed.isOk ? await callApi<ImportDto>("POST", `/api/imports/${each.id}/check`) : changed;
    setSending(false);
    if (result.isOk) onStarted(result.data);
    else setProblem(result.problem);
  };
  return (
    <Section id="columns" title="Match columns" note={`${columns.length} in the file`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <SelectField
          id={`${id}-of-file`}
          label="County of rows that name none"
          className="mb-4 max-w-[260px] phone:max-w-none"
          value={county ?? ""}
          onChange={(event) => setCounty((event.currentTarget.value || null) as County | null)}
        >
          <option value="">No county: such rows are refused</option>
          {COUNTIES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </SelectField>
        <table className="tb stack" {...tableRoles.table}>
          <caption className="sr-only">Which column of the file is which field</caption>
          <TableHead columns={HEADS} />
          <tbody {...tableRoles.group}>
            {IMPORT_FIELD_KEYS.map((field) => (
              <Row
                key={field}
                id={`${id}-${field}`}
                field={field}
                column={mapping[field]}
                columns={columns}
                samples={samples}
                problem={isLacking(field) ? missing?.reason : undefined}
                onChoose={(column) => choose(field, column)}
              />
            ))}
          </tbody>
        </table>
        <Unread columns={columns} samples={samples} mapping={mapping} />
        <FieldError id={`${id}-error`} error={otherProblem(problem)} />
        <div className="mt-3.5 flex flex-wrap items-center gap-3">
          <Button type="submit" kind="primary" disabled={isSending}>
            {isSending ? "Starting…" : "Look through the file"}
          </Button>
          <span className="text-ink-3">No lead is written by this.</span>
        </div>
      </form>
    </Section>
  );
}

type UnreadProps = Pick<ImportColumnsProps, "samples"> & { columns: readonly string[]; mapping: ImportMapping };

/** The columns that no field is read from, with a value of each: headings alone may mean nothing to us. */
function Unread({ columns, samples, mapping }: UnreadProps) {
  const read = new Set(Object.values(mapping));
  const unread = columns.flatMap((name, index) =>
    read.has(index) ? [] : [{ name, value: samples.map((row) => row[index]).find(Boolean) }],
  );
  if (unread.length === 0) return null;
  return (
    <div className="mt-3.5 max-w-[66ch]">
      <h3 className="font-emph">Columns that nothing is read from</h3>
      <ul className="mt-1 grid gap-0.5 text-ink-2 [overflow-wrap:anywhere]">
        {unread.map(({ name, value }) => (
          <li key={name}>
            {name}
            {value ? <span className="text-ink-3">, such as {value}</span> : null}
          </li>
        ))}
      </ul>
    </div>
  );
}

type RowProps = {
  id: string;
  field: ImportField;
  column: number | undefined;
  columns: readonly string[];
  samples: ImportColumnsProps["samples"];
  problem: string | undefined;
  onChoose: (column: number | undefined) => void;
};

function Row({ id, field, column, columns, samples, problem, onChoose }: RowProps) {
  const shown = column === undefined ? [] : samples.map((row) => row[column] ?? "").filter(Boolean);
  const needed = NEEDED[field];
  return (
    <tr {...tableRoles.row}>
      <td className="wide align-middle!" {...tableRoles.cell}>
        <label htmlFor={id} className="font-emph">
          {IMPORT_FIELDS[field].label}
        </label>
        {needed ? <small className="block text-12 text-ink-3 phone:text-13">{needed}</small> : null}
      </td>
      <td className="wide" {...tableRoles.cell}>
        <select
          id={id}
          className={`${selectClass} max-w-[260px] phone:max-w-none ${problem ? "border-danger!" : ""}`}
          aria-invalid={problem ? true : undefined}
          aria-describedby={problem ? `${id}-problem` : undefined}
          value={column ?? ""}
          onChange={({ currentTarget: { value } }) => onChoose(value === "" ? undefined : Number(value))}
        >
          <option value="">Not in the file</option>
          {columns.map((name, index) => (
            <option key={name} value={index}>
              {name}
            </option>
          ))}
        </select>
        <FieldError id={`${id}-problem`} error={problem ? `${fieldLabel(field)} ${problem}` : undefined} />
      </td>
      <td
        className="wide align-middle! max-w-[36ch] text-ink-2 [overflow-wrap:anywhere] phone:pt-1!"
        {...tableRoles.cell}
      >
        {shown.join(" · ")}
      </td>
    </tr>
  );
}
