import { github } from './github.ts'
import { html } from './html.ts'
import { json } from './json.ts'
import { junit } from './junit.ts'
import { markdown } from './markdown.ts'
import type { Render } from './render.ts'
import { sarif } from './sarif.ts'
import { terminal } from './terminal.ts'

/** Every format that can be asked for; one file each. */
export const formats = { terminal, json, markdown, github, sarif, junit, html } satisfies Readonly<
  Record<string, Render>
>

export type FormatName = keyof typeof formats

export const formatNames = Object.keys(formats) as readonly FormatName[]

export const isFormatName = (name: string): name is FormatName => Object.hasOwn(formats, name)
