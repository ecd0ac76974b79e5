import { PgBoss } from 'pg-boss'
import type { Place } from '../database.ts'

/** A partition that some worker is to take. */
export interface Order {
  readonly run: string
  readonly partition: number
}

/** An order as one worker has it; whoever does not say so in time has lost it. */
export interface Delivery extends Order {
  readonly id: string
  readonly queue: string
}

/** pg-boss keeps its tables apart from landfall's, and makes them when they are not there. */
const SCHEMA = 'landfall_queue'
const HEARTBEAT_S = 30
const ONE_DAY_S = 24 * 60 * 60
const RETRIES = 100_000

const keyOf = ({ run, partition }: Order): string => `${run}/${partition}`

/**
 * The orders for partitions, over pg-boss: one at a time for each partition, delivered again when a worker fails, or is
 * silent. What is done is not asked of the queue but of the ledger: an order that comes twice does no harm.
 */
export class PartitionQueue implements AsyncDisposable {
  readonly #boss: PgBoss
  readonly #made = new Set<string>()

  private constructor(boss: PgBoss) {
    this.#boss = boss
  }

  static async open({ url }: Place, say: (line: string) => void): Promise<PartitionQueue> {
    const boss = new PgBoss({
      connectionString: url,
      application_name: 'landfall backfill queue',
      schema: SCHEMA,
      max: 2,
      schedule: false,
      superviseIntervalSeconds: 10,
      monitorIntervalSeconds: 10,
    })
    boss.on('error', (error: Error) => say(`queue: ${error.message}`))
    await boss.start()
    return new PartitionQueue(boss)
  }

  /** Orders a partition, unless it is ordered already. */
  async order(queue: string, order: Order): Promise<void> {
    if (!this.#made.has(queue)) {
      await this.#boss.createQueue(queue, {
        policy: 'exclusive',
        retryLimit: RETRIES,
        retryDelay: 1,
        expireInSeconds: ONE_DAY_S,
        heartbeatSeconds: HEARTBEAT_S,
        deleteAfterSeconds: ONE_DAY_S,
      })
      this.#made.add(queue)
    }
    await this.#boss.send(queue, order, { singletonKey: keyOf(order) })
  }

  /** The next order, or null when there is none. */
  async take(queue: string): Promise<Delivery | null> {
    const [job] = await this.#boss.fetch<Order>(queue)
    return job === undefined ? null : { id: job.id, queue, ...job.data }
  }

  /** Says every few seconds that the worker is alive, until it is disposed of. */
  alive({ queue, id }: Delivery): Disposable {
    const timer = setInterval(() => void this.#boss.touch(queue, id).catch(() => {}), (HEARTBEAT_S / 3) * 1000)
    timer.unref()
    return { [Symbol.dispose]: () => clearInterval(timer) }
  }

  async done({ queue, id }: Delivery): Promise<void> {
    await this.#boss.complete(queue, id)
  }

  /** It is delivered again, to anybody. */
  async giveBack({ queue, id }: Delivery, why: string): Promise<void> {
    await this.#boss.fail(queue, id, { why })
  }

  /** The same for an order whose worker is known to be dead. */
  async takeBack(queue: string, order: Order): Promise<void> {
    for (const { id, state } of await this.#boss.findJobs<Order>(queue, { key: keyOf(order) }))
      if (state === 'active') await this.#boss.fail(queue, id, { why: 'the worker is gone' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#boss.stop({ graceful: false, close: true })
  }
}
