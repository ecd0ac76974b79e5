/** Says that the text alone does not tell: the compiler is to be asked. */
export class NotPlain extends Error {}

/** `condition`, or the compiler is asked. */
export function plainly(condition: boolean): asserts condition {
  if (!condition) throw new NotPlain()
}
