import { z } from 'zod'
import { defineBackfill } from './define.ts'
import { rollbackRun } from './rollback.ts'
import { runBackfill, type JobPlace } from './run.ts'
import { jsonFile } from './sources/json-file.ts'

/** For tests: a run, or a rollback, in a process of its own that prints a dot for every transaction, so that it can be killed anywhere. */
export const job = defineBackfill({
  name: 'app/events',
  from: jsonFile('events.json'),
  schema: z.object({ id: z.number(), body: z.string() }),
  into: 'events',
})

const [, script, verb, place] = process.argv
if (script?.endsWith('killed-run.ts') === true) {
  const at = JSON.parse(place!) as Omit<JobPlace, 'job'>
  const dot = () => void process.stdout.write('.')
  if (verb === 'run') await runBackfill({ ...at, job, onProgress: dot, batch: { rows: 100, bytes: 1e6, ms: 1e6 } })
  else await rollbackRun({ ...at, run: job.name, laterWrites: 'refuse', onUndone: dot })
}
