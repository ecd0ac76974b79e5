import type { CommandContext } from '@stricli/core'

/** The process as commands see it; only `cli.ts` makes one from the real thing. */
export interface CliContext extends CommandContext {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by the first SIGINT or SIGTERM, with an `Interrupted` as its reason. */
  readonly signal: AbortSignal
  /** Aborted by the second one, where somebody listens; else that ends the process. */
  readonly urgent: AbortSignal
  /** Data. */
  readonly out: (text: string) => void
  /** Data that is long: resolves when it is written, so that a slow reader is waited for. */
  readonly write: (text: string) => Promise<void>
  /** Standard input. */
  readonly input: AsyncIterable<Buffer>
  /** Talk. */
  readonly say: (line: string) => void
  readonly terminal: {
    readonly stdout: boolean
    readonly stderr: boolean
    readonly color: boolean
    readonly columns: number
  }
  /** Standard error, for progress that rewrites its line. */
  readonly stderr: NodeJS.WriteStream
  /** Asks a question on the terminal; null when nobody is there to answer. */
  readonly ask: ((question: string) => Promise<string>) | null
  /** From then on the process imports whatever TypeScript a team writes. */
  readonly readTypeScript: () => Promise<void>
  readonly exit: (code: number) => void
}
