import { LandfallError, messageOf } from '../error.ts'
import type { PostgresSettings } from '../settings.ts'
import { embeddedVersion } from './embedded-binaries.ts'
import { startEmbedded } from './embedded.ts'
import { useExternal } from './external.ts'
import type { FreshServer, ProviderName } from './server.ts'
import { dockerProblem, startTestcontainers } from './testcontainers.ts'

export interface ServerRequest extends PostgresSettings {
  /** `LANDFALL_SERVER_URL`, or null. */
  readonly serverUrl: string | null
  /** `DOCKER_HOST`, or null. */
  readonly dockerHost: string | null
  /** The directory in which what was replayed is kept, or null. */
  readonly cache: string | null
}

const start: Readonly<Record<ProviderName, (request: ServerRequest, reason: string) => Promise<FreshServer>>> = {
  embedded: ({ cache }, reason) => startEmbedded(reason, cache),
  testcontainers: ({ image, dockerHost }, reason) => startTestcontainers(image, reason, dockerHost),
  server: ({ serverUrl, cache }, reason) => {
    if (serverUrl !== null) return useExternal(serverUrl, reason, cache !== null)
    throw new LandfallError('usage', 'server/no-url', 'the provider is "server", and LANDFALL_SERVER_URL is not set', {
      next: 'set LANDFALL_SERVER_URL to the URL of a PostgreSQL server made for tests',
    })
  },
}

/** A fresh server by the provider that was asked for; `auto` chooses, and says why. */
export async function startServer(request: ServerRequest): Promise<FreshServer> {
  if (request.provider !== 'auto') return start[request.provider](request, `asked for: provider ${request.provider}`)
  const { name, reason } = await choose(request)
  return start[name](request, reason)
}

async function choose({
  serverUrl,
  image,
  dockerHost,
}: ServerRequest): Promise<{ name: ProviderName; reason: string }> {
  if (serverUrl !== null) return { name: 'server', reason: 'auto: LANDFALL_SERVER_URL is set' }
  const embedded = usableEmbedded(image)
  if (embedded.usable) return { name: 'embedded', reason: `auto: ${embedded.reason}` }
  const problem = await dockerProblem(dockerHost)
  if (problem === null) return { name: 'testcontainers', reason: `auto: ${embedded.reason}, and Docker answers` }
  const tried = ['LANDFALL_SERVER_URL is not set', embedded.reason, `no Docker engine answers: ${problem}`]
  throw new LandfallError('environment', 'server/none', `no PostgreSQL to work on: ${tried.join('; ')}`, {
    next: 'install the optional dependencies (npm ci), start Docker, or set LANDFALL_SERVER_URL',
    fields: { tried },
  })
}

function usableEmbedded(image: string): { usable: boolean; reason: string } {
  try {
    const version = embeddedVersion()
    const wanted = /:v?(\d+)/.exec(image.replace(/@.*$/, ''))?.[1] ?? null
    const usable = wanted === version.split('.')[0]
    return { usable, reason: `the embedded server is ${version}, the image ${image}` }
  } catch (error) {
    return { usable: false, reason: messageOf(error) }
  }
}
