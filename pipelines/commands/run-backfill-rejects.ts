import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { discardRejects } from '../../backfills/rejects.ts'
import { jsonValue } from '../../backfills/sources/parse-record.ts'
import { retryRejects } from '../../backfills/retry.ts'
import { exportRejectsOf, rejectsOf } from '../../backfills/status.ts'
import { jsonText as jsonOf } from '../../backfills/json-text.ts'
import { LandfallError, messageOf } from '../../migrations/error.ts'
import { findRunOf } from '../backfill-run.ts'
import { count } from '../report/phrases.ts'
import { command, confirmElsewhere, operatorOf, placed, rejectFindings, shown } from './backfill-command.ts'
import type { RejectsFlags, RetryFlags, SettleFlags } from './backfill-flags.ts'
import { jsonText, rejectLines } from './backfill-text.ts'
import { confirm } from './confirm.ts'

export const list = command<RejectsFlags>('rejects list', async (context, flags, name) => {
  const { place, run } = await findRunOf(await placed(context, flags), name)
  const rejects = await rejectsOf(place, { system: place.system, name: run.id }, { settled: flags.all })
  return { exitCode: 0, text: flags.json ? jsonText({ rejects }) : rejectLines(rejects) }
})

export const exportRejects = command<RejectsFlags>('rejects export', async (context, flags, name) => {
  const { place, run } = await findRunOf(await placed(context, flags), name)
  for await (const portion of exportRejectsOf(place, { system: place.system, name: run.id }, { settled: flags.all }))
    context.out(portion.map((reject) => `${JSON.stringify(reject)}\n`).join(''))
  return { exitCode: 0, text: '' }
})

export const retry = command<RetryFlags>('rejects retry', async (context, flags, name) => {
  const jobs = await placed(context, flags)
  const { place, run } = await findRunOf(jobs, name)
  await confirmElsewhere(
    context,
    flags,
    place,
    run.name,
    async () => `trying the rejects of ${run.name} (${run.id}) again`,
  )
  const given = flags.from === undefined ? null : await readMended(resolve(context.cwd, flags.from), flags.from)
  const stored =
    given === null ? [] : await rejectsOf(place, { system: place.system, name: run.id }, { ids: [...given.keys()] })
  const raws = new Map(stored.map(({ id, raw }) => [id, raw]))
  const mended = new Map(
    [...(given ?? [])].filter(([id, text]) => text !== null && text !== raws.get(id)) as [number, string][],
  )
  const outcome = await retryRejects({
    ...place,
    run: run.id,
    ids: flags.id ?? (given === null ? null : [...given.keys()]),
    mended,
    operator: operatorOf(context, flags),
    signal: context.signal,
  })
  context.say(
    `${run.name}: ${count(outcome.carried, 'record')} carried over, ${count(outcome.open.length, 'reject')} open`,
  )
  const findings = rejectFindings(place, run, outcome.open)
  return { exitCode: outcome.open.length > 0 ? 1 : 0, ...shown(flags, jobs, [outcome.run], findings) }
})

export const discard = command<SettleFlags>('rejects discard', async (context, flags, name) => {
  const jobs = await placed(context, flags)
  const { place, run } = await findRunOf(jobs, name)
  const filter = { system: place.system, name: run.id }
  const ids = flags.id ?? null
  await confirm(context, flags.yes, run.name, 'Records that are discarded are not carried over.', async () =>
    rejectLines(await rejectsOf(place, filter, { ids })),
  )
  const outcome = await discardRejects(place, filter, { ids }, operatorOf(context, flags))
  context.say(`${run.name}: ${count(outcome.discarded, 'reject')} discarded`)
  return { exitCode: 0, ...shown(flags, jobs, [outcome.run]) }
})

// --- internal ---

const mendedLine = z.looseObject({
  id: z.int(),
  raw: z.string().optional(),
  mended: z.unknown().optional(),
})

/** The records of an edited export, by the ids of their rejects. */
async function readMended(path: string, file: string): Promise<Map<number, string | null>> {
  const found = new Map<number, string | null>()
  let line = 0
  const wrong = (reason: string, cause?: unknown): LandfallError =>
    new LandfallError(
      'usage',
      'backfills/bad-mended',
      line === 0 ? `${file}: ${reason}` : `${file}:${line}: ${reason}`,
      {
        next: 'give lines as landfall backfill rejects export writes them',
        location: { file, line, column: null },
        cause,
      },
    )
  try {
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1
      if (text.trim() === '') continue
      const { id, raw, mended } = mendedLine.parse(jsonValue(text))
      if (found.has(id)) throw wrong(`the reject ${id} is there twice`)
      found.set(id, mended === undefined ? (raw ?? null) : jsonOf(mended)!)
    }
  } catch (error) {
    if (error instanceof LandfallError) throw error
    throw wrong(messageOf(error), error)
  }
  return found
}
