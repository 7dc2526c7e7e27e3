"use client";
import { useId, useState } from "react";
import type { ApiKeyDto } from "@/lib/contracts/api-keys";
import { otherProblem, type Problem } from "./api-client";
import { OVERLAP_CHOICES } from "./api-key-words";
import { Button } from "./button";
import { FieldError, SelectField } from "./field";
import { Modal } from "./modal";

type ApiKeyRotateProps = {
  apiKey: ApiKeyDto | null;
  problem: Problem | null;
  isSending: boolean;
  onRotate: (overlapHours: number) => void;
  onCancel: () => void;
};

const USUAL_HOURS = 24;

/** Asks how long the old key works on, and says what happens to both. */
export function ApiKeyRotate({ apiKey, problem, isSending, onRotate, onCancel }: ApiKeyRotateProps) {
  const id = useId();
  const [hours, setHours] = useState(USUAL_HOURS);
  return (
    <Modal
      isOpen={apiKey !== null}
      onOpenChange={(isOpen) => isOpen || onCancel()}
      title={apiKey ? `Rotate the key “${apiKey.name}”?` : ""}
      description="You get a new key with the same name, the same permissions and the same lifetime. Give it to the program; the old key then expires by itself."
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onRotate(hours);
        }}
        className="mt-4 grid gap-3.5"
      >
        <SelectField
          id={id}
          value={hours}
          onChange={(event) => setHours(Number(event.currentTarget.value))}
          label="The old key"
          hint={
            hours === 0
              ? "Anything that still uses the old key is refused from its next request on. Choose this if the key has leaked."
              : "Both keys work until then, so nothing is refused while you change over."
          }
        >
          {OVERLAP_CHOICES.map((choice) => (
            <option key={choice.hours} value={choice.hours}>
              {choice.words}
            </option>
          ))}
        </SelectField>
        <FieldError id={`${id}-error`} error={otherProblem(problem)} />
        <div className="flex gap-2">
          <Button type="submit" kind="primary" disabled={isSending}>
            {isSending ? "Rotating…" : "Rotate"}
          </Button>
          <Button kind="quiet" onClick={onCancel}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}
