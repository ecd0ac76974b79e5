import { randomUUID } from 'node:crypto'
import { storeJob } from '../../../fixtures/systems/idea-lab/job.ts'
import { memoryIdeaLab } from '../../../fixtures/systems/idea-lab/memory/idea-lab.ts'
import { readSnapshot } from '../../../fixtures/systems/idea-lab/records.ts'

/** From the services themselves, as they stand in memory. */
export default storeJob(async () =>
  memoryIdeaLab({ now: () => new Date(), newId: randomUUID }, await readSnapshot()).snapshot(),
)
