/** Where a fresh server comes from. A named provider never falls back to another. */
export type ProviderName = 'testcontainers' | 'embedded' | 'server'

/** A PostgreSQL server that landfall may do with as it likes. */
export interface FreshServer extends AsyncDisposable {
  readonly provider: ProviderName
  /** Why this provider: one sentence for the report. */
  readonly reason: string
  /** `server_version`, e.g. `18.4`. */
  readonly version: string
  /** Connects as a superuser (for `server`: as the user of the given URL) to its maintenance database. */
  readonly adminUrl: string
  /** Null when nothing of replayed migrations is kept. */
  readonly cache: ServerCache | null
  /** Hands further resources to the watchdog, so that they are gone even after SIGKILL. */
  readonly guard: (resource: Resource) => void
}

/** Where a server keeps what stays of it: template databases live on the server. */
export interface ServerCache {
  /** How many bytes of template databases are kept. */
  readonly limitBytes: number
  /** Says that there is something new to keep. */
  changed(): void
  /** Keeps it, if there is; the server may be stopped by it. */
  save(): Promise<void>
}

/** What the watchdog ends when its parent is gone. */
export type Resource =
  | { readonly kind: 'process'; readonly pid: number }
  | { readonly kind: 'directory'; readonly path: string }
  /** Containers with the label `landfall.run=<id>`. */
  | { readonly kind: 'container'; readonly run: string }
  /** Databases and roles whose name begins with `prefix`, on the server at `url`. */
  | { readonly kind: 'databases'; readonly url: string; readonly prefix: string }
