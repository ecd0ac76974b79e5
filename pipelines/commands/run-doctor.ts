import { messageOf } from '../../migrations/error.ts'
import { embeddedVersion } from '../../migrations/server/embedded-binaries.ts'
import { redact } from '../../migrations/server/redact.ts'
import { dockerProblem } from '../../migrations/server/testcontainers.ts'
import { toolVersion } from '../../migrations/version.ts'
import type { CliContext } from '../context.ts'
import { loadConfig } from '../load-config.ts'
import type { CommonFlags } from './flags.ts'
import { reported } from './reported.ts'

interface Diagnosis {
  readonly what: string
  readonly ok: boolean
  readonly detail: string
}

export const doctor = function (this: CliContext, flags: CommonFlags): Promise<void> {
  return reported(this, flags, 'doctor', async () => {
    const { env } = this
    const serverUrl = env['LANDFALL_SERVER_URL']
    const servers: Diagnosis[] = [
      await examine('embedded server', () => `PostgreSQL ${embeddedVersion()}`),
      await examine('Docker engine', async () => {
        const problem = await dockerProblem(env['DOCKER_HOST'] || null)
        if (problem !== null) throw new Error(problem)
        return 'answers'
      }),
      { what: 'LANDFALL_SERVER_URL', ok: Boolean(serverUrl), detail: serverUrl ? redact(serverUrl) : 'not set' },
    ]
    const rest: Diagnosis[] = [
      await examine('config', async () => {
        const { file, systems } = await loadConfig(this, flags.config ?? null)
        return `${file}: ${systems.map(({ name }) => name).join(', ')}`
      }),
      {
        what: 'DATABASE_URL',
        ok: Boolean(env['DATABASE_URL']),
        detail: env['DATABASE_URL'] ? redact(env['DATABASE_URL']) : 'not set',
      },
    ]
    const lines = [...servers, ...rest].map(
      ({ what, ok, detail }) => `${ok ? '✓' : '-'} ${what.padEnd(20)} ${detail}\n`,
    )
    const text = `landfall ${toolVersion}\n${lines.join('')}`
    return { exitCode: servers.some(({ ok }) => ok) ? 0 : 3, text }
  })
}

async function examine(what: string, look: () => string | Promise<string>): Promise<Diagnosis> {
  try {
    return { what, ok: true, detail: await look() }
  } catch (error) {
    return { what, ok: false, detail: messageOf(error) }
  }
}
