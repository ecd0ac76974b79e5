import { randomBytes } from 'node:crypto'
import { LandfallError, messageOf } from '../error.ts'
import { redact } from './redact.ts'
import type { FreshServer } from './server.ts'
import { startWatchdog } from './watchdog.ts'

const FLAGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_wal_size=1GB'].flatMap((flag) => [
  '-c',
  flag,
])

const MEMORY = '/var/lib/landfall'

/**
 * Whether a Docker engine answers, and if not, what it said. Where `DOCKER_HOST` does not answer, Testcontainers goes
 * on to the socket of this machine; an engine that was named never falls back to another.
 */
export async function dockerProblem(dockerHost: string | null): Promise<string | null> {
  const { getContainerRuntimeClient } = await import('testcontainers')
  try {
    const { container } = await getContainerRuntimeClient()
    const { socketPath } = container.dockerode.modem as { socketPath?: string }
    const another = dockerHost !== null && socketPath !== undefined && dockerHost !== `unix://${socketPath}`
    return another ? `DOCKER_HOST is ${redact(dockerHost)}, and nothing answers there` : null
  } catch (error) {
    return messageOf(error)
  }
}

/** PostgreSQL in a container of `image`, through Testcontainers. */
export async function startTestcontainers(
  image: string,
  reason: string,
  dockerHost: string | null,
): Promise<FreshServer> {
  const problem = await dockerProblem(dockerHost)
  if (problem !== null) {
    throw new LandfallError('environment', 'server/no-docker', `no Docker engine answers: ${problem}`, {
      next: 'start Docker, or use --provider embedded (no Docker needed)',
    })
  }
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql')
  const run = randomBytes(8).toString('hex')
  const watchdog = startWatchdog()
  watchdog.guard({ kind: 'container', run })
  try {
    const container = await new PostgreSqlContainer(image)
      .withLabels({ 'landfall.run': run })
      .withUsername('postgres')
      .withPassword(randomBytes(24).toString('base64url'))
      .withDatabase('postgres')
      // In memory, as the embedded server's (see memory-directory.ts).
      .withTmpFs({ [MEMORY]: 'rw' })
      .withEnvironment({ PGDATA: `${MEMORY}/data` })
      .withCommand(['postgres', ...FLAGS])
      .start()
    const adminUrl = container.getConnectionUri()
    const { output } = await container.exec(['postgres', '--version'])
    return {
      provider: 'testcontainers',
      reason,
      version: /\d+(?:\.\d+)?/.exec(output)?.[0] ?? 'unknown',
      adminUrl,
      cache: null,
      guard: watchdog.guard,
      [Symbol.asyncDispose]: watchdog.release,
    }
  } catch (error) {
    await watchdog.release()
    throw new LandfallError(
      'environment',
      'server/container-failed',
      `no container of ${image} could be started: ${messageOf(error)}`,
      {
        next: `see whether "docker run ${image}" works on this machine; the image is named by postgres.image in the config`,
        cause: error,
      },
    )
  }
}
