"use client";
import type { LeadScopeDto } from "@/lib/contracts/users";
import { OFFENSE_CLASS_WORDS, OFFENSE_CLASSES } from "@/lib/core/offense";
import { FieldError } from "./field";
import { CountyPicker } from "./user-county-picker";

/** What a member is to see, while it is being chosen. */
export type ScopeChoice = { isLimited: boolean; scope: LeadScopeDto };

type ScopeFieldsProps = {
  id: string;
  choice: ScopeChoice;
  error: string | undefined;
  onChange: (choice: ScopeChoice) => void;
};

/** Every lead, or those of some counties and some classes of charge. */
export function ScopeFields({ id, choice, error, onChange }: ScopeFieldsProps) {
  const { isLimited, scope } = choice;
  const limit = (wish: boolean) => onChange({ isLimited: wish, scope });
  const { classes } = scope;
  return (
    <fieldset className="m-0 min-w-0 border-0 p-0" aria-describedby={error ? `${id}-scope-error` : undefined}>
      <legend className="mb-1 font-emph">What they see</legend>
      <div className="flex flex-wrap gap-x-5">
        <Way label="Every lead" isChosen={!isLimited} name={`${id}-sees`} onChoose={() => limit(false)} />
        <Way label="Only some" isChosen={isLimited} name={`${id}-sees`} onChoose={() => limit(true)} />
      </div>
      {isLimited ? (
        <div className="mt-2 grid gap-3.5 border-l-2 border-line pl-3">
          <CountyPicker
            chosen={scope.counties}
            onChange={(counties) => onChange({ isLimited, scope: { ...scope, counties } })}
          />
          <fieldset className="m-0 min-w-0 border-0 p-0">
            <legend className="mb-1 font-emph">
              Gravest charge{" "}
              <span className="font-text text-ink-3">{classes.length === 0 ? "any" : `${classes.length} of 9`}</span>
            </legend>
            <div className="grid grid-cols-2 gap-x-4">
              {OFFENSE_CLASSES.map((each) => (
                <label key={each} className="flex min-h-6 items-center gap-2 phone:min-h-11">
                  <input
                    type="checkbox"
                    className="ck flex-none"
                    checked={classes.includes(each)}
                    onChange={() => {
                      const next = OFFENSE_CLASSES.filter((one) => (one === each) !== classes.includes(one));
                      onChange({ isLimited, scope: { ...scope, classes: next } });
                    }}
                  />
                  {OFFENSE_CLASS_WORDS[each]}
                </label>
              ))}
            </div>
          </fieldset>
        </div>
      ) : null}
      <FieldError id={`${id}-scope-error`} error={error} />
    </fieldset>
  );
}

type WayProps = { name: string; label: string; isChosen: boolean; onChoose: () => void };

function Way({ name, label, isChosen, onChoose }: WayProps) {
  return (
    <label className="flex min-h-6 items-center gap-2 phone:min-h-11">
      <input type="radio" name={name} checked={isChosen} onChange={onChoose} className="ck" />
      {label}
    </label>
  );
}
