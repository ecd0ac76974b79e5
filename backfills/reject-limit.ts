import { LandfallError } from '../migrations/error.ts'

/** How many rejects a run bears: a number of records, a share of those that were read (`1%`), or null for any number. */
export type RejectLimit = number | `${number}%` | null

/** A share says nothing about the first few records. */
const ENOUGH = 1_000

/** Whether there are more rejects than that; a share is asked for from 1,000 records on, and at the `end`. */
export function isBeyond(
  limit: RejectLimit,
  { read, rejected }: { readonly read: number; readonly rejected: number },
  end = false,
): boolean {
  if (limit === null) return false
  if (typeof limit === 'number') return rejected > limit
  return (end || read >= ENOUGH) && rejected * 100 > read * Number(limit.slice(0, -1))
}

/**
 * `0`, `10` or `1.5%`.
 * @throws {LandfallError} `usage`
 */
export function parseRejectLimit(text: string): RejectLimit {
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1]
  if (share !== undefined && Number(share) <= 100) return `${Number(share)}%`
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  throw new LandfallError('usage', 'backfills/max-rejects', `--max-rejects ${text} is not a number of records`, {
    next: 'give 0 or more, or a share of the records read, for example 1%',
  })
}
