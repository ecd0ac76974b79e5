import { LandfallError } from '../migrations/error.ts'
import type { Migration } from '../migrations/migration.ts'
import { rolesCollide, rolesOf } from '../migrations/roles.ts'
import type { FreshServer } from '../migrations/server/server.ts'

/** What of a system decides whom it can share a server with. */
export interface Tenant {
  readonly name: string
  readonly migrations: () => Promise<{ readonly migrations: readonly Migration[] }>
}

/** The fresh servers of a run, each started when a system asks for it. */
export interface Servers {
  readonly of: (system: string) => Promise<FreshServer>
  /** Those that were asked for, and could be started. */
  readonly started: () => Promise<FreshServer[]>
}

/**
 * One server for all systems. Roles belong to a server, not to a database: systems whose migrations are about roles of the
 * same name are each on one of its own.
 */
export function serversFor(tenants: readonly Tenant[], start: () => Promise<FreshServer>): Servers {
  const servers: Promise<FreshServer>[] = []
  const at = (place: number): Promise<FreshServer> => (servers[place] ??= start())
  let places: Promise<ReadonlyMap<string, number>> | null = null
  return {
    async of(system) {
      const place = (await (places ??= placesOf(tenants))).get(system)!
      if (place === 0) return at(0)
      if ((await at(0)).provider === 'server') throw noOther(system)
      return at(place)
    },
    started: async () =>
      (await Promise.allSettled(servers)).flatMap((server) => (server.status === 'fulfilled' ? [server.value] : [])),
  }
}

/** The first server on which nobody is in the way. */
async function placesOf(tenants: readonly Tenant[]): Promise<ReadonlyMap<string, number>> {
  const places = new Map<string, number>()
  const roles: ReadonlySet<string>[][] = []
  for (const { name, migrations } of tenants) {
    // What cannot be read is said where it is asked for.
    const own = await migrations().then(
      (set) => rolesOf(set.migrations),
      () => new Set<string>(),
    )
    const free = roles.findIndex((others) => !others.some((other) => rolesCollide(own, other)))
    const place = free === -1 ? roles.length : free
    ;(roles[place] ??= []).push(own)
    places.set(name, place)
  }
  return places
}

const noOther = (system: string): LandfallError =>
  new LandfallError(
    'environment',
    'server/roles-collide',
    `the migrations of ${system} make or change roles that another system has too, and the provider "server" has one server for both`,
    {
      next: `run ${system} by itself (--system ${system}), or use --provider embedded or testcontainers, which start one for each`,
    },
  )
