// The watchdog's program: reads resources, one JSON value a line, until its standard input ends; then ends them.
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { dropRun } from './drop-run.ts'
import type { Resource } from './server.ts'

type End = { readonly [K in Resource['kind']]: (resource: Extract<Resource, { kind: K }>) => Promise<void> }

const end: End = {
  /** SIGQUIT makes a postmaster end its backends at once and free its shared memory; SIGKILL if that does not help. */
  async process({ pid }) {
    signal(pid, 'SIGQUIT')
    for (let waited = 0; waited < 3000 && signal(pid, 0); waited += 10) await sleep(10)
    signal(pid, 'SIGKILL')
  },
  async directory({ path }) {
    await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  },
  async container({ run }) {
    const { dockerode } = (await engine()).container
    const filters = { label: [`landfall.run=${run}`] }
    // A parent killed in the middle of a creation may leave a container that appears a moment later.
    for (let empty = 0; empty < 2; await sleep(200)) {
      const containers = await dockerode.listContainers({ all: true, filters })
      empty = containers.length === 0 ? empty + 1 : 0
      for (const { Id } of containers)
        await dockerode
          .getContainer(Id)
          .remove({ force: true, v: true })
          .catch(() => {})
    }
  },
  async databases({ url, prefix }) {
    const { default: postgres } = await import('postgres')
    const sql = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 5 })
    try {
      await dropRun(sql, prefix)
    } finally {
      await sql.end({ timeout: 1 })
    }
  },
}

let found: ReturnType<typeof findEngine> | null = null

/** The Docker engine, looked for once; again when that failed. */
const engine = (): ReturnType<typeof findEngine> =>
  (found ??= findEngine().catch((error: unknown) => {
    found = null
    throw error
  }))

const findEngine = async () => (await import('testcontainers')).getContainerRuntimeClient()

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {})

const resources: Resource[] = []
for await (const line of createInterface({ input: process.stdin })) {
  const resource = JSON.parse(line) as Resource
  resources.push(resource)
  // Found while there is time: at the end seconds count.
  if (resource.kind === 'container') engine().catch(() => {})
}
// Newest first: a server goes before the directory that it lives in.
for (const resource of resources.toReversed()) {
  await (end[resource.kind] as (resource: Resource) => Promise<void>)(resource).catch(() => {})
}
process.exit(0)
