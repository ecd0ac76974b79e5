import { z } from 'zod'

type Issue = z.core.$ZodIssue

/** Every mistake of a config with its own path, as people read it: also those inside a key, and inside the form of a value that was meant. */
export const mistakesText = (error: z.ZodError): string => z.prettifyError(new z.ZodError(error.issues.flatMap(unfold)))

function unfold(issue: Issue): Issue[] {
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => ({ ...inner, path: issue.path }))
  if (issue.code !== 'invalid_union') return [issue]
  const meant = issue.errors.filter((issues) => !issues.some(isOfAnotherType))
  if (meant.length !== 1) return [issue]
  return meant[0]!.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })).flatMap(unfold)
}

/** A form that the value does not even have the type of was not meant. */
const isOfAnotherType = (issue: Issue): boolean =>
  issue.path.length === 0 &&
  (issue.code === 'invalid_type' ||
    (issue.code === 'invalid_union' && issue.errors.every((issues) => issues.some(isOfAnotherType))))
