"use client";
import { useEffect, useState } from "react";
import type { PasswordJudgement, passwordContext } from "@/lib/core/password-rules";
import { GateField } from "./gate-field";
import { ShowPassword } from "./show-password";

type PasswordFieldProps = {
  id: string;
  label: string;
  name?: string;
  /** Whose password it is to be: their own words make a poor one. */
  about: Parameters<typeof passwordContext>[0];
  error?: string | undefined;
  isCompact?: boolean;
};

/* Judged when the typing pauses: the word lists take a while, and a reader's ear too. */
const PAUSE_MS = 250;

/* Half a megabyte of word lists, fetched when the field is first entered. */
const rules = () => import("@/lib/core/password-rules");

/** A new password, with the judgement that the server will make of it. */
export function PasswordField({ id, label, name = "password", about, error, isCompact = false }: PasswordFieldProps) {
  const [isShown, setShown] = useState(false);
  const [typed, setTyped] = useState("");
  const [judgement, setJudgement] = useState<PasswordJudgement | null>(null);
  const [isRetyped, setRetyped] = useState(false);
  const [seen, setSeen] = useState(error);
  const words = JSON.stringify(about);
  // a refusal stands until something else is typed; said at once, so that the form can send the focus here
  if (seen !== error) {
    setSeen(error);
    setRetyped(false);
  }
  useEffect(() => {
    if (typed === "") return setJudgement(null);
    let isLate = false;
    const judge = async () => {
      const { judgePassword, passwordContext } = await rules();
      if (!isLate) setJudgement(judgePassword(typed, passwordContext(JSON.parse(words))));
    };
    // without its lists the field is a plain one: the server judges in any case
    const timer = setTimeout(() => void judge().catch(() => setJudgement(null)), PAUSE_MS);
    return () => {
      isLate = true;
      clearTimeout(timer);
    };
  }, [typed, words]);
  return (
    <GateField
      id={id}
      name={name}
      label={label}
      type={isShown ? "text" : "password"}
      autoComplete="new-password"
      autoCapitalize="none"
      spellCheck={false}
      required
      isCompact={isCompact}
      error={isRetyped ? undefined : error}
      onFocus={() => void rules().catch(() => undefined)}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        setRetyped(true);
      }}
      after={<ShowPassword isShown={isShown} onToggle={() => setShown(!isShown)} />}
      noteId={`${id}-strength`}
      note={<PasswordStrength id={`${id}-strength`} judgement={judgement} isQuiet={!!error && !isRetyped} />}
    />
  );
}

const GOOD = { 3: "Good.", 4: "Strong." } as const;

type PasswordStrengthProps = {
  id: string;
  judgement: PasswordJudgement | null;
  /** The server has said what is wrong: no second sentence beside it. */
  isQuiet?: boolean;
};

/** What is thought of a password: four bars and a sentence; before anything is typed, what it takes. */
export function PasswordStrength({ id, judgement, isQuiet = false }: PasswordStrengthProps) {
  const isGood = judgement !== null && judgement.reason === null;
  const filled = judgement === null ? 0 : Math.max(1, isGood ? judgement.score : Math.min(judgement.score, 2));
  return (
    <div className="mt-2">
      <div aria-hidden="true" className="grid grid-cols-4 gap-1">
        {[1, 2, 3, 4].map((bar) => (
          <span key={bar} className={`h-1 rounded-full ${bar > filled ? "bg-fill" : isGood ? "bg-good" : "bg-warm"}`} />
        ))}
      </div>
      <p
        id={id}
        role="status"
        className={`mt-1.5 text-12 phone:text-13 ${judgement === null ? "text-ink-3" : isGood ? "text-good" : "text-warm"}`}
      >
        {isQuiet ? "" : wordsFor(judgement)}
      </p>
    </div>
  );
}

const wordsFor = (judgement: PasswordJudgement | null): string => {
  if (judgement === null) return "At least 12 characters. A few words that do not belong together are best.";
  if (judgement.reason !== null) return `This password ${judgement.reason}.`;
  return GOOD[judgement.score >= 4 ? 4 : 3];
};
