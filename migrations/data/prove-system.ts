import { executeScript } from '../execute.ts'
import { migrationLabel, type Migration } from '../migration.ts'
import type { SystemProof } from '../prove.ts'
import type { FixtureRows } from './generate.ts'
import { proveData, type DataProof } from './prove-data.ts'

export interface SystemDataRequest {
  /** Its `kept` copy is used up. */
  readonly proof: Pick<SystemProof, 'proofs' | 'kept'>
  readonly wants: (migration: Migration) => boolean
  /** Rows of the system's own at its newest state; they go where they fit. */
  readonly fixtures: FixtureRows | null
  readonly onProgress?: (done: number, total: number, label: string) => void
  readonly signal?: AbortSignal
}

/**
 * Proves migrations of one system with rows present, in version order, from the state that the proof kept. Ends at an
 * up that does not run.
 */
export async function proveSystemData({
  proof,
  wants,
  fixtures,
  onProgress,
  signal,
}: SystemDataRequest): Promise<DataProof[]> {
  if (proof.kept === null) return []
  const { index, open } = proof.kept
  const reached = proof.proofs.slice(index).filter(({ after }) => after !== null)
  const proven: DataProof[] = []
  const linear = await open()
  try {
    for (const [n, each] of reached.entries()) {
      signal?.throwIfAborted()
      onProgress?.(n, reached.length, migrationLabel(each.migration))
      if (wants(each.migration)) proven.push(await proveData(linear, each, fixtures))
      if (await executeScript(linear.sql, each.migration.up)) break
      linear.reached++
    }
    onProgress?.(reached.length, reached.length, 'proven with rows')
    return proven
  } finally {
    await linear[Symbol.asyncDispose]()
  }
}
