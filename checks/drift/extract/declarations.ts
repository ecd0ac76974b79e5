import type { ts as TypeScript } from 'ts-morph'
import type { DeclaredType, Derivation } from '../type-model.ts'
import { schemaSubject } from '../type-names.ts'
import { nameLocation, type Reader, type Schema, type TypeNode } from './reader.ts'
import { tagsOf } from './tags.ts'
import { inferredSchema, schemaDerivations } from './zod.ts'

/** Every type that an entry file exports or declares, in order of file and line; a schema and its type are one. */
export function declaredTypes(reader: Reader): DeclaredType[] {
  const exported = new Map(reader.entries.flatMap(reader.exportsOf))
  const nodes = new Map([...exported, ...reader.entries.flatMap((file) => localNodes(reader, file))])
  const types: DeclaredType[] = []
  const claimed = new Set<TypeScript.Node>()
  for (const [node, name] of nodes) {
    if (reader.ts.isVariableDeclaration(node)) continue
    const { type, schema } = readType(reader, node, name, exported.has(node))
    if (schema !== null) claimed.add(schema.declaration)
    types.push(type)
  }
  for (const [node, name] of nodes) {
    if (!reader.ts.isVariableDeclaration(node) || claimed.has(node) || isLoader(reader, node, name, types)) continue
    const schema = reader.schemaOf(node)
    if (schema !== null) types.push(schemaType(reader, schema, node, name, exported.has(node)))
  }
  return types.toSorted(
    (a, b) =>
      reader.entries.findIndex(({ fileName }) => fileName.endsWith(a.location.file)) -
        reader.entries.findIndex(({ fileName }) => fileName.endsWith(b.location.file)) ||
      a.location.file.localeCompare(b.location.file) ||
      a.location.line! - b.location.line! ||
      a.location.column! - b.location.column!,
  )
}

/**
 * A schema beside an interface of its name describes what is loaded, not what is stored; asking the compiler for the
 * type of a schema costs more than all the rest.
 */
const isLoader = (
  reader: Reader,
  node: TypeScript.VariableDeclaration,
  name: string,
  types: readonly DeclaredType[],
): boolean =>
  types.some((type) => type.kind !== 'zod' && type.properties !== null && type.name === schemaSubject(name)) &&
  tagsOf(reader, node).length === 0

export const isTypeNode = ({ ts }: Pick<Reader, 'ts'>, node: TypeScript.Node): node is TypeNode =>
  ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isClassDeclaration(node)

/**
 * Declarations at the top of a file, and in what it adds to other modules (`declare module 'knex/types/tables'`): those that
 * are not exported count only when a tag or the config names them.
 */
function localNodes(reader: Reader, file: TypeScript.SourceFile): [TypeNode, string][] {
  const exported = new Set<TypeScript.Node>(reader.exportsOf(file).map(([node]) => node))
  return file.statements
    .flatMap((node) =>
      reader.ts.isModuleDeclaration(node) && node.body !== undefined && reader.ts.isModuleBlock(node.body)
        ? [...node.body.statements]
        : [node],
    )
    .filter((node): node is TypeNode => isTypeNode(reader, node) && !exported.has(node))
    .map((node) => [node, node.name?.text ?? 'default'])
}

function readType(
  reader: Reader,
  node: TypeNode,
  name: string,
  exported: boolean,
): { type: DeclaredType; schema: Schema | null } {
  const { ts } = reader
  const schema = inferredSchema(reader, inferringNode(reader, node))
  const content = schema === null ? reader.contentOf(node) : schema.content()
  return {
    schema,
    type: {
      name,
      kind:
        schema !== null
          ? 'zod'
          : ts.isInterfaceDeclaration(node)
            ? 'interface'
            : ts.isClassDeclaration(node)
              ? 'class'
              : 'alias',
      exported,
      generic: (node.typeParameters?.length ?? 0) > 0,
      schema: schema?.name ?? null,
      tags: [...tagsOf(reader, node), ...(schema === null ? [] : tagsOf(reader, schema.declaration))],
      location: nameLocation(reader, node),
      ...content,
      derived: schema === null ? derivations(reader, node) : schemaDerivations(reader, schema),
      mentions: mentions(reader, schema?.declaration ?? node, name),
    },
  }
}

