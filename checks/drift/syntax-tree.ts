/** A node of PostgreSQL's parse tree, read field by field: a closed grammar asks for what it knows and takes nothing else. */
export type Tree = Readonly<Record<string, unknown>>

export const field = (node: unknown, name: string): unknown =>
  typeof node === 'object' && node !== null ? (node as Tree)[name] : undefined
export const part = (node: unknown, name: string): Tree | undefined => field(node, name) as Tree | undefined
export const text = (node: unknown, name: string): string | undefined => field(node, name) as string | undefined
export const list = (node: unknown, name: string): readonly unknown[] =>
  (field(node, name) as unknown[] | undefined) ?? []
