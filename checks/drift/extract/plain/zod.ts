import type { ts as TypeScript } from 'ts-morph'
import { armsOf, type Property } from '../../type-model.ts'
import { asWritten, writtenType } from '../properties.ts'
import { type Content, nameLocation } from '../reader.ts'
import { tagsOf } from '../tags.ts'
import { withOutputs } from '../zod.ts'
import { plainly } from './not-plain.ts'
import { type Plain, valueOf } from './plain.ts'
import { type Schema, same } from './schema.ts'
import { STRING } from './simple-schemas.ts'
import { chained, coerced, made } from './zod-calls.ts'
import { functionOf, returnedBy } from './zod-functions.ts'

/** Reads an expression that makes a schema. Throws `NotPlain` for calls that the closed grammar does not know. */
export function readSchema(plain: Plain, node: TypeScript.Expression): Schema {
  const { ts, modules } = plain
  if (ts.isParenthesizedExpression(node) || ts.isSatisfiesExpression(node)) return readSchema(plain, node.expression)
  if (ts.isIdentifier(node)) {
    const value = valueOf(plain, node)
    return readSchema(value.plain, value.node)
  }
  plainly(ts.isCallExpression(node))
  if (ts.isIdentifier(node.expression)) {
    const returned = returnedBy(plain, functionOf(plain, node.expression), node)
    return 'schema' in returned ? returned.schema : readSchema(returned.plain, returned.node)
  }
  plainly(ts.isPropertyAccessExpression(node.expression))
  const { expression: target, name } = node.expression
  if (ts.isIdentifier(target) && modules.isZod(node, target.text)) return made(plain, name.text, node.arguments)
  if (ts.isPropertyAccessExpression(target) && ts.isIdentifier(target.expression)) {
    const group = modules.isZod(node, target.expression.text) ? target.name.text : ''
    if (group === 'iso') return same(STRING)
    if (group === 'coerce') return coerced(name.text)
  }
  return chained(plain, readSchema(plain, target), name.text, node.arguments)
}

/** The schema's own properties, each where it is written. */
export function schemaContent(plain: Plain, { entries, input }: Schema): Content {
  if (entries === null) {
    // Also what has properties that are written somewhere else.
    plainly(armsOf(input.type).every((arm) => arm.kind !== 'object' || arm.properties.length === 0))
    return { properties: null, methods: 0 }
  }
  const side = (of: 'input' | 'output'): Property[] =>
    [...entries].map(([name, { node, schema }]) => ({
      name,
      optional: schema[of].optional,
      type: schema[of].type,
      text: writtenType(plain, node)!,
      output: null,
      someArms: false,
      computed: false,
      tags: tagsOf(plain, node),
      location: nameLocation(plain, node),
    }))
  return { properties: withOutputs(side('input').toSorted(asWritten), side('output')), methods: 0 }
}

/** True for an expression that makes a schema, false for one that makes none. */
export function isSchema(plain: Plain, node: TypeScript.Expression): boolean {
  const { ts, modules } = plain
  let root = node
  let call: TypeScript.CallExpression | null = null
  while (
    ts.isCallExpression(root) ||
    ts.isPropertyAccessExpression(root) ||
    ts.isParenthesizedExpression(root) ||
    ts.isSatisfiesExpression(root)
  ) {
    call = ts.isCallExpression(root) ? root : null
    root = root.expression
  }
  if (root !== node || ts.isIdentifier(root)) {
    plainly(ts.isIdentifier(root))
    if (modules.isZod(root, root.text)) return true
    if (call !== null) {
      const returned = returnedBy(plain, functionOf(plain, root), call)
      return 'schema' in returned || isSchema(returned.plain, returned.node)
    }
    const value = valueOf(plain, root)
    return isSchema(value.plain, value.node)
  }
  plainly(
    ts.isArrayLiteralExpression(root) ||
      ts.isObjectLiteralExpression(root) ||
      ts.isLiteralExpression(root) ||
      ts.isArrowFunction(root) ||
      ts.isFunctionExpression(root) ||
      (ts.isAsExpression(root) && ts.isConstTypeReference(root.type)),
  )
  return false
}
