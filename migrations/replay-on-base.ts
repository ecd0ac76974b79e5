import { openSystemCache } from './cache/system-cache.ts'
import type { ScriptFailure } from './execute.ts'
import type { BranchComparison } from './branch.ts'
import type { Migration } from './migration.ts'
import { groundFor, preludeText, replay, type Ground } from './replay.ts'

/** What became of the branch's migrations after those that the base has gained; null where all of them ran. */
export interface BaseFailure {
  readonly migration: Migration
  readonly failure: ScriptFailure
  /** The first migration of the base that it cannot follow; null when it is the base's own that fails. */
  readonly after: Migration | null
}

export interface BaseReplayRequest extends Ground {
  readonly branch: Pick<BranchComparison, 'added' | 'incoming' | 'merged'>
  readonly signal?: AbortSignal
}

/**
 * Replays what production will have run after the merge: all of the base as it is now, then what the branch adds. Ups
 * alone: each way back is proven with the checkout. Nothing of it stays on the server, roles included.
 */
export async function replayOnBase(request: BaseReplayRequest): Promise<BaseFailure | null> {
  const { added, incoming, merged } = request.branch
  const failed = await failureOf(request, merged)
  if (failed === null || !added.has(failed.migration.up.file)) return failed && { ...failed, after: null }
  // Between a base that it runs on and one that it does not: fewer by half each time.
  let [runs, fails] = [0, incoming.length]
  while (fails - runs > 1) {
    const middle = Math.floor((runs + fails) / 2)
    const absent = new Set(incoming.slice(middle))
    const stops = await failureOf(
      request,
      merged.filter((migration) => !absent.has(migration)),
    )
    if (stops) fails = middle
    else runs = middle
  }
  return { ...failed, after: incoming[fails - 1]! }
}

async function failureOf(request: BaseReplayRequest, migrations: readonly Migration[]): ReturnType<typeof replay> {
  const { databases, schema, signal } = request
  await using cache = await openSystemCache(databases, { migrations, schema, prelude: await preludeText(request) })
  const start = await cache?.farthest(-1)
  const database = start?.database ?? (await groundFor(request))
  try {
    return await replay(database, schema, migrations.slice(start?.index ?? 0), { signal })
  } finally {
    await database[Symbol.asyncDispose]()
    await databases.dropRoles()
  }
}
