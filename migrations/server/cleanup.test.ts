import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { expect, inject, test } from 'vitest'
import { projectOf, soundProject } from '../../fixtures/project.ts'

/** What a process has made on its way, told by itself. */
interface Made {
  readonly home: string
  readonly postmaster: number
  readonly owner: string
}

/** Starts a server and a database, says what there is, then does as it is told, or waits to be killed. */
const PROGRAM = `
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
const [provider, serverUrl, then] = process.argv.slice(1)
const { startServer } = await import('${new URL('provider.ts', import.meta.url).href}')
const { openDatabases, connect } = await import('${new URL('databases.ts', import.meta.url).href}')
const server = await startServer({ provider, image: 'postgres:18', serverUrl, dockerHost: null, cache: null })
const databases = await openDatabases(server)
const database = await databases.create()
const own = database.connect()
await own.unsafe('create role made_by_' + databases.owner)
await own.end()
const sql = connect(database.superuserUrl)
const [{ directory }] = await sql\`select current_setting('data_directory') as directory\`
await sql.end()
const postmaster = Number(readFileSync(directory + '/postmaster.pid', 'utf8').split('\\n')[0])
console.log(JSON.stringify({ home: dirname(directory), postmaster, owner: databases.owner }))
if (then === 'fail') throw new Error('on purpose')
if (then === 'succeed') { await databases[Symbol.asyncDispose](); await server[Symbol.asyncDispose](); process.exit() }
setInterval(() => {}, 1000)
`

async function started(
  provider: string,
  then: string,
): Promise<{ child: ChildProcess; made: Made; exit: Promise<unknown> }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, provider, inject('serverUrl'), then], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const exit = once(child, 'exit')
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, made: JSON.parse(line.toString()) as Made, exit }
}

const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function within5s(gone: () => Promise<boolean> | boolean): Promise<boolean> {
  for (const end = Date.now() + 5000; Date.now() < end; await sleep(50)) if (await gone()) return true
  return false
}

test.for(['succeed', 'fail', 'SIGINT', 'SIGKILL'])(
  'an embedded server and its directory are gone within 5 s of: %s',
  async (end) => {
    const { child, made, exit } = await started('embedded', end)
    const kept = end.startsWith('SIG') ? [lives(made.postmaster), existsSync(made.home)] : [true, true]
    expect(kept).toEqual([true, true])
    if (end.startsWith('SIG')) child.kill(end as NodeJS.Signals)
    await exit
    expect(await within5s(() => !lives(made.postmaster) && !existsSync(made.home))).toBe(true)
  },
)

test.for(['succeed', 'fail', 'SIGKILL'])(
  'on a server that stays, databases and roles are gone within 5 s of: %s',
  async (end) => {
    const { child, made, exit } = await started('server', end)
    if (end.startsWith('SIG')) child.kill(end as NodeJS.Signals)
    await exit
    const admin = postgres(inject('serverUrl'), { max: 1 })
    const left = async (): Promise<string[]> => {
      const rows = await admin`
      select datname as name from pg_database where starts_with(datname, ${made.owner})
      union all select rolname from pg_roles where position(${made.owner} in rolname) > 0`
      return rows.map(({ name }) => String(name))
    }
    await within5s(async () => (await left()).length === 0)
    expect(await left()).toEqual([])
    expect(lives(made.postmaster)).toBe(true)
    await admin.end()
  },
)

test.for([
  ['embedded', { LANDFALL_SERVER_URL: undefined }],
  ['server', {}],
] as const)('two gates at once do not disturb each other: %s', async ([provider, env]) => {
  await using one = await soundProject()
  await using other = await projectOf({
    'landfall.config.ts': "export default { migrations: 'sql' }\n",
    'sql/1_roles.up.sql': `create role gate_${provider}_reader;`,
    'sql/1_roles.down.sql': `drop role gate_${provider}_reader;`,
  })
  const gates = [one, other].map((project) => project.reported(['gate'], { env }))
  const results = await Promise.all(gates)
  expect(results.map(({ code, report }) => [code, report.findings, report.postgres?.provider])).toEqual([
    [0, [], provider],
    [0, [], provider],
  ])
})