function schemaType(
  reader: Reader,
  schema: Schema,
  node: TypeScript.VariableDeclaration,
  name: string,
  exported: boolean,
): DeclaredType {
  return {
    name,
    kind: 'zod',
    exported,
    generic: false,
    schema: schema.name,
    tags: tagsOf(reader, node),
    location: nameLocation(reader, node),
    ...schema.content(),
    derived: schemaDerivations(reader, schema),
    mentions: mentions(reader, node, name),
  }
}

/** The node that may say `z.infer<typeof X>`: an alias, or an interface that only extends it. */
function inferringNode({ ts }: Reader, node: TypeNode): TypeScript.TypeNode | undefined {
  if (ts.isTypeAliasDeclaration(node)) return node.type
  if (!ts.isInterfaceDeclaration(node) || node.members.length > 0) return undefined
  const bases = node.heritageClauses?.flatMap(({ types }) => [...types]) ?? []
  return bases.length === 1 ? bases[0] : undefined
}

const WRAPPERS: ReadonlyMap<string, Derivation['by'] | null> = new Map([
  ['Pick', 'pick'],
  ['Omit', 'omit'],
  ['Partial', 'partial'],
  ['Required', 'required'],
  ['Readonly', null],
])

function derivations(reader: Reader, node: TypeNode): Derivation[] {
  const { ts } = reader
  if (ts.isTypeAliasDeclaration(node)) return derivationsOf(reader, node.type, 'alias')
  const bases = node.heritageClauses?.flatMap(({ types }) => [...types]) ?? []
  return bases.flatMap((base) => derivationsOf(reader, base, 'extends'))
}

function derivationsOf(reader: Reader, node: TypeScript.TypeNode, by: Derivation['by']): Derivation[] {
  const { ts } = reader
  if (ts.isParenthesizedTypeNode(node)) return derivationsOf(reader, node.type, by)
  if (ts.isIntersectionTypeNode(node)) return node.types.flatMap((part) => derivationsOf(reader, part, 'intersection'))
  if (!ts.isTypeReferenceNode(node) && !ts.isExpressionWithTypeArguments(node)) return []
  const name = (ts.isTypeReferenceNode(node) ? node.typeName : node.expression).getText()
  const wrapped = node.typeArguments?.[0]
  if (!WRAPPERS.has(name) || wrapped === undefined) return [{ from: name, by }]
  const inner = derivationsOf(reader, wrapped, by)
  const own = WRAPPERS.get(name)
  // The outermost wrapper speaks first; what stands inside it stays behind it, with the same origin.
  return own == null
    ? inner
    : [...inner.slice(0, 1).map(({ from }) => ({ from, by: own })), ...inner.filter((d) => d.by !== by)]
}

/** Names of the types that the data of a declaration refers to; methods, and what it is derived from, do not count. */
function mentions({ ts }: Reader, root: TypeScript.Node, self: string): string[] {
  const found = new Set<string>()
  const visit = (node: TypeScript.Node): void => {
    if (ts.isMethodSignature(node) || ts.isMethodDeclaration(node) || ts.isFunctionLike(node)) return
    if (ts.isHeritageClause(node) || ts.isTypeQueryNode(node)) return
    if (ts.isTypeReferenceNode(node)) found.add(node.typeName.getText())
    if (ts.isVariableDeclaration(root) && ts.isIdentifier(node)) found.add(node.text)
    ts.forEachChild(node, visit)
  }
  const start = ts.isTypeAliasDeclaration(root) && ts.isTypeReferenceNode(root.type) ? [] : [root]
  for (const node of start) ts.forEachChild(node, visit)
  found.delete(self)
  return [...found].toSorted()
}
