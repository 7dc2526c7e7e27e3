import type { ApiKeyDto } from "@/lib/contracts/api-keys";
import { expiryWords, keyState, scopeWords } from "./api-key-words";
import { buttonClass } from "./button";
import { formatAgo, formatDay } from "./format";
import { Icon } from "./icons";
import { TableHead } from "./table-head";
import { tableRoles } from "./table-roles";

type ApiKeyTableProps = {
  caption: string;
  keys: readonly ApiKeyDto[];
  timeZone: string;
  now: string;
  /** Absent for keys that ended: nothing can be done with them. */
  onRotate?: (key: ApiKeyDto) => void;
  onRevoke?: (key: ApiKeyDto) => void;
};

const HEADS = ["Key", "What it may do", "Made", "Last used", "Expires", "State"];

/** Keys with what they may do, when they were used and when they end. */
export function ApiKeyTable({ caption, keys, ...rest }: ApiKeyTableProps) {
  return (
    <div className="overflow-x-auto">
      <table className="tb stack" {...tableRoles.table}>
        <caption className="sr-only">{caption}</caption>
        <TableHead columns={HEADS} action={rest.onRevoke ? "Change" : undefined} />
        <tbody {...tableRoles.group}>
          {keys.map((key) => (
            <ApiKeyLine key={key.id} apiKey={key} {...rest} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

type LineProps = Omit<ApiKeyTableProps, "keys" | "caption"> & { apiKey: ApiKeyDto };

function ApiKeyLine({ apiKey, timeZone, now, onRotate, onRevoke }: LineProps) {
  const { icon, tone, words } = keyState(apiKey, timeZone, now);
  return (
    <tr {...tableRoles.row}>
      <td className="wide" {...tableRoles.cell}>
        <span className="font-emph [overflow-wrap:anywhere]">{apiKey.name}</span>
        <code className="block font-mono text-12 text-ink-3 phone:text-13">{apiKey.prefix}…</code>
      </td>
      <td className="wide max-w-[30ch] text-ink-2" {...tableRoles.cell}>
        {scopeWords(apiKey.scopes)}
      </td>
      <td className="wide text-ink-2" {...tableRoles.cell}>
        <Word>Made </Word>
        {formatDay(apiKey.createdAt, timeZone, now)}
        {apiKey.createdBy ? <small className="text-12 text-ink-3 phone:text-13"> by {apiKey.createdBy}</small> : null}
      </td>
      <td className="wide text-ink-2" {...tableRoles.cell}>
        <Word>Used </Word>
        {apiKey.lastUsedAt ? formatAgo(apiKey.lastUsedAt, now) : "never"}
      </td>
      <td className="wide text-ink-2" {...tableRoles.cell}>
        {apiKey.expiresAt ? <Word>Expires </Word> : null}
        {expiryWords(apiKey, timeZone, now)}
      </td>
      <td className="wide" {...tableRoles.cell}>
        <span className="inline-flex items-start gap-1.5">
          <Icon name={icon} className={`mt-0.5 ${tone}`} />
          {words}
        </span>
      </td>
      {onRevoke ? (
        <td className="wide" {...tableRoles.cell}>
          <span className="-my-[5px] flex justify-end gap-1 phone:my-0 phone:-ml-2.5 phone:justify-start">
            {apiKey.replacedBy ? null : (
              <button
                type="button"
                className={buttonClass("quiet")}
                aria-label={`Rotate ${apiKey.name}`}
                onClick={() => onRotate?.(apiKey)}
              >
                Rotate
              </button>
            )}
            <button
              type="button"
              className={buttonClass("quiet")}
              aria-label={`Revoke ${apiKey.name}`}
              onClick={() => onRevoke(apiKey)}
            >
              Revoke
            </button>
          </span>
        </td>
      ) : null}
    </tr>
  );
}

/* On a phone the heads are gone, so each fact brings its word. */
function Word({ children }: { children: string }) {
  return <span className="hidden text-ink-3 phone:inline">{children}</span>;
}
