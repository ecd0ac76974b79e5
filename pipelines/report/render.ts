import type { Report } from './report.ts'

/** What a renderer may know besides the report. Everything is a value, so that a rendering can be repeated to the byte. */
export interface RenderContext {
  /** The text of a file that a location names (relative to the config file); null when it cannot be read. */
  readonly readSource: (file: string) => string | null
  /** Colours, for a terminal. */
  readonly color: boolean
  /** Columns of the terminal. */
  readonly width: number
  /** The config file's directory relative to the repository's root, without slashes at the ends; `''` for the root itself. */
  readonly prefix: string
  /** `https://github.com/owner/name/blob/<sha>`: where lines can be linked to; null for no links. */
  readonly sourceUrl: string | null
  /** The CI run with the full report; null outside CI. */
  readonly runUrl: string | null
}

/** A report in one format, ending with a line feed. */
export type Render = (report: Report, context: RenderContext) => string

/** Nothing known: no sources, no colours, no links, 100 columns. */
export const plainContext: RenderContext = {
  readSource: () => null,
  color: false,
  width: 100,
  prefix: '',
  sourceUrl: null,
  runUrl: null,
}
