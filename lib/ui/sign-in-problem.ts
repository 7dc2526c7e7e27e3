/** In words what a refusal means. The same for every way of not being let in: nothing tells a wrong password from a wrong code or an unknown user. */
export const signInProblem = (code: string | undefined | null): string | undefined => {
  if (!code) return undefined;
  if (code === "TooManyTries") return "Too many tries from here. Wait a few minutes, then try again.";
  if (code === "CredentialsSignin")
    return "E-mail, password or code was not right. After many wrong tries an account waits a while.";
  return "Sign-in did not work. Nothing was changed; try again.";
};
